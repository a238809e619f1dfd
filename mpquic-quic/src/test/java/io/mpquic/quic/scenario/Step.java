package io.mpquic.quic.scenario;

import io.mpquic.quic.sim.LinkConditions;

/** Something that happens at a time of a scenario, in nanoseconds after its start. */
sealed interface Step {
    long atNs();

    /** When its effect has ended, in nanoseconds after the start. */
    default long endNs() {
        return atNs();
    }

    /** The application of one end sends messages, into the queue or in place. */
    record Traffic(long atNs, Side from, int count, int bytes, long intervalNs, boolean inPlace) implements Step {
        @Override
        public long endNs() {
            return atNs + count * intervalNs;
        }
    }

    /** The application of one end opens a stream and writes to it; it finishes it, or resets it half-way. */
    record Stream(long atNs, Side from, boolean unidirectional, int bytes, boolean reset) implements Step {}

    /** The conditions of one direction change. */
    record Weather(long atNs, Side from, LinkConditions conditions) implements Step {}

    /** Nothing that this end sends arrives. */
    record Outage(long atNs, Side from, long durationNs) implements Step {
        @Override
        public long endNs() {
            return atNs + durationNs;
        }
    }

    /** The client's NAT gives it another port, or another address. */
    record Rebinding(long atNs, boolean otherHost) implements Step {}

    /** The client binds another socket, and tells the connection so. */
    record Migration(long atNs, boolean otherHost) implements Step {}

    /** The client asks for a sign of life. */
    record PathProbe(long atNs) implements Step {}

    /** One end updates its keys, where it may. */
    record KeyUpdate(long atNs, Side side) implements Step {}

    /** The application of one end closes. */
    record Close(long atNs, Side side) implements Step {}

    /** The client opens another connection. */
    record Connect(long atNs) implements Step {}

    /** The server's process starts again, with the same key for stateless resets. */
    record Restart(long atNs) implements Step {}

    /** One end's process stands still. */
    record Suspension(long atNs, Side side, long durationNs, boolean stopsClock, boolean timersFirst) implements Step {
        @Override
        public long endNs() {
            return atNs + durationNs;
        }
    }

    /** One end's clock leaps forward. */
    record ClockJump(long atNs, Side side, long forwardNs) implements Step {}

    /** The network delivers again what this end has received before. */
    record Replay(long atNs, Side to) implements Step {}

    /** Somebody on the way sends a copy of the client's latest datagram from another address. */
    record CopyFromElsewhere(long atNs) implements Step {}
}
