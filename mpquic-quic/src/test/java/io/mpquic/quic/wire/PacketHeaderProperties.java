package io.mpquic.quic.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class PacketHeaderProperties {
    private static final int PAYLOAD_BYTES = 40;

    @Provide
    Arbitrary<ConnectionId> ids() {
        return FrameArbitraries.connectionIds(0);
    }

    @Provide
    Arbitrary<byte[]> tokens() {
        return FrameArbitraries.bytes(0, 200);
    }

    @Provide
    Arbitrary<byte[]> retryTokens() {
        return FrameArbitraries.bytes(1, 200);
    }

    @Provide
    Arbitrary<Long> numbers() {
        return FrameArbitraries.varInts();
    }

    @Property
    void anInitialHeaderSurvivesEncodingAndDecoding(
            @ForAll("ids") ConnectionId dcid,
            @ForAll("ids") ConnectionId scid,
            @ForAll("tokens") byte[] token,
            @ForAll("numbers") long packetNumber,
            @ForAll @IntRange(min = 1, max = 4) int numberBytes)
            throws MalformedPacketException {
        byte[] buffer = new byte[400];
        WireWriter writer = WireWriter.of(buffer);
        long offset = PacketHeader.writeInitial(writer, dcid, scid, token, packetNumber, numberBytes);
        assertEquals(PacketHeader.initialLengthBytes(dcid, scid, token.length, numberBytes), writer.position());
        assertEquals(
                new LongHeader.Initial(Version.V1, dcid, scid, token, numberBytes + PAYLOAD_BYTES, offset),
                complete(buffer, writer, offset, packetNumber, numberBytes));
    }

    @Property
    void aHandshakeHeaderSurvivesEncodingAndDecoding(
            @ForAll("ids") ConnectionId dcid,
            @ForAll("ids") ConnectionId scid,
            @ForAll("numbers") long packetNumber,
            @ForAll @IntRange(min = 1, max = 4) int numberBytes)
            throws MalformedPacketException {
        byte[] buffer = new byte[400];
        WireWriter writer = WireWriter.of(buffer);
        long offset = PacketHeader.writeHandshake(writer, dcid, scid, packetNumber, numberBytes);
        assertEquals(PacketHeader.longLengthBytes(dcid, scid, numberBytes), writer.position());
        assertEquals(
                new LongHeader.Handshake(Version.V1, dcid, scid, numberBytes + PAYLOAD_BYTES, offset),
                complete(buffer, writer, offset, packetNumber, numberBytes));
    }

    @Property
    void aZeroRttHeaderSurvivesEncodingAndDecoding(
            @ForAll("ids") ConnectionId dcid,
            @ForAll("ids") ConnectionId scid,
            @ForAll("numbers") long packetNumber,
            @ForAll @IntRange(min = 1, max = 4) int numberBytes)
            throws MalformedPacketException {
        byte[] buffer = new byte[400];
        WireWriter writer = WireWriter.of(buffer);
        long offset = PacketHeader.writeZeroRtt(writer, dcid, scid, packetNumber, numberBytes);
        assertEquals(PacketHeader.longLengthBytes(dcid, scid, numberBytes), writer.position());
        assertEquals(
                new LongHeader.ZeroRtt(Version.V1, dcid, scid, numberBytes + PAYLOAD_BYTES, offset),
                complete(buffer, writer, offset, packetNumber, numberBytes));
    }

    @Property
    void aShortHeaderHasItsBitsItsConnectionIdAndItsNumber(
            @ForAll("ids") ConnectionId dcid,
            @ForAll boolean spin,
            @ForAll boolean keyPhase,
            @ForAll("numbers") long packetNumber,
            @ForAll @IntRange(min = 1, max = 4) int numberBytes) {
        byte[] buffer = new byte[40];
        WireWriter writer = WireWriter.of(buffer);
        long offset = PacketHeader.writeShort(writer, dcid, spin, keyPhase, packetNumber, numberBytes);
        assertEquals(PacketHeader.shortLengthBytes(dcid, numberBytes), writer.position());
        int first = buffer[0];
        assertFalse(PacketHeader.isLong(first));
        assertEquals(PacketHeader.FIXED_BIT, first & PacketHeader.FIXED_BIT);
        assertEquals(0, first & PacketHeader.SHORT_RESERVED_BITS);
        assertEquals(spin, (first & PacketHeader.SPIN_BIT) != 0);
        assertEquals(keyPhase, (first & PacketHeader.KEY_PHASE_BIT) != 0);
        assertEquals(numberBytes, 1 + (first & PacketHeader.PACKET_NUMBER_LENGTH_BITS));
        assertTrue(dcid.matches(MemorySegment.ofArray(buffer), 1));
        assertNumber(MemorySegment.ofArray(buffer), offset, packetNumber, numberBytes);
    }

    @Property
    void aRetrySurvivesEncodingAndDecoding(
            @ForAll("ids") ConnectionId dcid,
            @ForAll("ids") ConnectionId scid,
            @ForAll("retryTokens") byte[] token,
            @ForAll byte tagByte)
            throws MalformedPacketException {
        byte[] tag = new byte[16];
        Arrays.fill(tag, tagByte);
        byte[] packet = Wire.written(writer -> {
            PacketHeader.writeRetry(writer, dcid, scid, token);
            writer.writeBytes(tag);
        });
        assertEquals(new LongHeader.Retry(Version.V1, dcid, scid, token, tag), LongHeader.parse(WireReader.of(packet)));
    }

    @Property
    void theVersionInvariantPartOfEveryHeaderIsTheSame(
            @ForAll("ids") ConnectionId dcid, @ForAll("ids") ConnectionId scid) throws MalformedPacketException {
        byte[] packet = Wire.written(writer -> PacketHeader.writeHandshake(writer, dcid, scid, 0, 1));
        VersionInvariant invariant = VersionInvariant.parse(WireReader.of(packet));
        assertEquals(new VersionInvariant(Version.V1, dcid.bytes(), scid.bytes()), invariant);
        assertArrayEquals(dcid.bytes(), invariant.dcid());
    }

    @Example
    void theLengthFieldHoldsTwoBytes() {
        MemorySegment packet = MemorySegment.ofArray(new byte[4]);
        PacketHeader.patchLength(packet, 3, PacketHeader.MAX_LENGTH_FIELD);
        assertArrayEquals(Wire.hex("00 7fff 00"), packet.toArray(ValueLayout.JAVA_BYTE));
        assertThrows(IllegalArgumentException.class, () -> PacketHeader.patchLength(packet, 3, 16_384));
        assertThrows(IllegalArgumentException.class, () -> PacketHeader.patchLength(packet, 3, -1));
    }

    @Example
    void aRetryWithoutATokenIsNotWritten() {
        assertThrows(
                IllegalArgumentException.class,
                () -> PacketHeader.writeRetry(
                        WireWriter.of(new byte[50]), ConnectionId.EMPTY, ConnectionId.EMPTY, new byte[0]));
    }

    /** Adds a payload, patches the length, and reads the header back. */
    private static LongHeader complete(
            byte[] buffer, WireWriter writer, long offset, long packetNumber, int numberBytes)
            throws MalformedPacketException {
        MemorySegment packet = MemorySegment.ofArray(buffer);
        PacketHeader.patchLength(packet, offset, numberBytes + PAYLOAD_BYTES);
        assertNumber(packet, offset, packetNumber, numberBytes);
        assertTrue(PacketHeader.isLong(buffer[0]));
        assertEquals(0, buffer[0] & PacketHeader.LONG_RESERVED_BITS);
        assertEquals(numberBytes, 1 + (buffer[0] & PacketHeader.PACKET_NUMBER_LENGTH_BITS));
        WireReader reader = new WireReader().wrap(packet, 0, writer.position() + PAYLOAD_BYTES);
        LongHeader header = LongHeader.parse(reader);
        assertEquals(offset, reader.position());
        return header;
    }

    private static void assertNumber(MemorySegment packet, long offset, long packetNumber, int numberBytes) {
        long mask = (1L << (8 * numberBytes)) - 1;
        assertEquals(packetNumber & mask, PacketNumber.read(packet, offset, numberBytes));
    }
}
