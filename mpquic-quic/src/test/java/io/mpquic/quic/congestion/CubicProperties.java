package io.mpquic.quic.congestion;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/**
 * CUBIC against the formulas of RFC 9438, computed beside it in segments and in floating point, over courses of
 * acknowledgements, losses, marks and times without use.
 */
class CubicProperties {
    private static final int SEGMENT = 1200;
    private static final long MS = 1_000_000;

    private enum Kind {
        ACKS,
        LIMITED_ACKS,
        LOSS,
        MARK
    }

    /** Some events of a kind, each so long after the one before. */
    private record Leg(Kind kind, int count, long intervalNs, long rttNs) {}

    /** What the RFC says, in its own terms; times are in seconds, windows in segments. */
    private static final class Model {
        private static final double BETA = 0.7;
        private static final double C = 0.4;

        private double cwnd = 10;
        private double ssthresh = Double.POSITIVE_INFINITY;
        private double wMax;
        private double cwndPrior;
        private double wEst;
        private double k;
        private boolean inStage;
        private double t;
        private double lastTurn;
        private boolean idle;
        private double recoveryStart = -1;

        private double wCubic(double at) {
            return C * Math.pow(at - k, 3) + wMax;
        }

        void acked(double segments, double sent, double now, double rtt, boolean limited) {
            if (limited) {
                pass(now);
                idle = true;
                return;
            }
            if (sent <= recoveryStart) {
                return;
            }
            if (cwnd < ssthresh) {
                cwnd += segments;
                return;
            }
            if (inStage) {
                pass(now);
            } else {
                // §4.2: K is the time in which the function gets from where it begins to W_max.
                inStage = true;
                t = 0;
                lastTurn = now;
                wEst = cwnd;
                wMax = Math.max(wMax, cwnd);
                k = Math.cbrt((wMax - cwnd) / C);
            }
            idle = false;
            // §4.3: the Reno-friendly estimate; past the window before congestion it grows as Reno itself does.
            double alpha = wEst >= cwndPrior ? 1 : 3 * (1 - BETA) / (1 + BETA);
            wEst += alpha * segments / cwnd;
            if (wCubic(t) < wEst) {
                cwnd = Math.max(cwnd, wEst);
                return;
            }
            // §4.4, §4.5
            double target = Math.min(Math.max(wCubic(t + rtt), cwnd), 1.5 * cwnd);
            cwnd += (target - cwnd) / cwnd * segments;
        }

        /** §5.8: what passes while the window is not used does not count. */
        private void pass(double now) {
            if (!idle) {
                t += now - lastTurn;
            }
            lastTurn = now;
        }

        void congestion(double sent, double now) {
            if (sent <= recoveryStart) {
                return;
            }
            recoveryStart = now;
            cwndPrior = cwnd;
            // §4.7, §4.6
            wMax = cwnd < wMax ? cwnd * (1 + BETA) / 2 : cwnd;
            cwnd = Math.max(2, cwnd * BETA);
            ssthresh = cwnd;
            inStage = false;
            idle = false;
        }
    }

    @Provide
    Arbitrary<List<Leg>> legs() {
        Arbitrary<Kind> kinds = Arbitraries.frequencyOf(
                net.jqwik.api.Tuple.of(6, Arbitraries.just(Kind.ACKS)),
                net.jqwik.api.Tuple.of(1, Arbitraries.just(Kind.LIMITED_ACKS)),
                net.jqwik.api.Tuple.of(2, Arbitraries.just(Kind.LOSS)),
                net.jqwik.api.Tuple.of(1, Arbitraries.just(Kind.MARK)));
        Arbitrary<Leg> leg = Combinators.combine(
                        kinds,
                        Arbitraries.integers().between(1, 800),
                        Arbitraries.longs().between(1_000, 20 * MS),
                        Arbitraries.longs().between(MS, 300 * MS))
                .as((kind, count, interval, rtt) ->
                        new Leg(kind, kind == Kind.LOSS || kind == Kind.MARK ? 1 : count, interval, rtt));
        return leg.list().ofMinSize(1).ofMaxSize(30);
    }

    @Property(tries = 300)
    void theWindowIsThatOfTheFormulas(
            @ForAll("legs") List<Leg> legs, @ForAll @IntRange(min = 0, max = 3000) int slowStart) {
        long[] rttNs = {100 * MS};
        Cubic cubic = new Cubic(SEGMENT, () -> rttNs[0]);
        Model model = new Model();
        long nowNs = 1_000 * MS;
        for (int i = 0; i < slowStart; i++) {
            cubic.onPacketAcked(SEGMENT, nowNs - rttNs[0], nowNs, false);
            model.acked(1, seconds(nowNs - rttNs[0]), seconds(nowNs), seconds(rttNs[0]), false);
        }
        nowNs += rttNs[0];
        cubic.onPacketsLost(SEGMENT, nowNs - rttNs[0], nowNs);
        model.congestion(seconds(nowNs - rttNs[0]), seconds(nowNs));
        for (Leg leg : legs) {
            rttNs[0] = leg.rttNs;
            for (int i = 0; i < leg.count; i++) {
                nowNs += leg.intervalNs;
                long sentNs = nowNs - leg.rttNs;
                switch (leg.kind) {
                    case ACKS, LIMITED_ACKS -> {
                        boolean limited = leg.kind == Kind.LIMITED_ACKS;
                        cubic.onPacketAcked(SEGMENT, sentNs, nowNs, limited);
                        model.acked(1, seconds(sentNs), seconds(nowNs), seconds(leg.rttNs), limited);
                    }
                    case LOSS -> {
                        cubic.onPacketsLost(SEGMENT, sentNs, nowNs);
                        model.congestion(seconds(sentNs), seconds(nowNs));
                    }
                    case MARK -> {
                        cubic.onCongestionExperienced(sentNs, nowNs);
                        model.congestion(seconds(sentNs), seconds(nowNs));
                    }
                }
                // Whole bytes on one side; and where alpha changes, a fraction of a byte decides by which an ACK
                // counts.
                double expected = model.cwnd * SEGMENT;
                double slack = 10 + 0.0005 * expected + SEGMENT / model.cwnd;
                assertEquals(expected, cubic.windowBytes(), slack, leg + ", event " + i);
            }
        }
    }

    private static double seconds(long ns) {
        return ns / 1e9;
    }
}
