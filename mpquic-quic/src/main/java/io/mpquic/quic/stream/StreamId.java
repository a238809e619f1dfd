package io.mpquic.quic.stream;

import io.mpquic.quic.wire.VarInt;

/** What a stream ID says: the lowest bit names the initiator, the next one the direction (RFC 9000 §2.1). */
final class StreamId {
    private static final int KIND_BITS = 2;

    private StreamId() {}

    static long of(long index, boolean server, boolean unidirectional) {
        return index << KIND_BITS | (unidirectional ? 2 : 0) | (server ? 1 : 0);
    }

    static long index(long id) {
        return id >>> KIND_BITS;
    }

    static boolean isOfServer(long id) {
        return (id & 1) != 0;
    }

    static boolean isUnidirectional(long id) {
        return (id & 2) != 0;
    }

    /** An error code of the application, which a variable-length integer must hold. */
    static long requireCode(long errorCode) {
        if (errorCode < 0 || errorCode > VarInt.MAX) {
            throw new IllegalArgumentException("error code: " + errorCode);
        }
        return errorCode;
    }
}
