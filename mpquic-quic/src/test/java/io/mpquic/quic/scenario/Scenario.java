package io.mpquic.quic.scenario;

import io.mpquic.quic.congestion.CongestionAlgorithm;
import io.mpquic.quic.sim.LinkConditions;
import java.util.ArrayList;
import java.util.List;

/**
 * A course of events, drawn from a seed or written by hand. The same scenario always runs in the same way.
 *
 * @param seed of the network and of both ends
 * @param ends how the ends are set
 * @param up conditions from the client to the server at the start
 * @param down conditions from the server to the client at the start
 * @param mostLateNs how late the drivers of both ends meet their deadlines
 * @param steps what happens, in any order
 */
record Scenario(long seed, Ends ends, LinkConditions up, LinkConditions down, long mostLateNs, List<Step> steps) {

    /** Settings of both ends. */
    record Ends(
            long clientIdleNs,
            long serverIdleNs,
            long keepAliveNs,
            boolean retry,
            boolean ecn,
            int maxUdpPayloadBytes,
            Extras extras) {}

    /** What a tunnel may do without, and what it may do in several ways. */
    record Extras(CongestionAlgorithm congestion, boolean spinBit, boolean streams, boolean resumption) {
        static final Extras PLAIN = new Extras(CongestionAlgorithm.CUBIC, false, false, false);
    }

    Scenario {
        steps = List.copyOf(steps);
    }

    Scenario withSteps(List<Step> others) {
        return new Scenario(seed, ends, up, down, mostLateNs, others);
    }

    Scenario withLinks(LinkConditions otherUp, LinkConditions otherDown) {
        return new Scenario(seed, ends, otherUp, otherDown, mostLateNs, steps);
    }

    Scenario punctual() {
        return new Scenario(seed, ends, up, down, 0, steps);
    }

    Scenario withEnds(Ends others) {
        return new Scenario(seed, others, up, down, mostLateNs, steps);
    }

    /** When the last step has ended, in nanoseconds after the start. */
    long endNs() {
        return steps.stream().mapToLong(Step::endNs).max().orElse(0);
    }

    /** In words, a line a fact. */
    String describe() {
        List<String> lines = new ArrayList<>();
        lines.add("seed " + seed + ", drivers up to " + mostLateNs / 1000 + " us late, " + ends);
        lines.add("up:   " + up);
        lines.add("down: " + down);
        steps.stream()
                .sorted(java.util.Comparator.comparingLong(Step::atNs))
                .forEach(step -> lines.add(step.atNs() / 1_000_000 + " ms: " + step));
        return String.join("\n", lines);
    }
}
