package io.mpquic.quic.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Values are equal by what they hold, and their hashes spread: no peer's choice fills one bucket of a map. */
class ContentEqualityTest {
    private static final int VALUES = 256;

    /** Values that differ in one field only. */
    record Kind(String name, IntFunction<Object> make) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Kind> kinds() {
        ConnectionId id = ConnectionId.ofLong(77);
        return Stream.of(
                new Kind("connection ID", ConnectionId::ofLong),
                new Kind("connection ID by length", length -> new ConnectionId(new byte[length % 21])),
                new Kind("token, high half", high -> new StatelessResetToken(high, 5)),
                new Kind("token, low half", low -> new StatelessResetToken(5, low)),
                new Kind("CRYPTO offset", offset -> new CryptoFrame(offset, Wire.memory((byte) 1))),
                new Kind("CRYPTO data", data -> new CryptoFrame(1, bytes(data))),
                new Kind("CRYPTO length", length -> new CryptoFrame(1, Wire.memory(new byte[length]))),
                new Kind("STREAM stream", stream -> new StreamFrame(stream, 5, bytes(1), false)),
                new Kind("STREAM offset", offset -> new StreamFrame(5, offset, bytes(1), false)),
                new Kind("STREAM data", data -> new StreamFrame(5, 5, bytes(data), false)),
                new Kind("DATAGRAM data", data -> new DatagramFrame(bytes(data), true)),
                new Kind("NEW_TOKEN", data -> new NewTokenFrame(array(data))),
                new Kind("version", version -> new VersionInvariant(version, array(1), array(2))),
                new Kind("destination of any version", data -> new VersionInvariant(1, array(data), array(2))),
                new Kind("source of any version", data -> new VersionInvariant(1, array(1), array(data))),
                new Kind(
                        "Initial, destination",
                        data -> new LongHeader.Initial(1, ConnectionId.ofLong(data), id, array(1), 3, 4)),
                new Kind(
                        "Initial, source",
                        data -> new LongHeader.Initial(1, id, ConnectionId.ofLong(data), array(1), 3, 4)),
                new Kind("Initial, token", data -> new LongHeader.Initial(1, id, id, array(data), 3, 4)),
                new Kind(
                        "Retry, destination",
                        data -> new LongHeader.Retry(1, ConnectionId.ofLong(data), id, array(1), array(2))),
                new Kind(
                        "Retry, source",
                        data -> new LongHeader.Retry(1, id, ConnectionId.ofLong(data), array(1), array(2))),
                new Kind("Retry, token", data -> new LongHeader.Retry(1, id, id, array(data), array(2))));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void valuesThatDifferAreUnequalAndHardlyEverShareAHash(Kind kind) {
        Set<Object> values = new HashSet<>();
        Set<Integer> hashes = new HashSet<>();
        for (int i = 0; i < VALUES; i++) {
            Object value = kind.make.apply(i);
            Object same = kind.make.apply(i);
            assertEquals(value, same);
            assertEquals(value.hashCode(), same.hashCode());
            values.add(value);
            hashes.add(value.hashCode());
        }
        int distinct = kind.name.equals("connection ID by length") ? 21 : VALUES;
        assertEquals(distinct, values.size());
        assertTrue(hashes.size() > distinct * 9 / 10, () -> hashes.size() + " hashes");
    }

    /** Fields that do not count for the hash still count for equality. */
    @Test
    void everyFieldCountsForEquality() {
        ConnectionId id = ConnectionId.ofLong(77);
        List<Object> different = List.of(
                new StreamFrame(1, 2, bytes(3), false, false),
                new StreamFrame(1, 2, bytes(3), true, false),
                new StreamFrame(1, 2, bytes(3), false, true),
                new DatagramFrame(bytes(3), false),
                new DatagramFrame(bytes(3), true),
                new LongHeader.Initial(1, id, id, array(1), 3, 4),
                new LongHeader.Initial(2, id, id, array(1), 3, 4),
                new LongHeader.Initial(1, id, id, array(1), 4, 4),
                new LongHeader.Initial(1, id, id, array(1), 3, 3),
                new LongHeader.Retry(1, id, id, array(1), array(2)),
                new LongHeader.Retry(2, id, id, array(1), array(2)),
                new LongHeader.Retry(1, id, id, array(1), array(3)),
                new CryptoFrame(1, bytes(3)),
                new NewTokenFrame(array(3)),
                new VersionInvariant(1, array(1), array(1)),
                id);
        assertEquals(different.size(), new HashSet<>(different).size());
    }

    private static byte[] array(int value) {
        return new byte[] {(byte) (value >> 4), (byte) (value & 15), 7};
    }

    private static MemorySegment bytes(int value) {
        return MemorySegment.ofArray(array(value));
    }
}
