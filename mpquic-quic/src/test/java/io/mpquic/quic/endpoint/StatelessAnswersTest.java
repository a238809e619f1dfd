package io.mpquic.quic.endpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mpquic.quic.wire.ConnectionId;
import io.mpquic.quic.wire.LongHeader;
import io.mpquic.quic.wire.PacketHeader;
import io.mpquic.quic.wire.VersionInvariant;
import io.mpquic.quic.wire.WireReader;
import io.mpquic.quic.wire.WireWriter;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** RFC 9000 §6.1: a server may limit how many Version Negotiation packets it sends. */
class StatelessAnswersTest {
    private static final InetSocketAddress FROM = new InetSocketAddress("192.0.2.1", 40_000);
    private static final long SECOND_NS = 1_000_000_000;

    private final StatelessAnswers answers = new StatelessAnswers(new SplittableRandom(1));

    private void flood(int packets, long nowNs) throws Exception {
        byte[] unknown = new byte[1200];
        PacketHeader.writeVersionNegotiation(WireWriter.of(unknown), new byte[8], new byte[8], 0, 2);
        VersionInvariant packet = VersionInvariant.parse(WireReader.of(unknown));
        for (int i = 0; i < packets; i++) {
            answers.versionNegotiation(packet, FROM, nowNs);
        }
    }

    private int drain(boolean negotiation) {
        int count = 0;
        for (StatelessAnswers.@Nullable Answer next = answers.peek(); next != null; next = answers.peek()) {
            count += next.isNegotiation() == negotiation ? 1 : 0;
            answers.remove();
        }
        return count;
    }

    @Test
    void aFloodOfUnknownVersionsLeavesTheQueueToRetries() throws Exception {
        flood(10_000, 0);
        byte[] initial = new byte[1200];
        WireWriter writer = WireWriter.of(initial);
        long number =
                PacketHeader.writeInitial(writer, ConnectionId.ofLong(1), ConnectionId.ofLong(2), new byte[0], 0, 2);
        PacketHeader.patchLength(MemorySegment.ofArray(initial), number, 100);
        LongHeader.Initial packet = (LongHeader.Initial) LongHeader.parse(WireReader.of(initial));
        for (int i = 0; i < 40; i++) {
            answers.retry(packet, ConnectionId.ofLong(3), new byte[50], FROM);
        }
        assertEquals(40, drain(false));
    }

    @Test
    void negotiationsAreLimitedByTheSecond() throws Exception {
        int sent = 0;
        for (int i = 0; i < 100; i++) {
            flood(10, 0);
            sent += drain(true);
        }
        assertEquals(100, sent);
        flood(1, SECOND_NS - 1);
        assertEquals(0, drain(true));
        flood(1, SECOND_NS);
        assertEquals(1, drain(true));
    }
}
