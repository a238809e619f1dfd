package io.mpquic.quic.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.conformance.Requirement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules of RFC 9000 §12.4 and §19 that a single frame can break. */
class FrameTest {
    private static final String MAX = "ffffffffffffffff";
    private static final String TOKEN = "000102030405060708090a0b0c0d0e0f";

    @Test
    void aRunOfPaddingIsOneFrame() throws TransportException {
        WireReader reader = Wire.readerOf("00 0000000000000000 0000 01");
        assertEquals(new PaddingFrame(11), Frame.parse(reader));
        assertEquals(PingFrame.INSTANCE, Frame.parse(reader));
    }

    @Test
    void aTypeThatIsEncodedLongerThanNecessaryIsAProtocolViolation() {
        TransportException fault = assertThrows(TransportException.class, () -> parse("4001"));
        assertEquals(TransportError.PROTOCOL_VIOLATION, fault.errorCode());
        assertEquals(PingFrame.TYPE, fault.frameType());
    }

    @ParameterizedTest
    @ValueSource(strings = {"1f", "20", "2f", "32", "3f", "4040", "80004000", "c000000100000001", MAX})
    void anUnknownTypeIsAFrameEncodingError(String encoded) throws TransportException {
        long type = Wire.readerOf(encoded).readVarInt();
        assertEquals(type, assertFrameEncodingError(encoded).frameType());
    }

    @Test
    void anErrorNamesTheTypeOfTheFrameThatWasCutShort() {
        assertEquals(MaxDataFrame.TYPE, assertFrameEncodingError("10").frameType());
        assertEquals(CryptoFrame.TYPE, assertFrameEncodingError("06 00 05 00").frameType());
        assertEquals(
                AckFrame.TYPE_WITH_ECN,
                assertFrameEncodingError("03 05 00 00 00 01 01").frameType());
    }

    @Test
    void cryptoDataMayEndAtTheLastOffsetAndNotBehindIt() throws TransportException {
        assertEquals(new CryptoFrame(VarInt.MAX - 1, Wire.memory((byte) 7)), parse("06 fffffffffffffffe 01 07"));
        assertFrameEncodingError("06" + MAX + "01 07");
    }

    @Requirement("9000-19.8-2")
    @Test
    void streamDataMayEndAtTheLastOffsetAndNotBehindIt() throws TransportException {
        assertEquals(
                new StreamFrame(4, VarInt.MAX - 1, Wire.memory((byte) 7), false),
                parse("0e 04 fffffffffffffffe 01 07"));
        assertFrameEncodingError("0e 04" + MAX + "01 07");
        assertFrameEncodingError("0c 04" + MAX + "07");
    }

    @Test
    void aStreamFrameWithoutALengthTakesTheRestOfThePacket() throws TransportException {
        assertEquals(new StreamFrame(4, 0, Wire.memory((byte) 1, (byte) 2), true, false), parse("09 04 0102"));
    }

    @Test
    void anExplicitStreamOffsetOf0IsAccepted() throws TransportException {
        assertEquals(new StreamFrame(4, 0, Wire.memory((byte) 1), false), parse("0e 04 00 01 01"));
    }

    @Test
    void aLengthBeyondThePacketIsAFrameEncodingError() {
        assertFrameEncodingError("06 00 02 00");
        assertFrameEncodingError("07 02 00");
        assertFrameEncodingError("0a 04 02 00");
        assertFrameEncodingError("1c 00 00 02 00");
        assertFrameEncodingError("31 02 00");
        assertFrameEncodingError("31" + MAX);
    }

    @Requirement("9000-19.7-1")
    @Test
    void anEmptyTokenIsAFrameEncodingError() {
        assertFrameEncodingError("07 00");
    }

    @ParameterizedTest
    @ValueSource(strings = {"12", "13", "16", "17"})
    void moreThan2To60StreamsAreAFrameEncodingError(String type) throws TransportException {
        long largest = switch (parse(type + "d000000000000000")) {
            case MaxStreamsFrame frame -> frame.maximumStreams();
            case StreamsBlockedFrame frame -> frame.maximumStreams();
            case Frame frame -> throw new AssertionError(frame);
        };
        assertEquals(1L << 60, largest);
        assertFrameEncodingError(type + "d000000000000001");
    }

    @Test
    void aNewConnectionIdHas1To20Bytes() throws TransportException {
        assertInstanceOf(NewConnectionIdFrame.class, parse("18 01 00 01 aa" + TOKEN));
        assertInstanceOf(NewConnectionIdFrame.class, parse("18 01 00 14" + "aa".repeat(20) + TOKEN));
        assertFrameEncodingError("18 01 00 00" + TOKEN);
        assertFrameEncodingError("18 01 00 15" + "aa".repeat(21) + TOKEN);
    }

    @Requirement("9000-19.15-5")
    @Test
    void aConnectionIdCannotRetireLaterOnes() throws TransportException {
        assertInstanceOf(NewConnectionIdFrame.class, parse("18 05 05 01 aa" + TOKEN));
        assertFrameEncodingError("18 05 06 01 aa" + TOKEN);
    }

    @Test
    void aReasonThatIsNoUtf8IsReadWithReplacements() throws TransportException {
        assertEquals(ConnectionCloseFrame.application(2, "a\ufffdb"), parse("1d 02 03 61ff62"));
    }

    @Test
    void onlyACloseByTheTransportNamesAFrameType() throws TransportException {
        assertEquals(ConnectionCloseFrame.transport(10, 6, "x"), parse("1c 0a 06 01 78"));
        assertEquals(ConnectionCloseFrame.application(10, ""), parse("1d 0a 00"));
        assertThrows(IllegalArgumentException.class, () -> new ConnectionCloseFrame(1, 6, "", true));
    }

    @Test
    void aFaultBecomesTheCloseThatReportsIt() {
        TransportException fault = new TransportException(TransportError.PROTOCOL_VIOLATION, 0x1e, "no");
        assertEquals(new ConnectionCloseFrame(0x0a, 0x1e, "no", false), ConnectionCloseFrame.of(fault));
    }

    @Test
    void aDatagramWithoutALengthTakesTheRestOfThePacket() throws TransportException {
        assertEquals(new DatagramFrame(Wire.memory(Wire.hex("3100")), false), parse("30 3100"));
        assertEquals(new DatagramFrame(Wire.memory(), false), parse("30"));
    }

    @Test
    void aDatagramHeaderStandsBeforeAPayloadThatStaysInItsPlace() throws TransportException {
        assertEquals(1, DatagramFrame.headerLengthBytes(1200, false));
        assertEquals(3, DatagramFrame.headerLengthBytes(1200, true));
        assertArrayEquals(Wire.hex("31 44b0"), Wire.written(writer -> DatagramFrame.writeHeader(writer, 1200, true)));
        WireReader reader = Wire.readerOf("31 02 aabb 01");
        assertEquals(2, DatagramFrame.readHeader(reader, Frame.readType(reader)));
        assertEquals(2, reader.position());
    }

    @Test
    void dataOfAFrameAreASliceOfThePacket() throws TransportException {
        byte[] packet = Wire.hex("31 02 0102");
        DatagramFrame frame = (DatagramFrame) Frame.parse(WireReader.of(packet));
        packet[2] = 9;
        assertEquals(new DatagramFrame(Wire.memory((byte) 9, (byte) 2), true), frame);
    }

    @Requirement("9000-19.7-1")
    @Test
    void whatTheWireCannotCarryCannotBeConstructed() {
        assertThrows(IllegalArgumentException.class, () -> new PaddingFrame(0));
        assertThrows(IllegalArgumentException.class, () -> new AckFrame(new AckRanges(), 0, null));
        assertThrows(IllegalArgumentException.class, () -> new CryptoFrame(VarInt.MAX, Wire.memory((byte) 1)));
        assertThrows(IllegalArgumentException.class, () -> new StreamFrame(0, VarInt.MAX, Wire.memory((byte) 1), true));
        assertThrows(IllegalArgumentException.class, () -> new NewTokenFrame(new byte[0]));
        assertThrows(IllegalArgumentException.class, () -> new MaxStreamsFrame((1L << 60) + 1, true));
        assertThrows(IllegalArgumentException.class, () -> new StreamsBlockedFrame((1L << 60) + 1, true));
        assertThrows(IllegalArgumentException.class, () -> new MaxDataFrame(-1));
        StatelessResetToken token = new StatelessResetToken(1, 2);
        ConnectionId id = ConnectionId.ofLong(1);
        assertThrows(IllegalArgumentException.class, () -> new NewConnectionIdFrame(1, 2, id, token));
        assertThrows(IllegalArgumentException.class, () -> new NewConnectionIdFrame(1, 1, ConnectionId.EMPTY, token));
    }

    @Test
    void aTokenDoesNotChangeWithTheArrayItCameFrom() {
        byte[] bytes = {1, 2};
        NewTokenFrame frame = new NewTokenFrame(bytes);
        bytes[0] = 9;
        frame.token()[1] = 9;
        assertArrayEquals(new byte[] {1, 2}, frame.token());
    }

    @Test
    void noLogShowsTheDataOfAFrame() {
        byte[] secret = new byte[1000];
        assertTrue(new CryptoFrame(5, Wire.memory(secret)).toString().contains("length=1000"));
        assertTrue(new StreamFrame(5, 6, Wire.memory(secret), true).toString().contains("length=1000"));
        assertTrue(new DatagramFrame(Wire.memory(secret), true).toString().contains("length=1000"));
        assertFalse(new NewTokenFrame(new byte[] {77}).toString().contains("77"));
    }

    private static Frame parse(String digits) throws TransportException {
        return Frame.parse(Wire.readerOf(digits));
    }

    private static TransportException assertFrameEncodingError(String digits) {
        TransportException fault = assertThrows(TransportException.class, () -> parse(digits));
        assertEquals(TransportError.FRAME_ENCODING_ERROR, fault.errorCode());
        return fault;
    }
}
