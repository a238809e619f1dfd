package io.mpquic.quic.crypto;

import io.mpquic.quic.crypto.LibCrypto.Algorithm;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.nio.ByteOrder;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** An AEAD of libcrypto. Packets in native memory are sealed and opened where they lie, and nothing is allocated. */
final class NativePacketAead implements PacketAead {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int PACKET_NUMBER_OFFSET_IN_NONCE = CipherSuite.IV_BYTES - Long.BYTES;
    private static final int LENGTH_OFFSET = 16;
    private static final int REST_OFFSET = 32;
    private static final int WORK_BYTES = 64;

    private final Algorithm algorithm;
    private final byte[] key;
    /** Nonce, the length that libcrypto reports, and what it writes at the end of a message: nothing. */
    private final MemorySegment work;

    private final long ivTail;
    /** Whether a nonce is a parameter like others, which is the shorter way. */
    private final boolean tellsNonce;

    private final CipherParameters nonce;
    private final CipherParameters tag;
    private final CipherParameters tagAndNonce;
    private @Nullable MemorySegment sealing;
    private @Nullable MemorySegment opening;
    private @Nullable MemorySegment copy;
    private long lastSealed = -1;

    /**
     * An AEAD with one key.
     *
     * @param tellsNonce whether {@link CipherParameters#NONCE} is known to the library; only for AES-GCM
     */
    NativePacketAead(Algorithm algorithm, byte[] key, byte[] iv, boolean tellsNonce) {
        this.algorithm = algorithm;
        this.key = key.clone();
        this.tellsNonce = tellsNonce;
        // One allocation: keys come and go, and each would have something to clean up.
        long one = CipherParameters.bytes(1);
        work = Arena.ofAuto().allocate(WORK_BYTES + 2 * one + CipherParameters.bytes(2), Long.BYTES);
        MemorySegment.copy(iv, 0, work, ValueLayout.JAVA_BYTE, 0, iv.length);
        ivTail = work.get(LONG, PACKET_NUMBER_OFFSET_IN_NONCE);
        nonce = new CipherParameters(work.asSlice(WORK_BYTES, one), CipherParameters.NONCE);
        nonce.set(0, work.address(), CipherParameters.WHOLE);
        tag = new CipherParameters(work.asSlice(WORK_BYTES + one, one), CipherParameters.TAG);
        tagAndNonce =
                new CipherParameters(work.asSlice(WORK_BYTES + 2 * one), CipherParameters.TAG, CipherParameters.NONCE);
        tagAndNonce.set(1, work.address(), CipherParameters.WHOLE);
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
        int packetBytes = headerLength + payloadLength + TAG_BYTES;
        Objects.checkFromIndexSize(payloadOffset, payloadLength, payload.byteSize());
        Objects.checkFromIndexSize(headerOffset, packetBytes, packet.byteSize());
        lastSealed = packetNumber;
        if (packet.isNative() && payload.isNative()) {
            sealNative(payload, payloadOffset, payloadLength, packetNumber, packet, headerOffset, headerLength);
        } else {
            MemorySegment inside = room(packetBytes);
            MemorySegment.copy(packet, headerOffset, inside, 0, headerLength);
            MemorySegment.copy(payload, payloadOffset, inside, headerLength, payloadLength);
            sealNative(inside, headerLength, payloadLength, packetNumber, inside, 0, headerLength);
            MemorySegment.copy(
                    inside, headerLength, packet, headerOffset + headerLength, payloadLength + (long) TAG_BYTES);
        }
    }

    private void sealNative(
            MemorySegment payload,
            long payloadOffset,
            int payloadLength,
            long packetNumber,
            MemorySegment packet,
            long headerOffset,
            int headerLength) {
        MemorySegment context = sealing;
        if (context == null) {
            context = LibCrypto.context(algorithm, true, key);
            sealing = context;
        }
        try {
            long handle = context.address();
            long length = work.address() + LENGTH_OFFSET;
            long header = packet.address() + headerOffset;
            long sealed = header + headerLength;
            setNonce(packetNumber);
            if (tellsNonce) {
                LibCrypto.tell(handle, nonce);
            } else {
                LibCrypto.beginEncryption(handle, work.address());
            }
            LibCrypto.encrypt(handle, 0, length, header, headerLength);
            if (payloadLength > 0) {
                LibCrypto.encrypt(handle, sealed, length, payload.address() + payloadOffset, payloadLength);
            }
            LibCrypto.endEncryption(handle, length, work.address() + REST_OFFSET);
            tag.set(0, sealed + payloadLength, TAG_BYTES);
            LibCrypto.ask(handle, tag);
        } finally {
            Reference.reachabilityFence(payload);
            Reference.reachabilityFence(packet);
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public boolean open(
            long packetNumber, MemorySegment packet, long headerOffset, int headerLength, int ciphertextLength) {
        if (ciphertextLength < TAG_BYTES) {
            return false;
        }
        int packetBytes = headerLength + ciphertextLength;
        Objects.checkFromIndexSize(headerOffset, packetBytes, packet.byteSize());
        int payloadLength = ciphertextLength - TAG_BYTES;
        if (packet.isNative()) {
            return openNative(packetNumber, packet, headerOffset, headerLength, payloadLength);
        }
        MemorySegment inside = room(packetBytes);
        MemorySegment.copy(packet, headerOffset, inside, 0, packetBytes);
        boolean authentic = openNative(packetNumber, inside, 0, headerLength, payloadLength);
        MemorySegment.copy(inside, headerLength, packet, headerOffset + headerLength, payloadLength);
        return authentic;
    }

    private boolean openNative(
            long packetNumber, MemorySegment packet, long headerOffset, int headerLength, int payloadLength) {
        MemorySegment context = opening;
        if (context == null) {
            context = LibCrypto.context(algorithm, false, key);
            opening = context;
        }
        try {
            long handle = context.address();
            long length = work.address() + LENGTH_OFFSET;
            long header = packet.address() + headerOffset;
            long payload = header + headerLength;
            setNonce(packetNumber);
            CipherParameters told = tellsNonce ? tagAndNonce : tag;
            if (!tellsNonce) {
                LibCrypto.beginDecryption(handle, work.address());
            }
            told.set(0, payload + payloadLength, TAG_BYTES);
            LibCrypto.tell(handle, told);
            LibCrypto.decrypt(handle, 0, length, header, headerLength);
            if (payloadLength > 0) {
                LibCrypto.decrypt(handle, payload, length, payload, payloadLength);
            }
            return LibCrypto.endDecryption(handle, length, work.address() + REST_OFFSET);
        } finally {
            Reference.reachabilityFence(packet);
            Reference.reachabilityFence(this);
        }
    }

    /** RFC 9001 §5.3: the nonce is the IV with the packet number XORed into its end. */
    private void setNonce(long packetNumber) {
        work.set(LONG, PACKET_NUMBER_OFFSET_IN_NONCE, ivTail ^ packetNumber);
    }

    /** Heap memory can move: what lies there passes through a copy. It is rare, so the room is made when it is needed. */
    private MemorySegment room(int lengthBytes) {
        MemorySegment inside = copy;
        if (inside == null || inside.byteSize() < lengthBytes) {
            inside = Arena.ofAuto().allocate(lengthBytes, Long.BYTES);
            copy = inside;
        }
        return inside;
    }
}
