package io.mpquic.quic.sim;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** A node that sends numbered datagrams at even intervals, and writes down what it receives. */
class ScriptedNode implements SimulatedNode {
    /** A received datagram: the number in its first bytes, its length, and when it came. */
    record Arrival(int number, int lengthBytes, long timeNs, InetSocketAddress from, int ecn, byte[] bytes) {}

    final List<Arrival> arrivals = new ArrayList<>();
    int ecn;
    private final InetSocketAddress peer;
    private final int lengthBytes;
    private final long intervalNs;
    private int left;
    private int due;
    private int nextNumber;
    private long nextTimeoutNs;

    /** Sends {@code count} datagrams, the first one at {@code startNs}. */
    ScriptedNode(InetSocketAddress peer, int count, int lengthBytes, long startNs, long intervalNs) {
        this.peer = peer;
        this.left = count;
        this.lengthBytes = lengthBytes;
        this.nextTimeoutNs = count > 0 ? startNs : Long.MAX_VALUE;
        this.intervalNs = intervalNs;
    }

    /** Only receives. */
    static ScriptedNode silent(InetSocketAddress peer) {
        return new ScriptedNode(peer, 0, 0, 0, 0);
    }

    List<Integer> numbers() {
        return arrivals.stream().map(Arrival::number).toList();
    }

    @Override
    public void receive(MemorySegment datagram, InetSocketAddress from, long nowNs) {
        receive(datagram, from, 0, nowNs);
    }

    @Override
    public int transmitEcn() {
        return ecn;
    }

    @Override
    public void receive(MemorySegment datagram, InetSocketAddress from, int codepoint, long nowNs) {
        byte[] bytes = datagram.toArray(ValueLayout.JAVA_BYTE);
        int number = bytes.length < Integer.BYTES ? 0 : datagram.get(ValueLayout.JAVA_INT_UNALIGNED, 0);
        arrivals.add(new Arrival(number, bytes.length, nowNs, from, codepoint, bytes));
    }

    @Override
    public int transmit(MemorySegment out, long nowNs) {
        if (due == 0) {
            return 0;
        }
        due--;
        out.asSlice(0, lengthBytes).fill((byte) 0);
        out.set(ValueLayout.JAVA_INT_UNALIGNED, 0, nextNumber++);
        return lengthBytes;
    }

    @Override
    public InetSocketAddress transmitTo() {
        return peer;
    }

    @Override
    public long nextTimeoutNs() {
        return nextTimeoutNs;
    }

    @Override
    public void onTimeout(long nowNs) {
        due++;
        left--;
        nextTimeoutNs = left > 0 ? nowNs + intervalNs : Long.MAX_VALUE;
    }
}
