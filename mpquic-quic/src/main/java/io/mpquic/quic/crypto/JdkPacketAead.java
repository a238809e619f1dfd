package io.mpquic.quic.crypto;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Objects;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * An AEAD of SunJCE.
 *
 * <p>Payloads pass through two byte arrays, from one to the other. That is the fast way by a wide margin: SunJCE copies
 * direct buffers in pieces of 512 bytes, and when it decrypts in place it leaves out the compiler intrinsic.
 */
final class JdkPacketAead implements PacketAead {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final int PACKET_NUMBER_OFFSET_IN_NONCE = CipherSuite.IV_BYTES - Long.BYTES;
    /** Enough for a packet on an Ethernet path; larger packets make the arrays grow once. */
    private static final int USUAL_PACKET_BYTES = 2048;

    private final String transformation;
    private final SecretKeySpec key;
    private final boolean gcm;
    private final byte[] nonce;
    private final long ivTail;
    private Cipher cipher;
    private byte[] input = new byte[USUAL_PACKET_BYTES];
    private byte[] output = new byte[USUAL_PACKET_BYTES];
    private long lastSealed = -1;

    private JdkPacketAead(String transformation, String keyAlgorithm, boolean gcm, byte[] key, byte[] iv) {
        this.transformation = transformation;
        this.key = new SecretKeySpec(key, keyAlgorithm);
        this.gcm = gcm;
        this.nonce = iv.clone();
        this.ivTail = (long) LONG.get(iv, PACKET_NUMBER_OFFSET_IN_NONCE);
        this.cipher = JdkCryptoProvider.cipher(transformation);
    }

    static JdkPacketAead aesGcm(byte[] key, byte[] iv) {
        return new JdkPacketAead("AES/GCM/NoPadding", "AES", true, key, iv);
    }

    static JdkPacketAead chaCha20Poly1305(byte[] key, byte[] iv) {
        return new JdkPacketAead("ChaCha20-Poly1305", "ChaCha20", false, key, iv);
    }

    @Override
    public void sealFrom(
            MemorySegment payload,
            long payloadOffset,
            int payloadLength,
            long packetNumber,
            MemorySegment packet,
            long headerOffset,
            int headerLength) {
        if (packetNumber <= lastSealed) {
            throw new IllegalStateException("packet number " + packetNumber + " sealed after " + lastSealed);
        }
        int sealedBytes = payloadLength + TAG_BYTES;
        Objects.checkFromIndexSize(headerOffset, headerLength + (long) sealedBytes, packet.byteSize());
        makeRoom(headerLength + payloadLength, sealedBytes);
        MemorySegment.copy(packet, ValueLayout.JAVA_BYTE, headerOffset, input, 0, headerLength);
        MemorySegment.copy(payload, ValueLayout.JAVA_BYTE, payloadOffset, input, headerLength, payloadLength);
        lastSealed = packetNumber;
        Jca.always(transformation, () -> {
            init(Cipher.ENCRYPT_MODE, packetNumber);
            cipher.updateAAD(input, 0, headerLength);
            return cipher.doFinal(input, headerLength, payloadLength, output, 0);
        });
        MemorySegment.copy(output, 0, packet, ValueLayout.JAVA_BYTE, headerOffset + headerLength, sealedBytes);
    }

    @Override
    public boolean open(
            long packetNumber, MemorySegment packet, long headerOffset, int headerLength, int ciphertextLength) {
        if (ciphertextLength < TAG_BYTES) {
            return false;
        }
        makeRoom(headerLength + ciphertextLength, ciphertextLength);
        MemorySegment.copy(packet, ValueLayout.JAVA_BYTE, headerOffset, input, 0, headerLength + ciphertextLength);
        int plaintextBytes;
        try {
            init(Cipher.DECRYPT_MODE, packetNumber);
            cipher.updateAAD(input, 0, headerLength);
            plaintextBytes = cipher.doFinal(input, headerLength, ciphertextLength, output, 0);
        } catch (AEADBadTagException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot open packet " + packetNumber, e);
        }
        MemorySegment.copy(output, 0, packet, ValueLayout.JAVA_BYTE, headerOffset + headerLength, plaintextBytes);
        return true;
    }

    private void makeRoom(int inputBytes, int outputBytes) {
        if (input.length < inputBytes) {
            input = new byte[Math.max(inputBytes, 2 * input.length)];
        }
        if (output.length < outputBytes) {
            output = new byte[Math.max(outputBytes, 2 * output.length)];
        }
    }

    private void init(int mode, long packetNumber) throws GeneralSecurityException {
        // RFC 9001 §5.3: the nonce is the IV with the packet number XORed into its end.
        LONG.set(nonce, PACKET_NUMBER_OFFSET_IN_NONCE, ivTail ^ packetNumber);
        AlgorithmParameterSpec parameters =
                gcm ? new GCMParameterSpec(TAG_BYTES * Byte.SIZE, nonce) : new IvParameterSpec(nonce);
        try {
            cipher.init(mode, key, parameters);
        } catch (InvalidKeyException e) {
            // The ChaCha20 of SunJCE refuses the nonce of the call before even to decrypt. But a packet can come
            // twice, and a forged one can come ahead of the real one. A new object has no such memory.
            cipher = JdkCryptoProvider.cipher(transformation);
            cipher.init(mode, key, parameters);
        }
    }
}
