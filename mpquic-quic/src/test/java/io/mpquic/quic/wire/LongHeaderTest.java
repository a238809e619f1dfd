package io.mpquic.quic.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.conformance.Requirement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LongHeaderTest {
    private static final ConnectionId DCID = new ConnectionId(Wire.hex("0102"));
    private static final ConnectionId SCID = new ConnectionId(Wire.hex("0304 05"));
    private static final String IDS = "02 0102 03 030405";
    private static final String TAG = "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff";

    @Test
    void theClientInitialOfTheRfcIsUnderstood() throws MalformedPacketException {
        // RFC 9001, appendix A.2: the header as it is sent, with a payload of 1,182 bytes in all.
        byte[] datagram = new byte[1200];
        byte[] header = Wire.hex("c0 00000001 08 8394c8f03e515708 00 00 449e 7b9aec34");
        System.arraycopy(header, 0, datagram, 0, header.length);
        WireReader reader = WireReader.of(datagram);
        LongHeader.Initial initial = (LongHeader.Initial) LongHeader.parse(reader);
        assertEquals(new ConnectionId(Wire.hex("8394c8f03e515708")), initial.dcid());
        assertEquals(ConnectionId.EMPTY, initial.scid());
        assertEquals(0, initial.token().length);
        assertEquals(18, initial.packetNumberOffset());
        assertEquals(18, reader.position());
        assertEquals(1182, initial.payloadLengthBytes());
        assertEquals(1200, initial.endOffset());
    }

    @Test
    void theRetryOfTheRfcIsUnderstood() throws MalformedPacketException {
        // RFC 9001, appendix A.4.
        WireReader reader =
                Wire.readerOf("ff 00000001 00 08 f067a5502a4262b5 746f6b656e 04a265ba2eff4d829058fb3f0f2496ba");
        LongHeader.Retry retry = (LongHeader.Retry) LongHeader.parse(reader);
        assertEquals(new ConnectionId(Wire.hex("f067a5502a4262b5")), retry.scid());
        assertEquals("token", new String(retry.token(), java.nio.charset.StandardCharsets.US_ASCII));
        assertArrayEquals(Wire.hex("04a265ba2eff4d829058fb3f0f2496ba"), retry.integrityTag());
        assertEquals(0, reader.remaining());
    }

    @Test
    void theTypeBitsTellThePacketsApart() throws MalformedPacketException {
        assertEquals(
                new LongHeader.Initial(1, DCID, SCID, Wire.hex("aa"), 2, 15),
                parse("c3 00000001" + IDS + "01 aa 02 bbcc"));
        assertEquals(new LongHeader.ZeroRtt(1, DCID, SCID, 2, 13), parse("d3 00000001" + IDS + "02 bbcc"));
        assertEquals(new LongHeader.Handshake(1, DCID, SCID, 2, 13), parse("e3 00000001" + IDS + "02 bbcc"));
        assertEquals(
                new LongHeader.Retry(1, DCID, SCID, Wire.hex("aa"), Wire.hex(TAG)),
                parse("f3 00000001" + IDS + "aa" + TAG));
        assertEquals(
                new LongHeader.VersionNegotiation(DCID, SCID, List.of(1, 0x6b3343cf)),
                parse("80 00000000" + IDS + "00000001 6b3343cf"));
    }

    @ParameterizedTest
    @CsvSource({"c0, INITIAL", "d0, ZERO_RTT", "e0, HANDSHAKE"})
    void everyNumberedHeaderKnowsItsPacketType(String firstByte, PacketType type) throws MalformedPacketException {
        assertEquals(type, parse(firstByte + "00000001 00 00 00 00").packetType());
    }

    @Test
    void thePacketNumberOffsetCountsFromTheBeginningOfTheSegment() throws MalformedPacketException {
        byte[] datagram = Wire.hex("ffffff e3 00000001 00 00 02 bbcc 99");
        WireReader reader = new WireReader().wrap(Wire.memory(datagram), 3, datagram.length - 3);
        LongHeader.Handshake handshake = (LongHeader.Handshake) LongHeader.parse(reader);
        assertEquals(11, handshake.packetNumberOffset());
        assertEquals(13, handshake.endOffset());
        assertEquals(11, reader.position());
    }

    @Requirement("9001-5.4.2-1")
    @Test
    void aPacketShorterThanTheSampleOfHeaderProtectionSaysSo() throws MalformedPacketException {
        assertFalse(numbered(19).hasSample());
        assertTrue(numbered(20).hasSample());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", // nothing
                "40 00000001 00 00 00", // a short header
                "80 00000001 00 00 00 00", // the fixed bit is 0
                "c0 000000", // the version is cut short
                "c0 00000001 02 01", // the connection ID is cut short
                "c0 00000001 15 000000000000000000000000000000000000000000 00 00 00", // 21 bytes of connection ID
                "c0 00000001 00 15 000000000000000000000000000000000000000000 00 00",
                "c0 00000001 00 00 05 00 00", // the token is cut short
                "c0 00000001 00 00 00 02 00", // the payload is cut short
                "e0 00000001 00 00 7fff 00",
                "e0 00000001 00 00 ffffffffffffffff",
                "f0 00000001 00 00 f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff", // a Retry without a token
                "f0 00000001 00 00 f0f1", // a Retry shorter than its tag
                "c0 00000002 00 00 00 00", // another version
                "80 00000000 00 00", // no version offered
                "80 00000000 00 00 000001", // a version that is cut short
                "80 00000000 15 000000000000000000000000000000000000000000 00 00000001"
            })
    void aMalformedHeaderIsNoPacket(String digits) {
        assertThrows(MalformedPacketException.class, () -> parse(digits));
    }

    @Test
    void theVersionOfAnotherProtocolAndItsLongConnectionIdsAreReadAllTheSame() throws MalformedPacketException {
        byte[] packet = Wire.written(writer -> writer.writeByte(0x80)
                .writeInt(0x1a2a3a4a)
                .writeByte(255)
                .zeros(255)
                .writeByte(1)
                .writeByte(9)
                .writeByte(7));
        WireReader reader = WireReader.of(packet);
        assertEquals(new VersionInvariant(0x1a2a3a4a, new byte[255], new byte[] {9}), VersionInvariant.parse(reader));
        assertEquals(1, reader.remaining());
        assertTrue(Version.isReserved(0x1a2a3a4a));
        assertFalse(Version.isReserved(Version.V1));
    }

    @Test
    void anUnknownVersionCanBeAnswered() throws MalformedPacketException {
        byte[] answer = Wire.written(writer ->
                PacketHeader.writeVersionNegotiation(writer, DCID.bytes(), SCID.bytes(), 0x15, Version.V1, 0x0a1a2a3a));
        assertArrayEquals(Wire.hex("d5 00000000" + IDS + "00000001 0a1a2a3a"), answer);
        LongHeader.VersionNegotiation parsed = (LongHeader.VersionNegotiation) LongHeader.parse(WireReader.of(answer));
        assertEquals(List.of(Version.V1, 0x0a1a2a3a), parsed.supported());
        assertEquals(Version.NEGOTIATION, parsed.version());
        assertThrows(
                IllegalArgumentException.class,
                () -> Wire.written(
                        writer -> PacketHeader.writeVersionNegotiation(writer, new byte[0], new byte[0], 0)));
    }

    private static LongHeader parse(String digits) throws MalformedPacketException {
        return LongHeader.parse(Wire.readerOf(digits));
    }

    private static LongHeader.Numbered numbered(int payloadLengthBytes) throws MalformedPacketException {
        byte[] packet = Wire.written(writer -> writer.writeBytes(Wire.hex("e0 00000001 00 00"))
                .writeVarInt(payloadLengthBytes)
                .zeros(payloadLengthBytes));
        return (LongHeader.Numbered) LongHeader.parse(WireReader.of(packet));
    }
}
