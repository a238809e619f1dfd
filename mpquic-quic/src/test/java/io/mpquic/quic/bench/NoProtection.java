package io.mpquic.quic.bench;

import io.mpquic.quic.crypto.CipherSuite;
import io.mpquic.quic.crypto.CryptoProvider;
import io.mpquic.quic.crypto.HeaderMask;
import io.mpquic.quic.crypto.PacketAead;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Leaves packets as they are, with a tag of zeros, so that a measurement shows the protocol and not the ciphers. */
final class NoProtection implements CryptoProvider {
    private static final PacketAead AEAD = new PacketAead() {
        @Override
        public void sealFrom(
                MemorySegment payload,
                long payloadOffset,
                int payloadLength,
                long packetNumber,
                MemorySegment packet,
                long headerOffset,
                int headerLength) {
            long tag = headerOffset + headerLength + payloadLength;
            if (payload != packet || payloadOffset != headerOffset + headerLength) {
                // What a cipher writes as well, and no more.
                MemorySegment.copy(payload, payloadOffset, packet, headerOffset + headerLength, payloadLength);
            }
            packet.set(ValueLayout.JAVA_LONG_UNALIGNED, tag, 0);
            packet.set(ValueLayout.JAVA_LONG_UNALIGNED, tag + Long.BYTES, 0);
        }

        @Override
        public boolean open(
                long packetNumber, MemorySegment packet, long headerOffset, int headerLength, int ciphertextLength) {
            return true;
        }
    };

    private static final HeaderMask MASK = (packet, sampleOffset) -> 0;

    @Override
    public PacketAead aead(CipherSuite suite, byte[] key, byte[] iv) {
        return AEAD;
    }

    @Override
    public HeaderMask headerMask(CipherSuite suite, byte[] key) {
        return MASK;
    }

    @Override
    public String name() {
        return "none";
    }
}
