package io.mpquic.quic.stream;

/**
 * A stream of a connection (RFC 9000 §2). No call blocks. To be used by the thread that owns the connection; after calls
 * that change something, the connection wants to transmit.
 */
public interface QuicStream {
    /** The stream ID, 0 to 2^62-1 (RFC 9000 §2.1). */
    long id();

    /** Whether only one end sends. */
    boolean isUnidirectional();

    /**
     * Takes bytes to be sent, in order and reliably.
     *
     * @return how many were taken; 0: blocked, StreamWritable tells when to go on; -1: the stream was reset by this end,
     *     or at the wish of the peer (STOP_SENDING)
     * @throws IllegalStateException on a stream that this end cannot send on, or after {@link #finish}
     */
    int write(byte[] data, int offset, int lengthBytes);

    /** Ends the sending part: the peer reads to the end. Does nothing when it has ended. */
    void finish();

    /**
     * Gives the sending part up; what was not delivered is dropped (RFC 9000 §3.1).
     *
     * @param errorCode the application's own, 0 to 2^62-1
     */
    void reset(long errorCode);

    /**
     * Reads bytes in order.
     *
     * @return how many; 0: none now, StreamReadable tells when to go on; -1: there are no more, because the stream ended
     *     or, when {@link #peerResetCode} is not -1, because the peer gave it up
     * @throws IllegalStateException on a stream that this end cannot receive on
     */
    int read(byte[] into, int offset, int lengthBytes);

    /**
     * Asks the peer to send no more; what comes still is dropped (RFC 9000 §3.5).
     *
     * @param errorCode the application's own, 0 to 2^62-1
     */
    void stopSending(long errorCode);

    /** The code of the peer's RESET_STREAM; -1 when there was none. */
    long peerResetCode();

    /** The code of the peer's STOP_SENDING; -1 when there was none. */
    long peerStopCode();

    /** The state of the sending part; DATA_RECVD on a stream without one. */
    SendState sendState();

    /** The state of the receiving part; DATA_READ on a stream without one. */
    ReceiveState receiveState();
}
