package io.mpquic.quic.connection;

import io.mpquic.quic.recovery.ReceivedPackets;
import io.mpquic.quic.wire.EncryptionLevel;
import io.mpquic.quic.wire.PacketNumberSpace;
import io.mpquic.quic.wire.PacketType;
import java.util.List;
import java.util.random.RandomGenerator;

/** The three packet number spaces of a connection (RFC 9000 §12.3). */
final class PacketSpaces {
    final PacketSpace initial;
    final PacketSpace handshake;
    final PacketSpace application;
    /** In the order in which their packets are coalesced: RFC 9000 §12.2. */
    final List<PacketSpace> all;
    /** Of all keys of all spaces. */
    final Forgeries forgeries = new Forgeries();

    PacketSpaces(long maxAckDelayNs, RandomGenerator random) {
        initial = new PacketSpace(PacketNumberSpace.INITIAL, PacketType.INITIAL, ReceivedPackets.immediate(), null);
        handshake =
                new PacketSpace(PacketNumberSpace.HANDSHAKE, PacketType.HANDSHAKE, ReceivedPackets.immediate(), null);
        application = new PacketSpace(
                PacketNumberSpace.APPLICATION,
                PacketType.ONE_RTT,
                new ReceivedPackets(maxAckDelayNs),
                new SkipSchedule(random));
        all = List.of(initial, handshake, application);
    }

    PacketSpace of(EncryptionLevel level) {
        return switch (level) {
            case INITIAL -> initial;
            case HANDSHAKE -> handshake;
            case ZERO_RTT, ONE_RTT -> application;
        };
    }

    PacketSpace of(PacketNumberSpace id) {
        return switch (id) {
            case INITIAL -> initial;
            case HANDSHAKE -> handshake;
            case APPLICATION -> application;
        };
    }
}
