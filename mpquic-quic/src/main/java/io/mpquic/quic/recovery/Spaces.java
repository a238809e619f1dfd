package io.mpquic.quic.recovery;

import io.mpquic.quic.wire.PacketNumberSpace;

/** The state of all three packet number spaces. */
final class Spaces {
    final SpaceState initial = new SpaceState(PacketNumberSpace.INITIAL);
    final SpaceState handshake = new SpaceState(PacketNumberSpace.HANDSHAKE);
    final SpaceState application = new SpaceState(PacketNumberSpace.APPLICATION);

    private final SpaceState[] all = {initial, handshake, application};

    SpaceState of(PacketNumberSpace space) {
        return switch (space) {
            case INITIAL -> initial;
            case HANDSHAKE -> handshake;
            case APPLICATION -> application;
        };
    }

    /** All of them, in the order of a handshake. Not to be changed. */
    SpaceState[] all() {
        return all;
    }

    long bytesInFlight() {
        return initial.bytesInFlight + handshake.bytesInFlight + application.bytesInFlight;
    }
}
