package io.mpquic.quic.scenario;

import io.mpquic.quic.connection.QuicConnection;
import io.mpquic.quic.sim.LinkConditions;
import io.mpquic.quic.sim.SimulatedNetwork;
import io.mpquic.quic.sim.UnpunctualNode;
import java.net.InetSocketAddress;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Runs a scenario: bad weather by the script, then good weather until both ends talk or know that it is over, then the
 * end of all connections. Invariants are checked after each step.
 */
final class ScenarioRun {
    private static final long SECOND_NS = 1_000_000_000;
    private static final int MOST_STEPS_AT_ONE_INSTANT = 3_000;
    private static final int FIRST_OTHER_PORT = 41_000;
    private static final InetSocketAddress ELSEWHERE = new InetSocketAddress("203.0.113.66", 6666);
    private static final LinkConditions GOOD =
            LinkConditions.builder().delayMs(10).build();

    /**
     * What came of a run.
     *
     * @param finding the first breach; null when all held
     * @param shape a digest that is the same whenever the scenario runs
     * @param chronicle its last events, where they were asked for
     */
    record Outcome(Findings.@Nullable Finding finding, long shape, String chronicle) {}

    private final Scenario scenario;
    private final SimulatedNetwork network;
    private final Findings findings = new Findings();
    private final Ledger ledger = new Ledger(findings);
    private final Chronicle chronicle;
    private final Sabotage sabotage;
    private final Map<Side, Party> parties = new EnumMap<>(Side.class);
    private final Map<Side, UnpunctualNode> nodes = new EnumMap<>(Side.class);
    private final Map<Side, PartyCheck> checks = new EnumMap<>(Side.class);
    private final Map<Side, Long> outageEndsNs = new EnumMap<>(Side.class);
    private final Endpoints endpoints;
    private final long startNs;
    private InetSocketAddress clientVisible = Side.CLIENT.home;
    private int moves;
    private boolean restarted;
    private boolean copyNext;
    private int steps;

    private ScenarioRun(Scenario scenario, boolean withChronicle, Sabotage sabotage) {
        this.scenario = scenario;
        this.sabotage = sabotage;
        network = new SimulatedNetwork(scenario.seed());
        network.mostStepsAtOneInstant(MOST_STEPS_AT_ONE_INSTANT);
        startNs = network.nowNs();
        chronicle = new Chronicle(withChronicle);
        chronicle.clock(() -> network.nowNs() - startNs);
        SplittableRandom random = new SplittableRandom(scenario.seed());
        endpoints = new Endpoints(scenario.ends(), sabotage.wrap(new NonceWatch(findings)), random.split());
        for (Side side : Side.values()) {
            Party party = new Party(side, findings, ledger, chronicle, endpoints::open);
            UnpunctualNode node = new UnpunctualNode(sabotage.wrap(party), random.split());
            parties.put(side, party);
            nodes.put(side, node);
            checks.put(side, new PartyCheck(party, ledger, findings, scenario));
            outageEndsNs.put(side, Long.MIN_VALUE);
            network.attach(side.home, node);
            node.late(scenario.mostLateNs());
            network.dropIf(side.home, side.other().home, (index, datagram, nowNs) -> drops(side, datagram, nowNs));
        }
        network.link(Side.CLIENT.home, Side.SERVER.home, scenario.up());
        network.link(Side.SERVER.home, Side.CLIENT.home, scenario.down());
        network.afterEachStep(this::check);
    }

    static Outcome of(Scenario scenario) {
        return new ScenarioRun(scenario, false, Sabotage.NONE).run();
    }

    static Outcome withChronicle(Scenario scenario) {
        return new ScenarioRun(scenario, true, Sabotage.NONE).run();
    }

    /** With a stack that is broken on purpose. */
    static Outcome of(Scenario scenario, Sabotage sabotage) {
        return new ScenarioRun(scenario, true, sabotage).run();
    }

    private Outcome run() {
        try {
            party(Side.CLIENT).connect(Side.SERVER.home, clock(Side.CLIENT));
            for (Step step : scenario.steps()) {
                network.at(startNs + step.atNs(), () -> perform(step));
            }
            network.runUntil(startNs + scenario.endNs());
            calm();
            bury();
        } catch (AssertionError failure) {
            // The first finding stops the run; everything else that comes up here is one.
            String words = String.valueOf(failure.getMessage());
            boolean stuck = words.contains("time stands still") || words.contains("sends without end");
            findings.report(stuck ? Invariant.PROGRESS : Invariant.NO_EXCEPTION, words);
            if (failure.getCause() != null && !(failure.getCause() instanceof Stop)) {
                chronicle.add(
                        "cause", java.util.Arrays.toString(failure.getCause().getStackTrace()));
            }
        }
        return new Outcome(findings.first(), network.shapeHash(), chronicle.toString());
    }

    /** Ends a run whose outcome is known. */
    private static final class Stop extends AssertionError {
        private static final long serialVersionUID = 1;
    }

    private void check() {
        steps++;
        for (Side side : Side.values()) {
            boolean behind = nodes.get(side).nextTimeoutNs() <= network.nowNs();
            checks.get(side).check(clock(side), behind || nodes.get(side).isSuspended());
            if (steps % 500 == 0) {
                checks.get(side).checkBounds();
            }
        }
        sabotage.afterStep(parties);
        if (findings.first() != null) {
            throw new Stop();
        }
    }

    // ---- good weather ----

    private void calm() {
        long calmNs = network.nowNs();
        chronicle.add("network", "the weather is good from now on");
        network.linkBothWays(Side.CLIENT.home, Side.SERVER.home, GOOD);
        outageEndsNs.replaceAll((side, until) -> Long.MIN_VALUE);
        nodes.values().forEach(node -> node.late(0));
        long pto =
                parties.values().stream().mapToLong(Party::largestPtoNs).max().orElse(0);
        long idle = Math.max(scenario.ends().clientIdleNs(), scenario.ends().serverIdleNs());
        long endNs = calmNs + 2 * Math.max(idle, 3 * pto) + 15 * SECOND_NS;
        while (!isSettled(calmNs) && network.nowNs() < endNs) {
            parties.values().forEach(this::greet);
            network.runFor(SECOND_NS);
        }
        for (Party party : parties.values()) {
            for (ConnectionWatch watch : party.watches) {
                findings.check(
                        isSettled(party, watch, calmNs),
                        Invariant.LIVENESS,
                        watch.name() + " is neither in use nor over, " + (network.nowNs() - calmNs) / 1_000_000
                                + " ms after the weather became good");
            }
        }
        check();
    }

    private void greet(Party party) {
        for (ConnectionWatch watch : party.watches) {
            QuicConnection connection = watch.connection;
            if (watch.isOpen() && connection != null && connection.isEstablished()) {
                party.say(connection, 50, false, clock(party.side), network.nowNs());
            }
        }
    }

    private boolean isSettled(long calmNs) {
        return parties.values().stream()
                .allMatch(party -> party.watches.stream().allMatch(watch -> isSettled(party, watch, calmNs)));
    }

    private boolean isSettled(Party party, ConnectionWatch watch, long calmNs) {
        return !watch.isOpen()
                || (watch.connection != null
                        && ledger.talksSince(watch.connection, calmNs)
                        && party.streams.isDone(watch.connection));
    }

    /** Closes what is left, and sees that nothing remains. */
    private void bury() {
        ledger.checkDelivered();
        for (Side side : Side.values()) {
            while (party(side).usable() != null) {
                party(side).close(clock(side));
            }
        }
        long pto =
                parties.values().stream().mapToLong(Party::largestPtoNs).max().orElse(0);
        network.runFor(
                2 * Math.max(scenario.ends().clientIdleNs(), scenario.ends().serverIdleNs())
                        + 6 * pto
                        + 60 * SECOND_NS);
        for (Side side : Side.values()) {
            findings.check(
                    party(side).endpoint.connections().isEmpty(), Invariant.LIVENESS, side + " keeps a connection");
            checks.get(side).checkNothingIsLeft();
            checks.get(side).checkReasons(party(side.other()), restarted);
        }
        check();
    }

    // ---- the script ----

    private void perform(Step step) {
        chronicle.add("script", step.toString());
        switch (step) {
            case Step.Traffic traffic -> send(traffic, 0);
            case Step.Stream stream ->
                awake(
                        stream.from(),
                        connection -> party(stream.from())
                                .streams
                                .open(connection, stream.unidirectional(), stream.bytes(), stream.reset()));
            case Step.Weather weather ->
                network.link(weather.from().home, weather.from().other().home, weather.conditions());
            case Step.Outage outage -> outageEndsNs.put(outage.from(), network.nowNs() + outage.durationNs());
            case Step.Rebinding rebinding -> move(rebinding.otherHost());
            case Step.Migration migration -> migrate(migration.otherHost());
            case Step.PathProbe probe -> awake(Side.CLIENT, connection -> connection.probePath(clock(Side.CLIENT)));
            case Step.KeyUpdate update ->
                awake(update.side(), connection -> connection.updateKeys(clock(update.side())));
            case Step.Close close -> {
                if (!nodes.get(close.side()).isSuspended()) {
                    party(close.side()).close(clock(close.side()));
                }
            }
            case Step.Connect connect -> {
                if (!nodes.get(Side.CLIENT).isSuspended()) {
                    party(Side.CLIENT).connect(Side.SERVER.home, clock(Side.CLIENT));
                }
            }
            case Step.Restart restart -> {
                restarted = true;
                party(Side.SERVER).restart(endpoints::open);
            }
            case Step.Suspension suspension ->
                nodes.get(suspension.side())
                        .suspend(
                                network.nowNs(),
                                suspension.durationNs(),
                                suspension.stopsClock(),
                                suspension.timersFirst());
            case Step.ClockJump jump -> nodes.get(jump.side()).jump(jump.forwardNs());
            case Step.Replay replay -> replay(replay.to());
            case Step.CopyFromElsewhere copy -> copyNext = true;
        }
    }

    private void awake(Side side, java.util.function.Consumer<QuicConnection> action) {
        QuicConnection connection = party(side).usable();
        if (connection != null && !nodes.get(side).isSuspended()) {
            action.accept(connection);
        }
    }

    private void send(Step.Traffic traffic, int done) {
        awake(
                traffic.from(),
                connection -> party(traffic.from())
                        .say(connection, traffic.bytes(), traffic.inPlace(), clock(traffic.from()), network.nowNs()));
        if (done + 1 < traffic.count()) {
            network.at(network.nowNs() + traffic.intervalNs(), () -> send(traffic, done + 1));
        }
    }

    private void move(boolean otherHost) {
        moves++;
        String host = otherHost ? "192.0.2." + (1 + moves) : clientVisible.getHostString();
        clientVisible = new InetSocketAddress(host, FIRST_OTHER_PORT + moves);
        network.rebind(Side.CLIENT.home, clientVisible);
    }

    private void migrate(boolean otherHost) {
        move(otherHost);
        if (!nodes.get(Side.CLIENT).isSuspended()) {
            for (ConnectionWatch watch : party(Side.CLIENT).watches) {
                if (watch.isOpen() && watch.connection != null) {
                    watch.connection.migrate(clock(Side.CLIENT));
                }
            }
        }
    }

    private void replay(Side to) {
        InetSocketAddress address = to == Side.CLIENT ? clientVisible : Side.SERVER.home;
        for (Party.Payload payload : List.copyOf(party(to).remembered)) {
            network.inject(payload.address(), address, payload.bytes());
        }
    }

    private boolean drops(Side from, byte[] datagram, long nowNs) {
        if (from == Side.CLIENT && copyNext) {
            copyNext = false;
            network.inject(ELSEWHERE, Side.SERVER.home, datagram);
        }
        return nowNs < outageEndsNs.get(from);
    }

    private Party party(Side side) {
        Party party = parties.get(side);
        if (party == null) {
            throw new IllegalStateException("no " + side);
        }
        return party;
    }

    private long clock(Side side) {
        return nodes.get(side).clockNs(network.nowNs());
    }
}
