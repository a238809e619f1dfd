package io.mpquic.quic.scenario;

import io.mpquic.quic.sim.SimulatedNode;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;

/** A node that does what another does, but for what a test breaks. */
class BrokenNode implements SimulatedNode {
    final SimulatedNode whole;

    BrokenNode(SimulatedNode whole) {
        this.whole = whole;
    }

    @Override
    public void receive(MemorySegment datagram, InetSocketAddress from, long nowNs) {
        receive(datagram, from, 0, nowNs);
    }

    @Override
    public void receive(MemorySegment datagram, InetSocketAddress from, int ecn, long nowNs) {
        whole.receive(datagram, from, ecn, nowNs);
    }

    @Override
    public int transmit(MemorySegment out, long nowNs) {
        return whole.transmit(out, nowNs);
    }

    @Override
    public InetSocketAddress transmitTo() {
        return whole.transmitTo();
    }

    @Override
    public int transmitEcn() {
        return whole.transmitEcn();
    }

    @Override
    public long nextTimeoutNs() {
        return whole.nextTimeoutNs();
    }

    @Override
    public void onTimeout(long nowNs) {
        whole.onTimeout(nowNs);
    }
}
