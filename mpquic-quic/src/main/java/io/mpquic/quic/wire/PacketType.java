package io.mpquic.quic.wire;

/** The kinds of packet of QUIC version 1 (RFC 9000 §17.2, §17.3). */
public enum PacketType {
    /** The first packets of each side (RFC 9000 §17.2.2). */
    INITIAL,
    /** Early data of a client (RFC 9000 §17.2.3). */
    ZERO_RTT,
    /** The rest of the handshake (RFC 9000 §17.2.4). */
    HANDSHAKE,
    /** A server asks the client to prove its address (RFC 9000 §17.2.5). It carries no frames. */
    RETRY,
    /** A server lists its versions (RFC 9000 §17.2.1). It carries no frames. */
    VERSION_NEGOTIATION,
    /** Everything after the handshake, with the short header (RFC 9000 §17.3.1). */
    ONE_RTT
}
