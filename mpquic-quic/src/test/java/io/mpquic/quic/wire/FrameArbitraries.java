package io.mpquic.quic.wire;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.RandomDistribution;

/** Values of every kind that a packet carries, for properties. */
final class FrameArbitraries {
    private FrameArbitraries() {}

    /** All variable-length integers, those of each encoded length equally often. */
    static Arbitrary<Long> varInts() {
        return varInts(VarInt.MAX);
    }

    static Arbitrary<Long> varInts(long largest) {
        return Arbitraries.oneOf(
                longs(0, Math.min(largest, VarInt.MAX_ONE_BYTE)),
                longs(0, Math.min(largest, VarInt.MAX_TWO_BYTES)),
                longs(0, Math.min(largest, VarInt.MAX_FOUR_BYTES)),
                longs(0, largest));
    }

    private static Arbitrary<Long> longs(long smallest, long largest) {
        return Arbitraries.longs().between(smallest, largest).withDistribution(RandomDistribution.uniform());
    }

    static Arbitrary<byte[]> bytes(int smallest, int largest) {
        return Arbitraries.bytes().array(byte[].class).ofMinSize(smallest).ofMaxSize(largest);
    }

    static Arbitrary<MemorySegment> data() {
        return bytes(0, 100).map(MemorySegment::ofArray);
    }

    static Arbitrary<ConnectionId> connectionIds(int smallestBytes) {
        return bytes(smallestBytes, ConnectionId.MAX_LENGTH_BYTES).map(ConnectionId::new);
    }

    static Arbitrary<StatelessResetToken> tokens() {
        return Combinators.combine(Arbitraries.longs(), Arbitraries.longs()).as(StatelessResetToken::new);
    }

    /** Disjoint ranges from the largest down, as far as 0 permits. */
    static Arbitrary<AckRanges> ackRanges() {
        return Combinators.combine(varInts(), varInts(1L << 20).list().ofMaxSize(60))
                .as((largest, steps) -> {
                    AckRanges ranges = new AckRanges();
                    long next = largest;
                    ranges.add(next, next);
                    for (int i = 0; i + 1 < steps.size() && next >= 0; i += 2) {
                        long from = Math.max(0, next - steps.get(i));
                        ranges.add(from, next);
                        next = from - 2 - steps.get(i + 1);
                    }
                    return ranges;
                });
    }

    private static Arbitrary<EcnCounts> ecnCounts() {
        return Combinators.combine(varInts(), varInts(), varInts()).as(EcnCounts::new);
    }

    /** Texts that UTF-8 can carry: without halves of surrogate pairs. */
    private static Arbitrary<String> reasons() {
        return Arbitraries.strings()
                .ofMaxLength(60)
                .filter(text -> StandardCharsets.UTF_8.newEncoder().canEncode(text));
    }

    /** Every frame, each type equally often. */
    static Arbitrary<Frame> frames() {
        return Arbitraries.oneOf(
                Arbitraries.integers().between(1, 100).map(PaddingFrame::new),
                Arbitraries.just(PingFrame.INSTANCE),
                Combinators.combine(ackRanges(), varInts(), ecnCounts().injectNull(0.5))
                        .as(AckFrame::new),
                Combinators.combine(varInts(), varInts(), varInts()).as(ResetStreamFrame::new),
                Combinators.combine(varInts(), varInts()).as(StopSendingFrame::new),
                Combinators.combine(varInts(VarInt.MAX - 100), data()).as(CryptoFrame::new),
                bytes(1, 100).map(NewTokenFrame::new),
                Combinators.combine(
                                varInts(),
                                varInts(VarInt.MAX - 100),
                                data(),
                                Arbitraries.of(true, false),
                                Arbitraries.of(true, false))
                        .as(StreamFrame::new),
                varInts().map(MaxDataFrame::new),
                Combinators.combine(varInts(), varInts()).as(MaxStreamDataFrame::new),
                Combinators.combine(varInts(1L << 60), Arbitraries.of(true, false))
                        .as(MaxStreamsFrame::new),
                varInts().map(DataBlockedFrame::new),
                Combinators.combine(varInts(), varInts()).as(StreamDataBlockedFrame::new),
                Combinators.combine(varInts(1L << 60), Arbitraries.of(true, false))
                        .as(StreamsBlockedFrame::new),
                Combinators.combine(varInts(), varInts(), connectionIds(1), tokens())
                        .as((a, b, id, token) -> new NewConnectionIdFrame(Math.max(a, b), Math.min(a, b), id, token)),
                varInts().map(RetireConnectionIdFrame::new),
                Arbitraries.longs().map(PathChallengeFrame::new),
                Arbitraries.longs().map(PathResponseFrame::new),
                Combinators.combine(varInts(), varInts(), reasons()).as(ConnectionCloseFrame::transport),
                Combinators.combine(varInts(), reasons()).as(ConnectionCloseFrame::application),
                Arbitraries.just(HandshakeDoneFrame.INSTANCE),
                Combinators.combine(data(), Arbitraries.of(true, false)).as(DatagramFrame::new));
    }

    /**
     * A valid encoding with a few bytes changed, cut off or put in. Without the edge cases of its parts: the mutation
     * changes them anyhow, and their combinations are many.
     */
    static Arbitrary<byte[]> mutated(Arbitrary<byte[]> valid) {
        return Combinators.combine(
                        valid,
                        Arbitraries.integers().between(0, 2),
                        Arbitraries.integers()
                                .between(0, 10_000)
                                .list()
                                .ofMinSize(1)
                                .ofMaxSize(4),
                        Arbitraries.bytes())
                .as((bytes, kind, places, value) -> switch (kind) {
                    case 0 -> changed(bytes, places, value);
                    case 1 -> java.util.Arrays.copyOf(bytes, places.getFirst() % (bytes.length + 1));
                    default -> inserted(bytes, places.getFirst() % (bytes.length + 1), value);
                })
                .withoutEdgeCases();
    }

    private static byte[] changed(byte[] bytes, java.util.List<Integer> places, byte value) {
        byte[] changed = bytes.clone();
        for (int place : places) {
            if (changed.length > 0) {
                changed[place % changed.length] ^= value;
            }
        }
        return changed;
    }

    private static byte[] inserted(byte[] bytes, int place, byte value) {
        byte[] longer = new byte[bytes.length + 1];
        System.arraycopy(bytes, 0, longer, 0, place);
        longer[place] = value;
        System.arraycopy(bytes, place, longer, place + 1, bytes.length - place);
        return longer;
    }
}
