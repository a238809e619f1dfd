package io.mpquic.quic.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Every invariant, in every scenario that is drawn. */
class ScenarioTest {
    /** Some twenty seconds of one core. */
    private static final int DEFAULT_SEEDS = 1_250;

    private static final long FIRST = Long.getLong("mpquic.sim.first", 0);
    private static final long SEEDS = Long.getLong("mpquic.sim.seeds", DEFAULT_SEEDS);

    @Test
    void theInvariantsHoldInEveryScenario() {
        Long single = Long.getLong("mpquic.sim.seed");
        if (single != null) {
            run(single);
            return;
        }
        for (long seed = FIRST; seed < FIRST + SEEDS; seed++) {
            run(seed);
        }
    }

    @Test
    void theSameSeedTakesTheSameCourse() {
        for (long seed = 0; seed < 20; seed++) {
            Scenario scenario = ScenarioDraw.of(seed);
            assertEquals(scenario, ScenarioDraw.of(seed));
            assertEquals(ScenarioRun.of(scenario), ScenarioRun.of(scenario), "seed " + seed);
        }
    }

    private static void run(long seed) {
        Scenario scenario = ScenarioDraw.of(seed);
        ScenarioRun.Outcome outcome = ScenarioRun.of(scenario);
        if (outcome.finding() != null) {
            fail(report(scenario, outcome.finding()));
        }
    }

    private static String report(Scenario scenario, Findings.Finding finding) {
        Scenario smallest = Shrinking.smallest(scenario, candidate -> breaks(candidate, finding.invariant()));
        ScenarioRun.Outcome told = ScenarioRun.withChronicle(smallest);
        return String.join(
                "\n",
                "seed " + scenario.seed() + ": " + finding,
                "replay: mvn -pl mpquic-quic -am test -Dtest=ScenarioTest -Dsurefire.failIfNoSpecifiedTests=false"
                        + " -Dmpquic.sim.seed=" + scenario.seed(),
                "---- drawn",
                scenario.describe(),
                "---- the smallest that still fails: " + told.finding(),
                smallest.describe(),
                "---- its last events",
                told.chronicle());
    }

    private static boolean breaks(Scenario scenario, Invariant invariant) {
        Findings.Finding finding = ScenarioRun.of(scenario).finding();
        return finding != null && Objects.equals(finding.invariant(), invariant);
    }
}
