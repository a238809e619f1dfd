package io.mpquic.quic.tls;

import io.mpquic.quic.crypto.CipherSuite;
import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/** All messages of a handshake, in the order in which both ends see them (RFC 8446 §4.4.1). */
final class Transcript {
    /** RFC 8446 §4.1.3: the random number by which a HelloRetryRequest is told from a ServerHello. */
    private static final byte[] RETRY_RANDOM =
            HexFormat.of().parseHex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c");

    /** Header and legacy_version. */
    private static final int RANDOM_OFFSET = HandshakeMessages.HEADER_BYTES + 2;

    private static final int SERVER_HELLO = 2;
    private static final byte MESSAGE_HASH = (byte) 254;

    private final ByteArrayOutputStream messages = new ByteArrayOutputStream();

    void add(byte[] buffer, int offset, int lengthBytes) {
        messages.write(buffer, offset, lengthBytes);
    }

    /** The hash of all messages so far. */
    byte[] hash(CipherSuite suite) {
        byte[] all = messages.toByteArray();
        MessageDigest digest = digest(suite);
        int firstBytes = firstBytes(all);
        if (!isRetryAt(all, firstBytes)) {
            return digest.digest(all);
        }
        // RFC 8446 §4.4.1: after a HelloRetryRequest, the hash of the first ClientHello stands for it.
        byte[] hashOfFirst = digest(suite).digest(Arrays.copyOf(all, firstBytes));
        digest.update(new byte[] {MESSAGE_HASH, 0, 0, (byte) hashOfFirst.length});
        digest.update(hashOfFirst);
        digest.update(all, firstBytes, all.length - firstBytes);
        return digest.digest();
    }

    /** The first message, which is the ClientHello. */
    byte[] clientHello() {
        byte[] all = messages.toByteArray();
        return Arrays.copyOf(all, firstBytes(all));
    }

    private static int firstBytes(byte[] all) {
        return HandshakeMessages.HEADER_BYTES + ((all[1] & 0xff) << 16 | (all[2] & 0xff) << 8 | (all[3] & 0xff));
    }

    /** Whether a message of the server is a HelloRetryRequest. */
    static boolean isRetry(byte[] message) {
        return isRetryAt(message, 0);
    }

    private static boolean isRetryAt(byte[] all, int at) {
        int random = at + RANDOM_OFFSET;
        return all.length >= random + RETRY_RANDOM.length
                && all[at] == SERVER_HELLO
                && Arrays.equals(all, random, random + RETRY_RANDOM.length, RETRY_RANDOM, 0, RETRY_RANDOM.length);
    }

    static MessageDigest digest(CipherSuite suite) {
        try {
            return MessageDigest.getInstance(suite.hashName());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has " + suite.hashName(), e);
        }
    }
}
