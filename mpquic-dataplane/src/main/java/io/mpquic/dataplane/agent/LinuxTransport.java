package io.mpquic.dataplane.agent;

import io.mpquic.quic.io.UdpTransport;
import io.mpquic.tun.UdpSocket;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;

/** The UDP socket of Linux under QUIC: batches both ways, and ECN marks both ways. One thread but for {@link #wakeup}. */
final class LinuxTransport implements UdpTransport {
    /** What UDP can carry, and so what the kernel joins at most. */
    private static final int RECEIVE_CAPACITY_BYTES = 65_535;

    private final UdpSocket socket;
    private final int receiveBufferBytes;
    private final int sendBufferBytes;
    private int lastDatagramBytes;

    LinuxTransport(UdpSocket socket, int receiveBufferBytes, int sendBufferBytes) {
        this.socket = socket;
        this.receiveBufferBytes = receiveBufferBytes;
        this.sendBufferBytes = sendBufferBytes;
    }

    @Override
    public int receive(MemorySegment buffer, long offset, int capacity) throws IOException {
        int length = socket.receive(buffer, offset, capacity);
        int each = socket.receivedSegmentBytes();
        lastDatagramBytes = each == 0 ? length : each;
        return length;
    }

    @Override
    public int lastDatagramBytes() {
        return lastDatagramBytes;
    }

    @Override
    public int receiveCapacityBytes() {
        return RECEIVE_CAPACITY_BYTES;
    }

    @Override
    public InetSocketAddress lastSender() {
        return socket.sender();
    }

    @Override
    public int lastCodepoint() {
        return socket.receivedEcnCodepoint();
    }

    @Override
    public SendStatus send(
            MemorySegment buffer, long offset, int lengthBytes, int datagramBytes, InetSocketAddress to, int codepoint)
            throws IOException {
        return switch (socket.send(buffer, offset, lengthBytes, datagramBytes, to, codepoint)) {
            case TAKEN -> SendStatus.SENT;
            case NO_ROOM -> SendStatus.WOULD_BLOCK;
            case TOO_LARGE -> SendStatus.TOO_LARGE;
            case UNREACHABLE -> SendStatus.UNREACHABLE;
        };
    }

    @Override
    public int maxBatchDatagrams() {
        return socket.hasSegmentation() ? UdpSocket.MAX_SEGMENTS : 1;
    }

    @Override
    public void await(long timeoutNs) throws IOException {
        socket.await(timeoutNs == Long.MAX_VALUE ? -1 : Math.max(0, timeoutNs));
    }

    @Override
    public void wakeup() {
        socket.wakeup();
    }

    @Override
    public InetSocketAddress localAddress() {
        return socket.localAddress();
    }

    /** Whether the kernel joins what comes. */
    boolean coalesces() {
        return socket.hasCoalescing();
    }

    @Override
    public int receiveBufferBytes() {
        return receiveBufferBytes;
    }

    @Override
    public int sendBufferBytes() {
        return sendBufferBytes;
    }

    @Override
    public void close() {
        socket.close();
    }
}
