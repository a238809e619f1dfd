package io.mpquic.quic.endpoint;

import io.mpquic.quic.wire.ConnectionId;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Tokens that a server gives to clients, and by which they prove their address later (RFC 9000 §8.1). All that a token
 * says is in the token, so that a client costs no memory before its address is proven.
 *
 * <pre>
 *   salt │ sealed by AES-GCM: kind, address, issue time, process, serial number │ in a Retry token: port, both IDs │ tag
 *    16                         1   1 + 4|16      8        8          8                             2    2 x (1 + 0..20)  16
 * </pre>
 *
 * <p>All but the salt is sealed, so that what another server made, whatever it looks like, is told from a token of this
 * one that does not fit. Each token has a key of its own, made from the secret and its salt: a secret that lasts for years
 * seals more tokens than random nonces under one key would bear.
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

    private static final byte RETRY = 1;
    private static final byte NEW_TOKEN = 2;
    private static final String MAC = "HmacSHA256";
    private static final int SALT_BYTES = 16;
    private static final int KEY_BYTES = 16;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BYTES = 16;
    private static final int LONGEST_ADDRESS_BYTES = 16;
    private static final int SHORTEST_CONTENT_BYTES = 1 + 1 + 4 + 3 * Long.BYTES;
    private static final int LONGEST_CONTENT_BYTES =
            1 + 1 + LONGEST_ADDRESS_BYTES + 3 * Long.BYTES + Short.BYTES + 2 * (1 + ConnectionId.MAX_LENGTH_BYTES);

    /** One for all: to find a cipher among the providers costs more than to seal a token. */
    private final Cipher cipher;

    private final Mac mac;
    private final long epochOffsetNs;
    private final RandomGenerator random;
    /** Tells the tokens of this process from those of others that have the same secret. */
    private final long process;

    private final UsedTokens used = new UsedTokens(NEW_TOKEN_LIFETIME_NS);
    private long nextSerial;

    AddressTokens(TokenSecret secret, RandomGenerator random) {
        try {
            cipher = Cipher.getInstance("AES/GCM/NoPadding");
            mac = Mac.getInstance(MAC);
            mac.init(new SecretKeySpec(secret.key(), MAC));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES-GCM and HMAC", e);
        }
        epochOffsetNs = secret.epochOffsetNs();
        this.random = random;
        process = random.nextLong();
    }

    /** The token of a Retry packet. */
    byte[] forRetry(InetSocketAddress client, ConnectionId originalDestination, ConnectionId retrySource, long nowNs) {
        // RFC 9000 §8.1.4: a NAT may give the client another port for its next connection, but not after a Retry.
        ByteBuffer content = content(RETRY, client, nowNs).putShort((short) client.getPort());
        putId(content, originalDestination);
        putId(content, retrySource);
        return seal(content);
    }

    /** The token of a NEW_TOKEN frame. */
    byte[] forLater(InetSocketAddress client, long nowNs) {
        return seal(content(NEW_TOKEN, client, nowNs));
    }

    private ByteBuffer content(byte kind, InetSocketAddress client, long nowNs) {
        byte[] address = client.getAddress().getAddress();
        return ByteBuffer.allocate(LONGEST_CONTENT_BYTES)
                .put(kind)
                .put((byte) address.length)
                .put(address)
                .putLong(nowNs + epochOffsetNs)
                .putLong(process)
                .putLong(nextSerial++);
    }

    private static void putId(ByteBuffer content, ConnectionId id) {
        content.put((byte) id.lengthBytes()).put(id.bytes());
    }

    private byte[] seal(ByteBuffer content) {
        byte[] salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        byte[] token = Arrays.copyOf(salt, SALT_BYTES + content.position() + TAG_BYTES);
        try {
            prepare(Cipher.ENCRYPT_MODE, token);
            cipher.doFinal(content.flip(), ByteBuffer.wrap(token).position(SALT_BYTES));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES-GCM", e);
        }
        return token;
    }

    private void prepare(int mode, byte[] token) throws GeneralSecurityException {
        mac.update(token, 0, SALT_BYTES);
        byte[] made = mac.doFinal();
        cipher.init(
                mode,
                new SecretKeySpec(made, 0, KEY_BYTES, "AES"),
                new GCMParameterSpec(TAG_BYTES * Byte.SIZE, made, KEY_BYTES, NONCE_BYTES));
    }

    /**
     * Checks the token of an Initial packet. A token of a NEW_TOKEN frame is worth something once.
     *
     * @param destination the packet's Destination Connection ID
     */
    Verdict check(byte[] token, InetSocketAddress client, ConnectionId destination, long nowNs) {
        ByteBuffer content = open(token);
        if (content == null) {
            // RFC 9000 §8.1.3: what this server did not make is as if it were absent.
            return Verdict.NONE;
        }
        boolean isRetry = content.get() == RETRY;
        byte[] address = new byte[content.get()];
        content.get(address);
        boolean sameHost = Arrays.equals(address, client.getAddress().getAddress());
        if (isRetry) {
            return sameHost ? checkRetry(content, client, destination, nowNs + epochOffsetNs) : Verdict.REFUSED;
        }
        return sameHost ? checkNewToken(content, nowNs + epochOffsetNs) : Verdict.NONE;
    }

    private @Nullable ByteBuffer open(byte[] token) {
        int sealed = token.length - SALT_BYTES;
        if (sealed < TAG_BYTES + SHORTEST_CONTENT_BYTES || sealed > TAG_BYTES + LONGEST_CONTENT_BYTES) {
            return null;
        }
        try {
            prepare(Cipher.DECRYPT_MODE, token);
            return ByteBuffer.wrap(cipher.doFinal(token, SALT_BYTES, sealed));
        } catch (AEADBadTagException forgedOrOfAnother) {
            return null;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES-GCM", e);
        }
    }

    private static Verdict checkRetry(
            ByteBuffer content, InetSocketAddress client, ConnectionId destination, long nowNs) {
        long ageNs = nowNs - content.getLong();
        content.getLong(); // process
        content.getLong(); // serial number
        boolean samePort = content.getShort() == (short) client.getPort();
        ConnectionId original = readId(content);
        // RFC 9000 §7.3: the client must go on with the ID that the Retry gave it.
        boolean fits = samePort
                && ageNs >= 0
                && ageNs <= RETRY_LIFETIME_NS
                && readId(content).equals(destination);
        return fits ? new Verdict(Proof.RETRIED, original) : Verdict.REFUSED;
    }

    private static ConnectionId readId(ByteBuffer content) {
        byte[] id = new byte[content.get()];
        content.get(id);
        return new ConnectionId(id);
    }

    private Verdict checkNewToken(ByteBuffer content, long nowNs) {
        long issuedNs = content.getLong();
        long ageNs = nowNs - issuedNs;
        boolean fresh = ageNs >= 0
                && ageNs <= NEW_TOKEN_LIFETIME_NS
                && used.firstUse(content.getLong(), content.getLong(), issuedNs, nowNs);
        return fresh ? new Verdict(Proof.ADDRESS, null) : Verdict.NONE;
    }
}
