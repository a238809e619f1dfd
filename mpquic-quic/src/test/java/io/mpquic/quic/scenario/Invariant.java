package io.mpquic.quic.scenario;

/** What must hold in every scenario. */
enum Invariant {
    /** Packet numbers of a space rise (RFC 9000 §12.3). */
    PACKET_NUMBER,
    /** No key protects two packets with one number (RFC 9001 §5.3). */
    NONCE,
    /** Bytes in flight are those of the outstanding packets. */
    BYTES_IN_FLIGHT,
    /** An unvalidated address gets three times what came from it (RFC 9000 §8.1). */
    AMPLIFICATION,
    /** No message is delivered twice. */
    ONCE,
    /** What is delivered was sent, with this content, on the other end. */
    GENUINE,
    /** What is read from a stream is what was written to it, to the end or to a reset (RFC 9000 §2.2). */
    STREAM,
    /** Each message and each UDP datagram is delivered or counted. */
    ACCOUNTING,
    /** A deadline is not kept in the past, and transmission ends. */
    PROGRESS,
    /** State has a bound, and goes when connections go. */
    BOUNDED,
    /** In good weather both ends talk, or both know that it is over. */
    LIVENESS,
    /** The idle timeout is neither early nor overlooked (RFC 9000 §10.1). */
    IDLE_TIMEOUT,
    /** Why a connection ended fits what happened. */
    CLOSE_REASON,
    /** Nothing throws. */
    NO_EXCEPTION
}
