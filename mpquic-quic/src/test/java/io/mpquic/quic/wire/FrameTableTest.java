package io.mpquic.quic.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mpquic.quic.conformance.Requirement;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Table 3 of RFC 9000 §12.4, and DATAGRAM from RFC 9221 §5.
 *
 * <p>Packets: I Initial, H Handshake, 0 0-RTT, 1 1-RTT. Spec: N not ack-eliciting, P probing.
 */
class FrameTableTest {
    record Row(Frame frame, int type, String packets, String spec) {}

    static Stream<Row> table() {
        AckRanges ranges = new AckRanges();
        ranges.add(0, 0);
        EcnCounts ecn = new EcnCounts(0, 0, 0);
        ConnectionId id = ConnectionId.ofLong(1);
        StatelessResetToken token = new StatelessResetToken(1, 2);
        return Stream.of(
                new Row(new PaddingFrame(1), 0x00, "IH01", "NP"),
                new Row(PingFrame.INSTANCE, 0x01, "IH01", ""),
                new Row(new AckFrame(ranges, 0, null), 0x02, "IH_1", "N"),
                new Row(new AckFrame(ranges, 0, ecn), 0x03, "IH_1", "N"),
                new Row(new ResetStreamFrame(0, 0, 0), 0x04, "__01", ""),
                new Row(new StopSendingFrame(0, 0), 0x05, "__01", ""),
                new Row(new CryptoFrame(0, Wire.memory()), 0x06, "IH_1", ""),
                new Row(new NewTokenFrame(new byte[1]), 0x07, "___1", ""),
                new Row(new StreamFrame(0, 0, Wire.memory(), false, false), 0x08, "__01", ""),
                new Row(new StreamFrame(0, 0, Wire.memory(), true, false), 0x09, "__01", ""),
                new Row(new StreamFrame(0, 0, Wire.memory(), false, true), 0x0a, "__01", ""),
                new Row(new StreamFrame(0, 0, Wire.memory(), true, true), 0x0b, "__01", ""),
                new Row(new StreamFrame(0, 1, Wire.memory(), false, false), 0x0c, "__01", ""),
                new Row(new StreamFrame(0, 1, Wire.memory(), true, false), 0x0d, "__01", ""),
                new Row(new StreamFrame(0, 1, Wire.memory(), false, true), 0x0e, "__01", ""),
                new Row(new StreamFrame(0, 1, Wire.memory(), true, true), 0x0f, "__01", ""),
                new Row(new MaxDataFrame(0), 0x10, "__01", ""),
                new Row(new MaxStreamDataFrame(0, 0), 0x11, "__01", ""),
                new Row(new MaxStreamsFrame(0, true), 0x12, "__01", ""),
                new Row(new MaxStreamsFrame(0, false), 0x13, "__01", ""),
                new Row(new DataBlockedFrame(0), 0x14, "__01", ""),
                new Row(new StreamDataBlockedFrame(0, 0), 0x15, "__01", ""),
                new Row(new StreamsBlockedFrame(0, true), 0x16, "__01", ""),
                new Row(new StreamsBlockedFrame(0, false), 0x17, "__01", ""),
                new Row(new NewConnectionIdFrame(0, 0, id, token), 0x18, "__01", "P"),
                new Row(new RetireConnectionIdFrame(0), 0x19, "__01", ""),
                new Row(new PathChallengeFrame(0), 0x1a, "__01", "P"),
                new Row(new PathResponseFrame(0), 0x1b, "___1", "P"),
                new Row(ConnectionCloseFrame.transport(0, 0, ""), 0x1c, "IH01", "N"),
                new Row(ConnectionCloseFrame.application(0, ""), 0x1d, "__01", "N"),
                new Row(HandshakeDoneFrame.INSTANCE, 0x1e, "___1", ""),
                new Row(new DatagramFrame(Wire.memory(), false), 0x30, "__01", ""),
                new Row(new DatagramFrame(Wire.memory(), true), 0x31, "__01", ""));
    }

    @ParameterizedTest
    @MethodSource("table")
    void everyFrameHasTheTypeOfItsRow(Row row) {
        assertEquals(row.type, row.frame.type());
        assertEquals(row.type, Wire.written(row.frame::writeTo)[0]);
    }

    @Requirement({"9000-12.5-2", "9001-8.3-2"})
    @ParameterizedTest
    @MethodSource("table")
    void everyFrameIsAllowedInThePacketsOfItsRowOnly(Row row) {
        Set<PacketType> expected = EnumSet.noneOf(PacketType.class);
        for (char letter : row.packets.replace("_", "").toCharArray()) {
            expected.add(
                    switch (letter) {
                        case 'I' -> PacketType.INITIAL;
                        case 'H' -> PacketType.HANDSHAKE;
                        case '0' -> PacketType.ZERO_RTT;
                        case '1' -> PacketType.ONE_RTT;
                        default -> throw new AssertionError(letter);
                    });
        }
        Set<PacketType> actual = EnumSet.noneOf(PacketType.class);
        for (PacketType type : PacketType.values()) {
            if (row.frame.isAllowedIn(type)) {
                actual.add(type);
            }
        }
        assertEquals(expected, actual);
    }

    @Requirement("9000-19.21-2")
    @ParameterizedTest
    @MethodSource("table")
    void everyFrameElicitsAnAcknowledgementUnlessItsRowSaysNo(Row row) {
        assertEquals(!row.spec.contains("N"), row.frame.isAckEliciting());
    }

    @ParameterizedTest
    @MethodSource("table")
    void onlyTheFramesOfMarkedRowsProbeAPath(Row row) {
        assertEquals(row.spec.contains("P"), row.frame.isProbing());
    }

    @Test
    void theTableHasEveryFrame() {
        Set<Class<?>> inTable = table().map(row -> row.frame.getClass()).collect(java.util.stream.Collectors.toSet());
        assertEquals(Set.of(Frame.class.getPermittedSubclasses()), inTable);
    }
}
