package io.mpquic.quic.scenario;

import io.mpquic.quic.sim.LinkConditions;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Makes a scenario that fails smaller, as long as it still breaks the same invariant. */
final class Shrinking {
    private static final int MOST_RUNS = 200;
    private static final long MS = 1_000_000;

    private final Predicate<Scenario> stillFails;
    private int runs;

    private Shrinking(Predicate<Scenario> stillFails) {
        this.stillFails = stillFails;
    }

    /** The smallest scenario found that still fails. */
    static Scenario smallest(Scenario failing, Predicate<Scenario> stillFails) {
        return new Shrinking(stillFails).shrink(failing);
    }

    private Scenario shrink(Scenario failing) {
        Scenario smallest = failing;
        boolean progress = true;
        while (progress && runs < MOST_RUNS) {
            Scenario before = smallest;
            for (Scenario candidate = next(smallest);
                    candidate != null && runs < MOST_RUNS;
                    candidate = next(smallest)) {
                smallest = candidate;
            }
            progress = !before.equals(smallest);
        }
        return smallest;
    }

    /** The first simpler scenario that still fails; null when none does. */
    private @org.jspecify.annotations.Nullable Scenario next(Scenario from) {
        for (Scenario candidate : simpler(from)) {
            if (!candidate.equals(from) && runs++ < MOST_RUNS && stillFails.test(candidate)) {
                return candidate;
            }
        }
        return null;
    }

    /** In a fixed order: without a step, with better links, punctual, with plain settings, with less traffic. */
    private static List<Scenario> simpler(Scenario from) {
        List<Scenario> candidates = new ArrayList<>();
        LinkConditions plain = LinkConditions.builder().delayMs(10).build();
        for (int i = 0; i < from.steps().size(); i++) {
            List<Step> fewer = new ArrayList<>(from.steps());
            fewer.remove(i);
            candidates.add(from.withSteps(fewer));
        }
        candidates.add(from.withLinks(plain, plain));
        candidates.add(from.withLinks(plain, from.down()));
        candidates.add(from.withLinks(from.up(), plain));
        candidates.add(from.punctual());
        Scenario.Ends ends = from.ends();
        candidates.add(
                from.withEnds(new Scenario.Ends(10_000 * MS, 10_000 * MS, 0, false, false, 1200, ends.extras())));
        candidates.add(from.withEnds(new Scenario.Ends(
                ends.clientIdleNs(),
                ends.serverIdleNs(),
                ends.keepAliveNs(),
                ends.retry(),
                ends.ecn(),
                ends.maxUdpPayloadBytes(),
                Scenario.Extras.PLAIN)));
        candidates.add(from.withEnds(new Scenario.Ends(
                ends.clientIdleNs(),
                ends.serverIdleNs(),
                0,
                ends.retry(),
                ends.ecn(),
                ends.maxUdpPayloadBytes(),
                ends.extras())));
        candidates.add(from.withEnds(new Scenario.Ends(
                ends.clientIdleNs(),
                ends.serverIdleNs(),
                ends.keepAliveNs(),
                false,
                false,
                ends.maxUdpPayloadBytes(),
                ends.extras())));
        for (int i = 0; i < from.steps().size(); i++) {
            if (from.steps().get(i) instanceof Step.Traffic traffic && traffic.count() > 1) {
                List<Step> shorter = new ArrayList<>(from.steps());
                shorter.set(
                        i,
                        new Step.Traffic(
                                traffic.atNs(),
                                traffic.from(),
                                traffic.count() / 2,
                                traffic.bytes(),
                                traffic.intervalNs(),
                                traffic.inPlace()));
                candidates.add(from.withSteps(shorter));
            }
        }
        return candidates;
    }
}
