package io.mpquic.quic.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.mpquic.quic.conformance.Requirement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AckFrameTest {
    private final AckRanges ranges = new AckRanges();

    @Test
    void theFieldsAreWhereTheRfcPutsThem() throws TransportException {
        // Largest 20, delay 9, one more range, first range 3 long; gap of 2 missing numbers, then 5 numbers.
        AckFrame frame = (AckFrame) Frame.parse(Wire.readerOf("02 14 09 01 03 01 04"));
        assertEquals("[20..17, 14..10]", frame.ranges().toString());
        assertEquals(9, frame.ackDelay());
        assertNull(frame.ecn());
        assertArrayEquals(Wire.hex("02 14 09 01 03 01 04"), Wire.written(frame::writeTo));
    }

    @Requirement("9000-19.3-1")
    @Test
    void ecnCountsFollowTheRanges() throws TransportException {
        AckFrame frame = (AckFrame) Frame.parse(Wire.readerOf("03 14 09 00 03 01 02 03"));
        assertEquals(new EcnCounts(1, 2, 3), frame.ecn());
        assertEquals(AckFrame.TYPE_WITH_ECN, frame.type());
    }

    @Test
    void theFastLanePassesOverEcnCounts() throws TransportException {
        WireReader reader = Wire.readerOf("03 14 09 00 03 01 02 03 01");
        assertEquals(9, AckFrame.readInto(reader, Frame.readType(reader), ranges, new long[3]));
        assertEquals("[20..17]", ranges.toString());
        assertEquals(PingFrame.INSTANCE, Frame.parse(reader));
    }

    @Test
    void theFastLaneForgetsTheFrameBefore() throws TransportException {
        ranges.add(100, 200);
        AckFrame.readInto(Wire.readerOf("00 00 00 00"), AckFrame.TYPE, ranges, new long[3]);
        assertEquals("[0]", ranges.toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "05 00 00 06", // the first range goes below 0
                "05 00 01 00 04 00", // the gap leads to -1
                "05 00 01 00 02 02", // the second range goes below 0
                "05 00 01 00 ffffffffffffffff 00", // the gap is larger than any number
                "05 00 01 00 00 ffffffffffffffff"
            })
    void aRangeBelow0IsAFrameEncodingError(String body) {
        TransportException fault = assertThrows(
                TransportException.class,
                () -> AckFrame.readInto(Wire.readerOf(body), AckFrame.TYPE, ranges, new long[3]));
        assertEquals(TransportError.FRAME_ENCODING_ERROR, fault.errorCode());
        assertEquals(AckFrame.TYPE, fault.frameType());
    }

    @Test
    void aRangeDownTo0IsAccepted() throws TransportException {
        AckFrame.readInto(Wire.readerOf("05 00 01 00 02 01"), AckFrame.TYPE, ranges, new long[3]);
        assertEquals("[5, 1..0]", ranges.toString());
    }

    @Test
    void aRangeCountThatThePacketCannotHoldIsRefusedBeforeItsRangesAreRead() {
        TransportException fault = assertThrows(
                TransportException.class,
                () -> AckFrame.readInto(
                        Wire.readerOf("05 00 ffffffffffffffff 00"), AckFrame.TYPE, ranges, new long[3]));
        assertEquals(TransportError.FRAME_ENCODING_ERROR, fault.errorCode());
        assertEquals(0, ranges.size());
    }

    @Test
    void aRangeCountIsRefusedAsSoonAsItNeedsMoreBytesThanThereAre() throws TransportException {
        // Four bytes follow the count: the first range and no more than one further range.
        assertThrows(
                TransportException.class,
                () -> AckFrame.readInto(Wire.readerOf("09 00 03 00 00 00 00"), AckFrame.TYPE, ranges, new long[3]));
        assertEquals(0, ranges.size());
        AckFrame.readInto(Wire.readerOf("09 00 01 00 00 00 00"), AckFrame.TYPE, ranges, new long[3]);
        assertEquals("[9, 7]", ranges.toString());
    }

    @Test
    void aFrameOfMoreRangesThanAreKeptIsReadToItsEndAndLeavesTheNewest() throws TransportException {
        AckRanges sent = everySecondNumber(600);
        byte[] encoded = Wire.written(writer -> new AckFrame(sent, 0, new EcnCounts(1, 2, 3)).writeTo(writer));
        WireReader reader = WireReader.of(encoded);
        AckFrame.readInto(reader, Frame.readType(reader), ranges, new long[3]);
        assertEquals(0, reader.remaining());
        assertEquals(AckRanges.DEFAULT_MAX_RANGES, ranges.size());
        assertEquals(sent.largest(), ranges.largest());
        assertEquals(sent.smallest(255), ranges.smallest());
    }

    @Test
    void rangesThatAreNotKeptAreCheckedAllTheSame() {
        byte[] encoded = Wire.written(writer -> new AckFrame(everySecondNumber(600), 0, null).writeTo(writer));
        encoded[encoded.length - 1] = 0x3f;
        WireReader reader = WireReader.of(encoded);
        assertThrows(
                TransportException.class, () -> AckFrame.readInto(reader, Frame.readType(reader), ranges, new long[3]));
    }

    @Test
    void anAckFrameIsCutToTheSpaceThereIs() throws TransportException {
        AckRanges sent = everySecondNumber(100);
        int complete = AckFrame.lengthBytes(sent, 7, Integer.MAX_VALUE);
        for (int space = 0; space <= complete + 3; space++) {
            byte[] buffer = new byte[complete + 10];
            WireWriter writer = WireWriter.of(buffer);
            int count = AckFrame.write(writer, sent, 7, space);
            int lengthBytes = (int) writer.position();
            if (count == 0) {
                assertEquals(0, lengthBytes);
                continue;
            }
            assertEquals(AckFrame.lengthBytes(sent, 7, count), lengthBytes);
            assertEquals(true, lengthBytes <= space);
            // One range more would not have fitted.
            assertEquals(true, count == 100 || AckFrame.lengthBytes(sent, 7, count + 1) > space);
            WireReader reader = new WireReader().wrap(Wire.memory(buffer), 0, lengthBytes);
            assertEquals(7, AckFrame.readInto(reader, Frame.readType(reader), ranges, new long[3]));
            assertEquals(count, ranges.size());
            assertEquals(sent.largest(), ranges.largest());
        }
    }

    @Test
    void theSmallestAckFrameTakesFiveBytes() {
        ranges.add(3, 3);
        assertEquals(5, AckFrame.lengthBytes(ranges, 0, 1));
        assertEquals(0, AckFrame.write(WireWriter.of(new byte[10]), ranges, 0, 4));
        assertEquals(1, AckFrame.write(WireWriter.of(new byte[10]), ranges, 0, 5));
    }

    @Test
    void ecnCountsTakeTheirSpaceFromTheRanges() throws TransportException {
        AckRanges sent = everySecondNumber(100);
        // Counts of one, two and four bytes.
        assertEquals(7, AckFrame.ecnBytes(1, 100, 20_000));
        int complete = AckFrame.lengthBytes(sent, 7, Integer.MAX_VALUE) + 7;
        for (int space = 0; space <= complete + 3; space++) {
            byte[] buffer = new byte[complete + 10];
            WireWriter writer = WireWriter.of(buffer);
            int count = AckFrame.writeWithEcn(writer, sent, 7, space, 1, 100, 20_000);
            int lengthBytes = (int) writer.position();
            assertEquals(count == 0 ? 0 : AckFrame.lengthBytes(sent, 7, count) + 7, lengthBytes);
            assertEquals(true, lengthBytes <= space);
            assertEquals(true, count == 100 || AckFrame.lengthBytes(sent, 7, count + 1) + 7 > space);
            if (count > 0) {
                long[] counts = new long[3];
                WireReader reader = new WireReader().wrap(Wire.memory(buffer), 0, lengthBytes);
                AckFrame.readInto(reader, Frame.readType(reader), ranges, counts);
                assertEquals(0, reader.remaining());
                assertEquals(count, ranges.size());
                assertArrayEquals(new long[] {1, 100, 20_000}, counts);
            }
        }
    }

    @Test
    void aDelayThatNoFieldCanHoldIsRefused() {
        ranges.add(3, 3);
        assertEquals(VarInt.MAX, new AckFrame(ranges, VarInt.MAX, null).ackDelay());
        assertThrows(IllegalArgumentException.class, () -> new AckFrame(ranges, VarInt.MAX + 1, null));
        assertThrows(IllegalArgumentException.class, () -> new AckFrame(ranges, -1, null));
    }

    private static AckRanges everySecondNumber(int count) {
        AckRanges numbers = new AckRanges(count);
        for (int i = 0; i < count; i++) {
            numbers.add(2L * i, 2L * i);
        }
        return numbers;
    }
}
