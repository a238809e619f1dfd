package io.mpquic.dataplane.agent;

import io.mpquic.quic.connection.SendResult;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** What takes packets to the peer. One thread. */
interface Carrier {

    /** The longest packet that it carries now, in bytes; 0 when it carries none. */
    int maxPacketBytes();

    /** Whether {@link #maxPacketBytes} is the result of a finished discovery, and not just the least that is sure. */
    boolean isPathMtuSettled();

    /**
     * Sends a packet, encrypting it in place, with 64 bytes before it and 16 behind it overwritten. With any result but
     * SENT the memory is untouched.
     *
     * @throws IOException when the socket is broken
     */
    SendResult send(MemorySegment memory, long offset, int lengthBytes, long nowNs) throws IOException;
}
