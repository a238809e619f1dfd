package io.mpquic.quic.endpoint;

import io.mpquic.quic.connection.TransportSettings;
import io.mpquic.quic.sim.LinkConditions;
import io.mpquic.quic.stream.QuicStream;
import io.mpquic.quic.stream.StreamLimits;
import io.mpquic.quic.stream.StreamMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;

/** RFC 9000 §2 to §4: two ends over a network that loses, against {@link StreamModel}. */
class StreamModelProperties {
    private static final int MOST_ACTIONS = 120;
    private static final int LARGEST_AMOUNT = 3_000;
    private static final long NS_PER_MS = 1_000_000;
    private static final long LIMIT_NS = TimeUnit.MINUTES.toNanos(20);

    private enum Kind {
        OPEN_BIDIRECTIONAL,
        OPEN_UNIDIRECTIONAL,
        WRITE,
        READ,
        FINISH,
        RESET,
        STOP_SENDING,
        /** The next datagrams of this end vanish. */
        DROP,
        /** Reads all there is, and the news of the new limits vanishes. */
        READ_ALL_AND_LOSE_THE_LIMITS,
        PASS_TIME
    }

    /**
     * What one end does.
     *
     * @param pick which of its streams
     * @param amount bytes, datagrams, tenths of a millisecond, or a code
     */
    private record Action(Kind kind, boolean client, int pick, int amount) {}

    @Provide
    Arbitrary<List<Action>> actions() {
        Arbitrary<Kind> kinds = Arbitraries.frequency(
                Tuple.of(2, Kind.OPEN_BIDIRECTIONAL),
                Tuple.of(2, Kind.OPEN_UNIDIRECTIONAL),
                Tuple.of(8, Kind.WRITE),
                Tuple.of(7, Kind.READ),
                Tuple.of(1, Kind.FINISH),
                Tuple.of(1, Kind.RESET),
                Tuple.of(1, Kind.STOP_SENDING),
                Tuple.of(1, Kind.DROP),
                Tuple.of(1, Kind.READ_ALL_AND_LOSE_THE_LIMITS),
                Tuple.of(6, Kind.PASS_TIME));
        return Combinators.combine(
                        kinds,
                        Arbitraries.of(true, false),
                        Arbitraries.integers().between(0, 99),
                        Arbitraries.integers().between(0, LARGEST_AMOUNT))
                .as(Action::new)
                .list()
                .ofMaxSize(MOST_ACTIONS);
    }

    /** Two ends, and the datagrams of each that vanish. */
    private static final class Run {
        final StreamModel model;
        private final StreamLimits limits;
        private final long largestConnectionWindow;
        private final SimulatedPair pair;
        private final int[] drops = new int[2];

        Run(StreamLimits limits, int growth, long seed, double loss) {
            this.limits = limits;
            largestConnectionWindow = Math.max(limits.data(), 2_000L * growth);
            TransportSettings settings = TransportSettings.builder()
                    .streamMemory(new StreamMemory(1_000L * growth, 2_000L * growth, 1 << 20))
                    .maxData(limits.data())
                    .maxStreamDataBidiLocal(limits.streamDataBidiLocal())
                    .maxStreamDataBidiRemote(limits.streamDataBidiRemote())
                    .maxStreamDataUni(limits.streamDataUni())
                    .maxStreamsBidi(limits.streamsBidi())
                    .maxStreamsUni(limits.streamsUni())
                    .build();
            CreditWatch atClient = new CreditWatch(true, limits);
            CreditWatch atServer = new CreditWatch(false, limits);
            pair = new SimulatedPair(
                    seed,
                    LinkConditions.builder().delayMs(5).loss(loss).build(),
                    each -> each.settings(settings).traces((client, id, remote, nowNs) -> atClient),
                    each -> each.settings(settings).traces((client, id, remote, nowNs) -> atServer));
            model = new StreamModel(new StreamModel.End(true, atClient), new StreamModel.End(false, atServer));
            pair.connect();
            model.connected(pair.connection, pair.server.accepted);
            pair.network.dropIf(SimulatedPair.CLIENT, SimulatedPair.SERVER, (index, bytes, nowNs) -> takeDrop(0));
            pair.network.dropIf(SimulatedPair.SERVER, SimulatedPair.CLIENT, (index, bytes, nowNs) -> takeDrop(1));
        }

        private boolean takeDrop(int sender) {
            return drops[sender] > 0 && drops[sender]-- > 0;
        }

        void observe() {
            model.observe(model.client, pair.client.events);
            model.observe(model.server, pair.server.events);
            model.checkGrants(model.client, largestConnectionWindow);
            model.checkGrants(model.server, largestConnectionWindow);
        }

        void act(Action action) {
            StreamModel.End end = action.client ? model.client : model.server;
            List<QuicStream> writing = end.streams.values().stream()
                    .filter(each -> end.sends(each.id()))
                    .toList();
            List<QuicStream> reading = end.streams.values().stream()
                    .filter(each -> end.receives(each.id()))
                    .toList();
            int amount = action.amount;
            switch (action.kind) {
                case OPEN_BIDIRECTIONAL -> model.open(end, false);
                case OPEN_UNIDIRECTIONAL -> model.open(end, true);
                case WRITE -> picked(writing, action).forEach(each -> model.write(end, each, amount));
                case READ -> picked(reading, action).forEach(each -> model.read(end, each, amount));
                case FINISH -> picked(writing, action).forEach(each -> model.finish(end, each));
                case RESET -> picked(writing, action).forEach(each -> model.reset(end, each, amount));
                case STOP_SENDING -> picked(reading, action).forEach(each -> model.stop(end, each, amount));
                case DROP -> drops[action.client ? 0 : 1] += amount % 5;
                case READ_ALL_AND_LOSE_THE_LIMITS -> {
                    reading.forEach(each -> model.read(end, each, LARGEST_AMOUNT));
                    drops[action.client ? 0 : 1] += 1 + amount % 2;
                    pair.network.runFor(NS_PER_MS);
                }
                case PASS_TIME -> pair.network.runFor(amount * NS_PER_MS / 10);
            }
            observe();
        }

        private static List<QuicStream> picked(List<QuicStream> all, Action action) {
            return all.isEmpty() ? all : List.of(all.get(action.pick % all.size()));
        }

        void wind() {
            pair.network.runUntil(
                    "all streams are over",
                    () -> {
                        observe();
                        return model.wind(model.client) & model.wind(model.server);
                    },
                    LIMIT_NS);
            model.checkAllRead();
        }

        /** All credit and all places are there again: more than both limits passes. */
        void useAgain(StreamModel.End end) {
            long perStream = limits.streamDataUni();
            long rounds = 2 + 2 * limits.data() / perStream;
            List<QuicStream> opened = new ArrayList<>();
            for (int round = 0; round < Math.max(rounds, 2 * limits.streamsUni()); round++) {
                pair.network.runUntil(
                        "a place for a stream",
                        () -> {
                            QuicStream next = end.connection().openUnidirectional();
                            if (next != null) {
                                opened.add(next);
                                end.streams.put(next.id(), next);
                            }
                            return next != null;
                        },
                        LIMIT_NS);
                QuicStream stream = opened.getLast();
                for (long left = perStream; left > 0; left -= LARGEST_AMOUNT) {
                    model.write(end, stream, (int) Math.min(left, LARGEST_AMOUNT));
                }
                wind();
                end.streams.clear();
            }
        }
    }

    @Property(tries = 150)
    void bothEndsDoWhatTheModelSays(
            @ForAll("actions") List<Action> actions,
            @ForAll @IntRange(min = 100, max = 6_000) int streamWindow,
            @ForAll @IntRange(min = 100, max = 9_000) int connectionWindow,
            @ForAll @IntRange(min = 1, max = 4) int streams,
            @ForAll @IntRange(max = 10) int growth,
            @ForAll @IntRange(max = 25) int lossPercent,
            @ForAll long seed) {
        StreamLimits limits =
                new StreamLimits(connectionWindow, streamWindow, streamWindow, streamWindow, streams, streams);
        Run run = new Run(limits, growth, seed, lossPercent / 100.0);
        actions.forEach(run::act);
        run.wind();
        run.useAgain(run.model.client);
        run.useAgain(run.model.server);
    }
}
