package io.mpquic.quic.crypto;

import io.mpquic.quic.wire.ConnectionId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Derives secrets and keys (RFC 9001 §5.1, §5.2 and §6.1; HKDF is RFC 5869, and its labels are RFC 8446 §7.1).
 *
 * <p>Thread-safe. None of this is on the path of a packet.
 */
public final class KeySchedule {
    // RFC 9001 §5.2: the salt of version 1. It only keeps middleboxes that know no version from reading Initials.
    private static final byte[] INITIAL_SALT = HexFormat.of().parseHex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a");
    private static final String TLS_LABEL_PREFIX = "tls13 ";
    private static final byte[] NO_CONTEXT = {};

    private KeySchedule() {}

    /** The secret that a client's Initial packets are protected with (RFC 9001 §5.2). */
    public static byte[] clientInitialSecret(ConnectionId clientDestination) {
        return initialSecret(clientDestination, "client in");
    }

    /** The secret that a server's Initial packets are protected with (RFC 9001 §5.2). */
    public static byte[] serverInitialSecret(ConnectionId clientDestination) {
        return initialSecret(clientDestination, "server in");
    }

    /** The secret of the next key phase (RFC 9001 §6.1). */
    public static byte[] nextSecret(CipherSuite suite, byte[] secret) {
        return hkdfExpandLabel(suite, secret, "quic ku", NO_CONTEXT, suite.hashBytes());
    }

    /**
     * HKDF-Extract with the hash of the suite (RFC 5869 §2.2).
     *
     * @param salt may be empty, which stands for a hash length of zeros
     * @return a pseudorandom key of {@link CipherSuite#hashBytes()}
     */
    public static byte[] hkdfExtract(CipherSuite suite, byte[] salt, byte[] inputKeyingMaterial) {
        return mac(suite, salt.length == 0 ? new byte[suite.hashBytes()] : salt).doFinal(inputKeyingMaterial);
    }

    /**
     * HKDF-Expand-Label with the hash of the suite (RFC 8446 §7.1).
     *
     * @param label the label without the prefix {@code "tls13 "}, 1 to 249 ASCII characters
     * @param context at most 255 bytes
     * @param lengthBytes 1 to 255 times the hash length
     */
    public static byte[] hkdfExpandLabel(
            CipherSuite suite, byte[] secret, String label, byte[] context, int lengthBytes) {
        return hkdfExpand(suite, secret, hkdfLabel(label, context, lengthBytes), lengthBytes);
    }

    static byte[] packetKey(CipherSuite suite, byte[] secret) {
        return hkdfExpandLabel(suite, secret, "quic key", NO_CONTEXT, suite.keyBytes());
    }

    static byte[] packetIv(CipherSuite suite, byte[] secret) {
        return hkdfExpandLabel(suite, secret, "quic iv", NO_CONTEXT, CipherSuite.IV_BYTES);
    }

    static byte[] headerKey(CipherSuite suite, byte[] secret) {
        return hkdfExpandLabel(suite, secret, "quic hp", NO_CONTEXT, suite.keyBytes());
    }

    private static byte[] initialSecret(ConnectionId clientDestination, String label) {
        CipherSuite suite = CipherSuite.TLS_AES_128_GCM_SHA256;
        byte[] common = hkdfExtract(suite, INITIAL_SALT, clientDestination.bytes());
        return hkdfExpandLabel(suite, common, label, NO_CONTEXT, suite.hashBytes());
    }

    /**
     * <pre>
     *   | length (2) | label length (1) | "tls13 " + label | context length (1) | context |
     * </pre>
     */
    static byte[] hkdfLabel(String label, byte[] context, int lengthBytes) {
        byte[] fullLabel = (TLS_LABEL_PREFIX + label).getBytes(StandardCharsets.US_ASCII);
        if (fullLabel.length > 255 || context.length > 255) {
            throw new IllegalArgumentException("label or context longer than 255 bytes");
        }
        return ByteBuffer.allocate(Short.BYTES + 1 + fullLabel.length + 1 + context.length)
                .putShort((short) lengthBytes)
                .put((byte) fullLabel.length)
                .put(fullLabel)
                .put((byte) context.length)
                .put(context)
                .array();
    }

    /** RFC 5869 §2.3: T(i) = HMAC(secret, T(i - 1) | info | i), strung together and cut to length. */
    private static byte[] hkdfExpand(CipherSuite suite, byte[] secret, byte[] info, int lengthBytes) {
        if (lengthBytes < 1 || lengthBytes > 255 * suite.hashBytes()) {
            throw new IllegalArgumentException("HKDF cannot expand to " + lengthBytes + " bytes");
        }
        Mac mac = mac(suite, secret);
        ByteBuffer expanded = ByteBuffer.allocate(lengthBytes);
        byte[] previous = {};
        for (int i = 1; expanded.hasRemaining(); i++) {
            mac.update(previous);
            mac.update(info);
            mac.update((byte) i);
            previous = mac.doFinal();
            expanded.put(previous, 0, Math.min(previous.length, expanded.remaining()));
        }
        Arrays.fill(previous, (byte) 0);
        return expanded.array();
    }

    private static Mac mac(CipherSuite suite, byte[] key) {
        return Jca.always(suite.macName(), () -> {
            Mac mac = Mac.getInstance(suite.macName());
            mac.init(new SecretKeySpec(key, suite.macName()));
            return mac;
        });
    }
}
