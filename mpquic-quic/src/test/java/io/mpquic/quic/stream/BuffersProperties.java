package io.mpquic.quic.stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
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
        List<io.mpquic.quic.wire.StreamFrame> flight = new ArrayList<>();
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
