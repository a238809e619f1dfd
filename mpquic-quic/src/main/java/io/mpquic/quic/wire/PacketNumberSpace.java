package io.mpquic.quic.wire;

/** Packets are numbered and acknowledged in each of these separately (RFC 9000 §12.3). */
public enum PacketNumberSpace {
    /** Initial packets. */
    INITIAL,
    /** Handshake packets. */
    HANDSHAKE,
    /** 0-RTT and 1-RTT packets. */
    APPLICATION
}
