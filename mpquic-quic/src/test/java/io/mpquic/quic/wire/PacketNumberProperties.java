package io.mpquic.quic.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.conformance.Requirement;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

class PacketNumberProperties {
    /**
     * The peer has received something between what we know it has and what we send now: whatever that is, it decodes
     * the number.
     */
    @Requirement("9000-17.1-2")
    @Property
    void thePeerDecodesANumberWhateverItHasReceivedSince(
            @ForAll @LongRange(min = -1, max = VarInt.MAX - (1L << 31)) long largestAcknowledged,
            @ForAll @LongRange(min = 1, max = (1L << 31) - 1) long distance,
            @ForAll @LongRange(min = 0, max = (1L << 31) - 1) long receivedSince) {
        long packetNumber = largestAcknowledged + distance;
        long largestReceived = largestAcknowledged + receivedSince % distance;
        int lengthBytes = PacketNumber.lengthBytes(packetNumber, largestAcknowledged);
        byte[] encoded = Wire.written(writer -> PacketNumber.write(writer, packetNumber, lengthBytes));
        assertEquals(lengthBytes, encoded.length);
        long truncated = PacketNumber.read(Wire.memory(encoded), 0, lengthBytes);
        assertEquals(packetNumber, PacketNumber.decode(truncated, lengthBytes, largestReceived));
    }

    @Property
    void aPacketThatIsLateByLessThanHalfAWindowDecodes(
            @ForAll @LongRange(min = 0, max = VarInt.MAX - 1) long largestReceived,
            @ForAll @IntRange(min = 1, max = 4) int lengthBytes,
            @ForAll @LongRange(min = 0, max = (1L << 31) - 1) long seed) {
        long halfWindow = 1L << (lengthBytes * 8 - 1);
        long packetNumber = Math.max(0, largestReceived - seed % (halfWindow - 1));
        byte[] encoded = Wire.written(writer -> PacketNumber.write(writer, packetNumber, lengthBytes));
        long truncated = PacketNumber.read(Wire.memory(encoded), 0, lengthBytes);
        assertEquals(packetNumber, PacketNumber.decode(truncated, lengthBytes, largestReceived));
    }

    @Property
    void whatIsDecodedIsAlwaysAPacketNumberWithTheseBytes(
            @ForAll @LongRange(min = -1, max = VarInt.MAX) long largestReceived,
            @ForAll @IntRange(min = 1, max = 4) int lengthBytes,
            @ForAll @LongRange(min = 0, max = (1L << 32) - 1) long bytes) {
        long truncated = bytes & ((1L << (8 * lengthBytes)) - 1);
        long packetNumber = PacketNumber.decode(truncated, lengthBytes, largestReceived);
        assertTrue(packetNumber >= 0 && packetNumber <= VarInt.MAX, () -> "decoded " + packetNumber);
        assertEquals(truncated, packetNumber & ((1L << (8 * lengthBytes)) - 1));
    }
}
