package io.mpquic.quic.connection;

import io.mpquic.quic.wire.PacketNumberSpace;
import io.mpquic.quic.wire.PacketType;
import io.mpquic.quic.wire.TransportParameters;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** Tells a {@link ConnectionTrace}, where there is one, and keeps the time for those call sites that have none. */
final class Tracing {
    private final @Nullable ConnectionTrace trace;
    private long nowNs;

    Tracing(@Nullable ConnectionTrace trace, long nowNs) {
        this.trace = trace;
        this.nowNs = nowNs;
    }

    /** To be called when the connection is entered from outside. */
    void at(long timeNs) {
        nowNs = timeNs;
    }

    void packetSent(PacketType type, long number, int packetBytes, MemorySegment payload, long offset, int length) {
        if (trace != null) {
            trace.packetSent(type, number, packetBytes, payload, offset, length, nowNs);
        }
    }

    void packetReceived(PacketType type, long number, int packetBytes, MemorySegment payload, long offset, int length) {
        if (trace != null) {
            trace.packetReceived(type, number, packetBytes, payload, offset, length, nowNs);
        }
    }

    void packetDropped(long packetBytes, ConnectionTrace.DropCause cause) {
        if (trace != null) {
            trace.packetDropped((int) packetBytes, cause, nowNs);
        }
    }

    void packetLost(PacketNumberSpace space, long number) {
        if (trace != null) {
            trace.packetLost(space, number, nowNs);
        }
    }

    void metricsUpdated(QuicConnection connection) {
        if (trace != null) {
            trace.metricsUpdated(
                    new ConnectionTrace.Metrics(
                            connection.rtt.minNs(),
                            connection.rtt.smoothedNs(),
                            connection.rtt.latestNs(),
                            connection.rtt.varianceNs(),
                            connection.congestion.windowBytes(),
                            connection.recovery.bytesInFlight()),
                    nowNs);
        }
    }

    void parametersSet(boolean own, TransportParameters parameters) {
        if (trace != null) {
            trace.parametersSet(own, parameters, nowNs);
        }
    }

    void remoteChanged(InetSocketAddress remote) {
        if (trace != null) {
            trace.remoteChanged(remote, nowNs);
        }
    }

    void keysUpdated(boolean own, long phase) {
        if (trace != null) {
            trace.keysUpdated(own, phase, nowNs);
        }
    }

    void forgotten() {
        if (trace != null) {
            trace.forgotten();
        }
    }

    void closed(CloseReason reason) {
        if (trace != null) {
            trace.closed(reason, nowNs);
        }
    }
}
