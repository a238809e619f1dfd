package io.mpquic.quic.crypto;

import io.mpquic.quic.wire.ConnectionId;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The integrity tag at the end of a Retry packet (RFC 9001 §5.8). Its key is public: it tells a client that the sender
 * has seen its Initial packet, and finds damage. Thread-safe.
 */
public final class RetryIntegrity {
    // RFC 9001 §5.8: key and nonce of version 1.
    private static final SecretKeySpec KEY =
            new SecretKeySpec(HexFormat.of().parseHex("be0c690b9f66575a1d766b54e368c84e"), "AES");
    private static final byte[] NONCE = HexFormat.of().parseHex("461599d35d632bf2239825bb");

    private RetryIntegrity() {}

    /**
     * The tag of a Retry packet.
     *
     * @param originalDestination the Destination Connection ID of the Initial packet that the Retry answers
     * @param retryWithoutTag the Retry packet up to where the tag belongs
     * @return {@link PacketAead#TAG_BYTES} bytes
     */
    public static byte[] tag(ConnectionId originalDestination, byte[] retryWithoutTag) {
        byte[] id = originalDestination.bytes();
        return Jca.always("AES-GCM", () -> {
            // A new cipher each time: SunJCE does not encrypt twice with one nonce, and here there is only one.
            Cipher cipher = JdkCryptoProvider.cipher("AES/GCM/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, KEY, new GCMParameterSpec(PacketAead.TAG_BYTES * Byte.SIZE, NONCE));
            // RFC 9001 §5.8: the tag is over the original connection ID with its length, then the packet.
            cipher.updateAAD(new byte[] {(byte) id.length});
            cipher.updateAAD(id);
            cipher.updateAAD(retryWithoutTag);
            return cipher.doFinal();
        });
    }

    /**
     * Whether a whole Retry packet ends in the right tag. False also when it is too short to have one.
     *
     * @param originalDestination the Destination Connection ID of the Initial packet that we sent
     */
    public static boolean verify(ConnectionId originalDestination, byte[] retryPacket) {
        int taggedBytes = retryPacket.length - PacketAead.TAG_BYTES;
        if (taggedBytes < 0) {
            return false;
        }
        byte[] expected = tag(originalDestination, Arrays.copyOf(retryPacket, taggedBytes));
        return MessageDigest.isEqual(expected, Arrays.copyOfRange(retryPacket, taggedBytes, retryPacket.length));
    }
}
