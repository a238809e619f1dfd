package io.mpquic.quic.endpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.wire.ConnectionId;
import io.mpquic.quic.wire.LongHeader;
import io.mpquic.quic.wire.MalformedPacketException;
import io.mpquic.quic.wire.PacketHeader;
import io.mpquic.quic.wire.WireReader;
import io.mpquic.quic.wire.WireWriter;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Who has connections begun when many want them: RFC 9000 §8.1, §21.2. */
class AdmissionTest {
    private static final String GREEDY = "203.0.113.1";
    private static final String HONEST = "192.0.2.7";
    private static final long SECOND_NS = 1_000_000_000;

    private final Admission admission =
            new Admission(RetryPolicy.ALWAYS, true, new TokenSecret(new byte[16], 0), new SplittableRandom(3));
    private long nowNs = Long.MAX_VALUE - 3 * SECOND_NS;
    private int port = 1024;

    private static LongHeader.Initial initial(ConnectionId destination, byte[] token) {
        byte[] bytes = new byte[1200];
        WireWriter writer = WireWriter.of(bytes);
        long number = PacketHeader.writeInitial(writer, destination, ConnectionId.ofLong(9), token, 0, 2);
        PacketHeader.patchLength(MemorySegment.ofArray(bytes), number, 100);
        try {
            return (LongHeader.Initial) LongHeader.parse(WireReader.of(bytes));
        } catch (MalformedPacketException e) {
            throw new AssertionError(e);
        }
    }

    /** A client that answers its Retry at once; whether a connection is begun for it. */
    private boolean admits(String host) {
        InetSocketAddress from = new InetSocketAddress(host, port++);
        ConnectionId retry = ConnectionId.ofLong(port);
        byte[] token = admission.tokens().forRetry(from, ConnectionId.ofLong(1), retry, nowNs);
        return admission.decide(initial(retry, token), from, nowNs) instanceof Admission.Admit;
    }

    private int admitted(String host, int attempts) {
        int count = 0;
        for (int i = 0; i < attempts; i++) {
            count += admits(host) ? 1 : 0;
        }
        return count;
    }

    @Test
    void aHostThatAnswersItsRetriesWithoutEndKeepsNoOtherOneOut() {
        for (int second = 0; second < 10; second++) {
            admitted(GREEDY, 1000);
            assertTrue(admits(HONEST), "in second " + second);
            nowNs += SECOND_NS;
        }
    }

    @Test
    void aHostGetsTwentyAtOnceAndTwoASecondThen() {
        assertEquals(20, admitted(GREEDY, 1000));
        nowNs += SECOND_NS;
        assertEquals(2, admitted(GREEDY, 1000));
        nowNs += 60 * SECOND_NS;
        assertEquals(20, admitted(GREEDY, 1000));
    }

    @Test
    void allTheAddressesOfOneSiteHaveOneShare() {
        int count = 0;
        for (int i = 0; i < 1000; i++) {
            count += admitted("2001:db8:1:100::" + Integer.toHexString(i), 1);
            count += admitted("2001:db8:1:1" + Integer.toHexString(16 + i % 200) + "::1", 1);
        }
        assertEquals(20, count);
        assertTrue(admits("2001:db8:1:200::1"), "another site");
    }

    /** More hosts than there are shares, each of which comes again and again: who comes for the first time goes first. */
    @Test
    void aCrowdOfGreedyHostsLeavesRoomForOnesThatComeForTheFirstTime() {
        for (int second = 0; second < 10; second++) {
            for (int host = 0; host < 15; host++) {
                admitted("203.0.113." + host, 100);
            }
            if (second > 0) {
                assertEquals(10, newcomers(second, 10), "in second " + second);
            }
            nowNs += SECOND_NS;
        }
    }

    @Test
    void beyondItsShareAHostWithATokenOfNewTokenIsTreatedAsOneWithoutAnyAndAskedForAProof() {
        admitted(GREEDY, 1000);
        InetSocketAddress from = new InetSocketAddress(GREEDY, 1);
        byte[] token = admission.tokens().forLater(from, nowNs);
        assertInstanceOf(
                Admission.AskForProof.class, admission.decide(initial(ConnectionId.ofLong(5), token), from, nowNs));
    }

    private int newcomers(int second, int hosts) {
        int count = 0;
        for (int i = 0; i < hosts; i++) {
            count += admitted("198.51." + second + "." + i, 1);
        }
        return count;
    }
}
