package io.mpquic.quic.endpoint;

import io.mpquic.quic.wire.ConnectionId;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.random.RandomGenerator;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Tokens that a server gives to clients, and by which they prove their address later (RFC 9000 §8.1). All that a token
 * says is in the token, so that a client costs no memory before its address is proven.
 *
 * <pre>
 *   kind │ nonce │ sealed by AES-GCM: issue time, serial number, and in a Retry token both connection IDs │ tag
 *    1       12     8          8                          1 + 0..20      1 + 0..20                           16
 *   └ authenticated, with the client's address ┘
 * </pre>
 *
 * <p>The key lives as long as the endpoint: tokens of a process before are as if the client had none.
 */
final class AddressTokens {
    /** What a token proves. */
    enum Proof {
        /** Nothing: there is no token, or none that this server made, or it is worn out (RFC 9000 §8.1.3). */
        NONE,
        /** The address: the token came in a NEW_TOKEN frame of an earlier connection. */
        ADDRESS,
        /** The address, and which IDs the Retry had. */
        RETRIED,
        /** It claims to come from a Retry and does not fit: the client will not get further with it (RFC 9000 §8.1.2). */
        REFUSED
    }

    /**
     * The outcome of a check.
     *
     * @param originalDestination for {@link Proof#RETRIED}: the client's very first Destination Connection ID
     */
    record Verdict(Proof proof, @Nullable ConnectionId originalDestination) {
        static final Verdict NONE = new Verdict(Proof.NONE, null);
        static final Verdict REFUSED = new Verdict(Proof.REFUSED, null);
    }

    /** RFC 9000 §8.1.3: short, for the answer to a Retry comes at once. */
    static final long RETRY_LIFETIME_NS = Duration.ofSeconds(10).toNanos();

    /** As long as an address of a home or a modem usually lasts. */
    static final long NEW_TOKEN_LIFETIME_NS = Duration.ofDays(1).toNanos();

    private static final byte RETRY = (byte) 0x52;
    private static final byte NEW_TOKEN = (byte) 0x4e;
    private static final int KEY_BYTES = 16;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BYTES = 16;
    private static final int LONGEST_CONTENT_BYTES = 2 * Long.BYTES + 2 * (1 + ConnectionId.MAX_LENGTH_BYTES);
    private static final int LONGEST_ADDRESS_BYTES = 16 + Short.BYTES;

    private final SecretKeySpec key;
    private final RandomGenerator random;
    private final UsedSerials used = new UsedSerials();
    private long nextSerial;

    AddressTokens(RandomGenerator random) {
        byte[] bytes = new byte[KEY_BYTES];
        random.nextBytes(bytes);
        key = new SecretKeySpec(bytes, "AES");
        this.random = random;
    }

    /** The token of a Retry packet. */
    byte[] forRetry(InetSocketAddress client, ConnectionId originalDestination, ConnectionId retrySource, long nowNs) {
        ByteBuffer content = content(nowNs);
        putId(content, originalDestination);
        putId(content, retrySource);
        return seal(RETRY, client, content);
    }

    /** The token of a NEW_TOKEN frame. */
    byte[] forLater(InetSocketAddress client, long nowNs) {
        return seal(NEW_TOKEN, client, content(nowNs));
    }

    private ByteBuffer content(long nowNs) {
        return ByteBuffer.allocate(LONGEST_CONTENT_BYTES).putLong(nowNs).putLong(nextSerial++);
    }

    private static void putId(ByteBuffer content, ConnectionId id) {
        content.put((byte) id.lengthBytes()).put(id.bytes());
    }

    private byte[] seal(byte kind, InetSocketAddress client, ByteBuffer content) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        byte[] token = new byte[1 + NONCE_BYTES + content.position() + TAG_BYTES];
        token[0] = kind;
        System.arraycopy(nonce, 0, token, 1, NONCE_BYTES);
        try {
            ByteBuffer out = ByteBuffer.wrap(token).position(1 + NONCE_BYTES);
            cipher(Cipher.ENCRYPT_MODE, token, client).doFinal(content.flip(), out);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES-GCM", e);
        }
        return token;
    }

    private Cipher cipher(int mode, byte[] token, InetSocketAddress client) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BYTES * Byte.SIZE, token, 1, NONCE_BYTES));
        ByteBuffer address = ByteBuffer.allocate(1 + LONGEST_ADDRESS_BYTES).put(token[0]);
        address.put(client.getAddress().getAddress());
        // RFC 9000 §8.1.4: a NAT may have given the client another port since its last connection, but not since a
        // Retry.
        if (token[0] == RETRY) {
            address.putShort((short) client.getPort());
        }
        cipher.updateAAD(address.flip());
        return cipher;
    }

    /**
     * Checks the token of an Initial packet. A token of a NEW_TOKEN frame is worth something once.
     *
     * @param destination the packet's Destination Connection ID
     */
    Verdict check(byte[] token, InetSocketAddress client, ConnectionId destination, long nowNs) {
        if (token.length == 0) {
            return Verdict.NONE;
        }
        ByteBuffer content = open(token, client);
        return switch (token[0]) {
            case RETRY -> content == null ? Verdict.REFUSED : checkRetry(content, destination, nowNs);
            case NEW_TOKEN -> content == null ? Verdict.NONE : checkNewToken(content, nowNs);
            default -> Verdict.NONE;
        };
    }

    private @Nullable ByteBuffer open(byte[] token, InetSocketAddress client) {
        int sealed = token.length - 1 - NONCE_BYTES;
        if (sealed < TAG_BYTES + 2 * Long.BYTES || sealed > TAG_BYTES + LONGEST_CONTENT_BYTES) {
            return null;
        }
        try {
            return ByteBuffer.wrap(cipher(Cipher.DECRYPT_MODE, token, client).doFinal(token, 1 + NONCE_BYTES, sealed));
        } catch (AEADBadTagException forgedOrOfAnother) {
            return null;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES-GCM", e);
        }
    }

    private static Verdict checkRetry(ByteBuffer content, ConnectionId destination, long nowNs) {
        long ageNs = nowNs - content.getLong();
        content.getLong();
        ConnectionId original = readId(content);
        // RFC 9000 §7.3: the client must go on with the ID that the Retry gave it.
        boolean fits =
                ageNs >= 0 && ageNs <= RETRY_LIFETIME_NS && readId(content).equals(destination);
        return fits ? new Verdict(Proof.RETRIED, original) : Verdict.REFUSED;
    }

    private static ConnectionId readId(ByteBuffer content) {
        byte[] id = new byte[content.get()];
        content.get(id);
        return new ConnectionId(id);
    }

    private Verdict checkNewToken(ByteBuffer content, long nowNs) {
        long ageNs = nowNs - content.getLong();
        boolean fresh = ageNs >= 0 && ageNs <= NEW_TOKEN_LIFETIME_NS && used.firstUse(content.getLong());
        return fresh ? new Verdict(Proof.ADDRESS, null) : Verdict.NONE;
    }
}
