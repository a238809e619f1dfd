package io.mpquic.quic.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.wire.AckFrame;
import io.mpquic.quic.wire.AckRanges;
import io.mpquic.quic.wire.EncryptionLevel;
import io.mpquic.quic.wire.TransportError;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9000 §21.4: a peer that acknowledges what it has not received is found out. */
class OptimisticAckRulesTest {
    private static final int PACKETS = 3_000;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void nowAndThenAPacketNumberIsLeftOut(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        Set<Long> skipped = letItSend(peer);
        assertTrue(skipped.size() >= 3 && skipped.size() <= PACKETS / 64, skipped.toString());
        assertEquals(null, peer.target.closeReason());
        assertEquals(0, peer.target.connection().statistics().packetsLost(), "a gap on purpose is no loss");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void acknowledgingOneThatWasLeftOutIsAProtocolViolation(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        long last = letItSend(peer).stream().mapToLong(Long::longValue).max().orElseThrow();
        AckRanges ranges = new AckRanges();
        ranges.add(last, last);
        peer.send(peer.oneRtt(new AckFrame(ranges, 0, null)));
        peer.assertClosedWith(TransportError.PROTOCOL_VIOLATION);
    }

    /** Has the target send packets, acknowledges all, and returns the numbers that did not come. */
    private static Set<Long> letItSend(RawPeer peer) {
        long first = peer.largestRead(EncryptionLevel.ONE_RTT) + 1;
        while (peer.largestRead(EncryptionLevel.ONE_RTT) < first + PACKETS) {
            peer.target.connection().offerDatagram(new byte[100]);
            peer.advanceMs(1).acknowledgeAll();
        }
        Set<Long> seen = peer.received.stream().map(RawPacket::number).collect(Collectors.toSet());
        return LongStream.range(first, peer.largestRead(EncryptionLevel.ONE_RTT))
                .filter(number -> !seen.contains(number))
                .boxed()
                .collect(Collectors.toSet());
    }
}
