package io.mpquic.quic.stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.wire.StreamFrame;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Buffers give back what was put in, whatever the network makes of the pieces. */
class BuffersProperties {

    /** RFC 9000 §2.2. */
    @Property(tries = 300)
    void piecesInAnyOrderAndOverlappingGiveTheSameBytes(@ForAll long seed, @ForAll @IntRange(max = 9000) int length) {
        Random random = new Random(seed);
        byte[] data = new byte[length];
        random.nextBytes(data);
        ReceiveBuffer buffer = new ReceiveBuffer();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] chunk = new byte[777];
        while (out.size() < length) {
            int from = out.size() + random.nextInt(Math.min(2000, length - out.size()));
            int start = Math.max(0, random.nextBoolean() ? from - random.nextInt(50) : out.size());
            int size = Math.min(length - start, 1 + random.nextInt(600));
            buffer.put(start, MemorySegment.ofArray(data).asSlice(start, size));
            int read = buffer.read(chunk, 0, random.nextInt(chunk.length));
            out.write(chunk, 0, read);
        }
        assertArrayEquals(data, out.toByteArray());
    }

    /** RFC 9000 §13.3: only what is not acknowledged goes out again. */
    @Property(tries = 200)
    void whatIsLostGoesOutAgainUntilAllIsAcknowledged(@ForAll long seed, @ForAll @IntRange(max = 30_000) int length) {
        Random random = new Random(seed);
        byte[] data = new byte[length];
        random.nextBytes(data);
        SendPart sending = new SendPart(4, 1 << 30, 1 << 20);
        ReceiveBuffer received = new ReceiveBuffer();
        List<StreamFrame> flight = new ArrayList<>();
        int written = 0;
        while (sending.state() != SendState.DATA_RECVD) {
            if (written < length) {
                written += sending.write(data, written, Math.min(length - written, random.nextInt(3000)));
            } else {
                sending.finish();
            }
            var frame = sending.next(20 + random.nextInt(1200), 1 << 30);
            if (frame != null) {
                assertEquals(
                        -1,
                        frame.data()
                                .mismatch(MemorySegment.ofArray(data)
                                        .asSlice(frame.offset(), frame.data().byteSize())));
                flight.add(frame);
            }
            if (!flight.isEmpty() && random.nextInt(3) == 0) {
                var gone = flight.remove(random.nextInt(flight.size()));
                if (random.nextInt(4) == 0) {
                    sending.onLost(gone);
                } else {
                    received.put(
                            gone.offset(),
                            MemorySegment.ofArray(data)
                                    .asSlice(gone.offset(), gone.data().byteSize()));
                    sending.onAcknowledged(gone);
                }
            }
        }
        assertEquals(length, received.readableTo());
    }

    /** A simple set of numbers says the same. */
    @Property(tries = 300)
    void marksOfAMovingWindowAreThoseOfASet(@ForAll long seed) {
        Random random = new Random(seed);
        int capacity = 64 << random.nextInt(4);
        Marks marks = new Marks();
        marks.resize(capacity, 0, 0);
        Set<Long> set = new HashSet<>();
        long start = 0;
        for (int i = 0; i < 100; i++) {
            long from = start + random.nextInt(capacity);
            long to = from + random.nextInt((int) (start + capacity - from) + 1);
            switch (random.nextInt(4)) {
                case 0 -> {
                    marks.set(from, to);
                    LongStream.range(from, to).forEach(set::add);
                }
                case 1 -> {
                    marks.clear(from, to);
                    LongStream.range(from, to).forEach(set::remove);
                }
                case 2 -> {
                    marks.clear(start, from);
                    LongStream.range(start, from).forEach(set::remove);
                    start = from;
                }
                default -> {
                    if (capacity < 1 << 12) {
                        capacity *= 2;
                        marks.resize(capacity, start, start + capacity / 2);
                    }
                }
            }
            long limit = start + capacity;
            long at = start + random.nextInt(capacity);
            assertEquals(
                    LongStream.range(at, limit)
                            .filter(set::contains)
                            .findFirst()
                            .orElse(limit),
                    marks.nextSet(at, limit));
            assertEquals(
                    LongStream.range(at, limit)
                            .filter(each -> !set.contains(each))
                            .findFirst()
                            .orElse(limit),
                    marks.nextClear(at, limit));
        }
    }

    /** Who acknowledges all but the first bytes would otherwise make a sender keep all that follows. */
    @Example
    void aHoleInWhatIsAcknowledgedHoldsNoMoreThanTheBuffer() {
        int limit = 3 << 20;
        SendPart sending = new SendPart(4, 1 << 30, limit);
        byte[] piece = new byte[10_000];
        long written = 0;
        var first = Optional.<StreamFrame>empty();
        for (int n = 1; n > 0; written += n) {
            n = sending.write(piece, 0, piece.length);
            for (var frame = sending.next(1_200, 1 << 30); frame != null; frame = sending.next(1_200, 1 << 30)) {
                if (first.isEmpty()) {
                    first = Optional.of(frame);
                } else {
                    sending.onAcknowledged(frame);
                }
            }
        }
        assertEquals(limit, written);
        sending.onAcknowledged(first.orElseThrow());
        assertEquals(piece.length, sending.write(piece, 0, piece.length));
    }

    /** An acknowledgement costs the length of what it is about, not that of the window. */
    @Example
    void anAcknowledgementCostsNoMoreInALargeWindow() {
        cpuNsOfAcknowledgements(1 << 18); // warms up
        long small = cpuNsOfAcknowledgements(1 << 18);
        long large = cpuNsOfAcknowledgements(1 << 24);
        assertTrue(large < 10 * small, small + " ns in a small window, " + large + " in a large one");
    }

    private static long cpuNsOfAcknowledgements(int window) {
        SendPart sending = new SendPart(4, 1 << 30, window);
        byte[] piece = new byte[10_000];
        List<StreamFrame> flight = new ArrayList<>();
        for (int n = 1; n > 0; ) {
            n = sending.write(piece, 0, piece.length);
            for (var frame = sending.next(1_000, 1 << 30); frame != null; frame = sending.next(1_000, 1 << 30)) {
                flight.add(frame);
            }
        }
        int timed = 200;
        List<StreamFrame> last = flight.subList(flight.size() - timed, flight.size());
        flight.subList(0, flight.size() - timed).forEach(sending::onAcknowledged);
        long startedNs = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        last.forEach(sending::onAcknowledged);
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - startedNs;
    }

    /** Each second byte: the memory is that of the window. */
    @Property(tries = 3)
    void gapsCostNoMoreThanTheWindow(@ForAll @IntRange(min = 1, max = 100) int value) {
        ReceiveBuffer buffer = new ReceiveBuffer();
        byte[] one = {(byte) value};
        int window = 1 << 18;
        for (int offset = window - 1; offset > 0; offset -= 2) {
            buffer.put(offset, MemorySegment.ofArray(one));
        }
        assertEquals(window, buffer.memoryBytes());
        assertEquals(0, buffer.readableTo());
    }
}
