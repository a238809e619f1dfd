package io.mpquic.quic.connection;

import java.lang.foreign.MemorySegment;

/** Where the payloads of DATAGRAM frames go, on the thread that owns the connection. */
@FunctionalInterface
public interface DatagramSink {
    /** Drops every datagram: for an application that uses none. */
    DatagramSink IGNORE = (connection, buffer, offset, lengthBytes) -> {};

    /**
     * Takes one datagram. An exception ends the connection as a {@link CloseReason.Kind#DEFECT}.
     *
     * @param connection where it came from
     * @param buffer the receive buffer; the datagram was decrypted in place and is valid during this call, or for as
     *     long as the owner of the buffer keeps it. One that had to wait for its keys lies in native memory of its own
     * @param offset first byte of the payload in {@code buffer}
     * @param lengthBytes length of the payload, 0 or more
     */
    void onDatagram(QuicConnection connection, MemorySegment buffer, long offset, int lengthBytes);
}
