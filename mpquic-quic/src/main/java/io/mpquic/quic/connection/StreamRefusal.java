package io.mpquic.quic.connection;

import io.mpquic.quic.wire.TransportError;
import io.mpquic.quic.wire.TransportException;

/**
 * Answers stream frames on a connection that offers no streams: every limit that this end advertises is 0, and it opens
 * none itself, so each reference to a stream breaks a rule (RFC 9000 §4.6, §19).
 */
final class StreamRefusal {
    private final boolean client;

    StreamRefusal(boolean client) {
        this.client = client;
    }

    /** A frame that a stream's sender sends: STREAM, RESET_STREAM, STREAM_DATA_BLOCKED. */
    TransportException fromSender(long streamId, long frameType) {
        if (isOurs(streamId)) {
            // RFC 9000 §19.4, §19.8, §19.13: a stream of ours that does not exist, or that only we may send on.
            return stateError(streamId, frameType);
        }
        return limitError(streamId, frameType);
    }

    /** A frame that a stream's receiver sends: STOP_SENDING, MAX_STREAM_DATA. */
    TransportException fromReceiver(long streamId, long frameType) {
        // RFC 9000 §19.5, §19.10: a stream of ours that does not exist, or one on which only the peer may send.
        if (isOurs(streamId) || isUnidirectional(streamId)) {
            return stateError(streamId, frameType);
        }
        return limitError(streamId, frameType);
    }

    // RFC 9000 §2.1: the lowest bit names the initiator, the next one the direction.
    private boolean isOurs(long streamId) {
        return (streamId & 1) == (client ? 0 : 1);
    }

    private static boolean isUnidirectional(long streamId) {
        return (streamId & 2) != 0;
    }

    private static TransportException limitError(long streamId, long frameType) {
        return new TransportException(
                TransportError.STREAM_LIMIT_ERROR, frameType, "stream " + streamId + ": no streams are offered here");
    }

    private static TransportException stateError(long streamId, long frameType) {
        return new TransportException(
                TransportError.STREAM_STATE_ERROR, frameType, "stream " + streamId + " does not exist");
    }
}
