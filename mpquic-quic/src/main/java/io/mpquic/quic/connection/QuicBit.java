package io.mpquic.quic.connection;

import io.mpquic.quic.wire.PacketHeader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.random.RandomGenerator;

/**
 * The second bit of each packet's first byte, which is 1 in QUIC version 1, and anything between two ends that have both
 * said so (RFC 9287): what never varies on the wire can never be changed.
 */
final class QuicBit {
    /** A linear congruential generator, whose highest bit is random enough: no secret hangs on it, and it costs nothing. */
    private static final long MULTIPLIER = 6364136223846793005L;

    private static final long INCREMENT = 1442695040888963407L;

    private final boolean wanted;
    private final RandomGenerator random;
    private boolean varies;
    private long state;

    QuicBit(boolean wanted, RandomGenerator random) {
        this.wanted = wanted;
        this.random = random;
    }

    /** RFC 9287 §3.1: the peer's transport parameters permit it from now on, in packets of every kind. */
    void onPermitted() {
        if (wanted) {
            varies = true;
            state = random.nextLong();
        }
    }

    /** Whether packets with this first byte are dropped: RFC 9287 §3, not where the peer was told that all are taken. */
    boolean refuses(int firstByte) {
        return !wanted && (firstByte & PacketHeader.FIXED_BIT) == 0;
    }

    /** Clears the bit of a packet now and then. To be called before the packet is protected: its AEAD covers the header. */
    void applyTo(MemorySegment buffer, long packetOffset) {
        if (!varies) {
            return;
        }
        state = state * MULTIPLIER + INCREMENT;
        if (state < 0) {
            int first = buffer.get(ValueLayout.JAVA_BYTE, packetOffset);
            buffer.set(ValueLayout.JAVA_BYTE, packetOffset, (byte) (first & ~PacketHeader.FIXED_BIT));
        }
    }
}
