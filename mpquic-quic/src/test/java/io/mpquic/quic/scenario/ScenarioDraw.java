package io.mpquic.quic.scenario;

import io.mpquic.quic.congestion.CongestionAlgorithm;
import io.mpquic.quic.sim.Bottleneck;
import io.mpquic.quic.sim.Damage;
import io.mpquic.quic.sim.LinkConditions;
import io.mpquic.quic.sim.LossModel;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Draws scenarios: most of them rough in a few ways, none in all. */
final class ScenarioDraw {
    private static final long MS = 1_000_000;
    private static final int KINDS = 16;

    private final SplittableRandom random;
    private final long weatherNs;

    private ScenarioDraw(long seed) {
        random = new SplittableRandom(seed);
        weatherNs = random.nextLong(500 * MS, 12_000 * MS);
    }

    static Scenario of(long seed) {
        return new ScenarioDraw(seed).draw(seed);
    }

    private Scenario draw(long seed) {
        long keepAliveNs = random.nextBoolean() ? 0 : random.nextLong(1_000 * MS, 8_000 * MS);
        Scenario.Ends ends = new Scenario.Ends(
                random.nextLong(3_000, 20_000) * MS,
                random.nextLong(3_000, 20_000) * MS,
                keepAliveNs,
                chance(0.2),
                chance(0.7),
                random.nextInt(1200, 1473),
                extras());
        List<Step> steps = new ArrayList<>();
        for (Side side : Side.values()) {
            steps.add(traffic(side));
        }
        int count = random.nextInt(9);
        for (int i = 0; i < count; i++) {
            steps.add(step());
        }
        return new Scenario(seed, ends, link(), link(), chance(0.3) ? random.nextLong(30 * MS) : 0, steps);
    }

    private Scenario.Extras extras() {
        CongestionAlgorithm[] algorithms = CongestionAlgorithm.values();
        return new Scenario.Extras(
                algorithms[random.nextInt(algorithms.length)], chance(0.5), chance(0.7), chance(0.5));
    }

    private Step step() {
        long atNs = chance(0.2) ? random.nextLong(200 * MS) : random.nextLong(weatherNs);
        Side side = random.nextBoolean() ? Side.CLIENT : Side.SERVER;
        return switch (random.nextInt(KINDS)) {
            case 0, 1 -> traffic(side);
            case 2 -> new Step.Weather(atNs, side, link());
            case 3 -> new Step.Outage(atNs, side, random.nextLong(10 * MS, 8_000 * MS));
            case 4 -> new Step.Rebinding(atNs, random.nextBoolean());
            case 5 -> new Step.Migration(atNs, random.nextBoolean());
            case 6 -> new Step.KeyUpdate(atNs, side);
            case 7 -> chance(0.5) ? new Step.Close(atNs, side) : new Step.PathProbe(atNs);
            case 8 -> new Step.Connect(atNs);
            case 9 -> new Step.Restart(atNs);
            case 10 ->
                new Step.Suspension(
                        atNs,
                        side,
                        random.nextLong(10 * MS, chance(0.1) ? 30_000 * MS : 3_000 * MS),
                        random.nextBoolean(),
                        random.nextBoolean());
            case 11 -> new Step.ClockJump(atNs, side, random.nextLong(chance(0.2) ? 30_000 * MS : 500 * MS));
            case 12, 13 ->
                new Step.Stream(
                        atNs, side, random.nextBoolean(), random.nextInt(chance(0.3) ? 150_000 : 5_000), chance(0.2));
            case 14 -> new Step.Replay(atNs, side);
            default -> new Step.CopyFromElsewhere(atNs);
        };
    }

    private Step traffic(Side from) {
        return new Step.Traffic(
                random.nextLong(weatherNs),
                from,
                random.nextInt(1, chance(0.1) ? 400 : 60),
                random.nextInt(12, 1400),
                random.nextLong(chance(0.3) ? 300 * MS : 5 * MS),
                random.nextBoolean());
    }

    private LinkConditions link() {
        LinkConditions.Builder link = LinkConditions.builder().delayMs(random.nextLong(chance(0.1) ? 300 : 60));
        if (chance(0.3)) {
            link.jitterMs(random.nextLong(1, 40));
        }
        if (chance(0.3)) {
            link.loss(
                    random.nextBoolean()
                            ? LossModel.independent(random.nextDouble(0.3))
                            : LossModel.bursts(random.nextDouble(0.2), 1 + random.nextDouble(8)));
        }
        if (chance(0.2)) {
            link.reorder(random.nextDouble(0.2), random.nextLong(1, 50));
        }
        if (chance(0.2)) {
            link.duplicate(random.nextDouble(0.2), chance(0.3) ? random.nextLong(3000) : 0);
        }
        if (chance(0.2)) {
            link.damage(new Damage(random.nextDouble(0.1), random.nextDouble(0.05), random.nextDouble(0.05)));
        }
        if (chance(0.3)) {
            link.ecn(random.nextDouble(0.3), random.nextBoolean());
        }
        if (chance(0.2)) {
            link.maxDatagramBytes(random.nextInt(1200, 1500));
        }
        if (chance(0.3)) {
            link.bottleneck(new Bottleneck(
                    random.nextLong(200_000, 50_000_000),
                    random.nextInt(3_000, 200_000),
                    chance(0.3) ? random.nextInt(3, 100) : Integer.MAX_VALUE,
                    chance(0.3) ? random.nextInt(3_000, 60_000) : Integer.MAX_VALUE));
        }
        return link.build();
    }

    private boolean chance(double probability) {
        return random.nextDouble() < probability;
    }
}
