package io.mpquic.quic.connection;

import io.mpquic.quic.crypto.PacketKeys;
import io.mpquic.quic.recovery.ReceivedPackets;
import io.mpquic.quic.wire.PacketNumberSpace;
import io.mpquic.quic.wire.PacketType;
import org.jspecify.annotations.Nullable;

/** What belongs to one packet number space (RFC 9000 §12.3): numbers, keys, acknowledgements, TLS bytes. */
final class PacketSpace {
    /** Half of what can be written: what is left is for the close. */
    private static final long MAX_UNACKNOWLEDGED = 1L << 30;

    final PacketNumberSpace id;
    final PacketType packetType;
    final ReceivedPackets received;
    final CryptoReceiveBuffer cryptoIn = new CryptoReceiveBuffer();
    final CryptoSendBuffer cryptoOut = new CryptoSendBuffer();
    /** Keys of Initial and Handshake packets, and of 0-RTT packets, which a server reads and a client writes. */
    @Nullable PacketKeys readKeys;

    @Nullable PacketKeys writeKeys;

    @Nullable OneRttKeys oneRttKeys;

    long largestAcknowledged = -1;
    private final @Nullable SkipSchedule skips;
    private long nextPacketNumber;
    private boolean discarded;

    PacketSpace(PacketNumberSpace id, PacketType packetType, ReceivedPackets received, @Nullable SkipSchedule skips) {
        this.id = id;
        this.packetType = packetType;
        this.received = received;
        this.skips = skips;
    }

    boolean canWrite() {
        OneRttKeys keys = oneRttKeys;
        return !discarded && (keys == null ? writeKeys != null : !keys.isSpent());
    }

    /** What a packet is that is written now: before there are 1-RTT keys, one with application data is a 0-RTT packet. */
    PacketType writeType() {
        return packetType == PacketType.ONE_RTT && oneRttKeys == null ? PacketType.ZERO_RTT : packetType;
    }

    boolean isDiscarded() {
        return discarded;
    }

    // RFC 9001 §4.9: keys that are no longer needed are forgotten, with all that depends on them.
    void discard() {
        discarded = true;
        readKeys = null;
        writeKeys = null;
    }

    /**
     * Whether the peer has acknowledged nothing for so long that the next numbers could not be told apart: RFC 9000
     * §17.1.
     */
    boolean isOutOfNumbers() {
        return nextPacketNumber - largestAcknowledged >= MAX_UNACKNOWLEDGED;
    }

    /** The number of the next packet, without using it up. */
    long peekPacketNumber() {
        return nextPacketNumber;
    }

    long takePacketNumber() {
        long taken = nextPacketNumber++;
        if (skips != null) {
            nextPacketNumber = skips.orNext(nextPacketNumber);
        }
        return taken;
    }
}
