package io.mpquic.dataplane.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.dataplane.DropCause;
import io.mpquic.dataplane.Packets;
import io.mpquic.dataplane.ring.PacketRing;
import io.mpquic.quic.connection.SendResult;
import io.mpquic.tun.MemoryTun;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutboundTest {
    private static final long MS = 1_000_000;
    private static final long QUEUE_TIME_NS = 100 * MS;
    private static final int DF = 0x4000;

    /** A path on which the test decides. */
    private static final class Path implements Carrier {
        int maxPacketBytes = 1200;
        boolean settled = true;
        int credit = Integer.MAX_VALUE;
        int marked;
        SendResult refusal = SendResult.BLOCKED;
        final List<Integer> sentLengths = new ArrayList<>();

        @Override
        public int maxPacketBytes() {
            return maxPacketBytes;
        }

        @Override
        public boolean isPathMtuSettled() {
            return settled;
        }

        @Override
        public SendResult send(MemorySegment memory, long offset, int lengthBytes, long nowNs) {
            if (credit == 0) {
                return refusal;
            }
            credit--;
            marked += (memory.get(ValueLayout.JAVA_BYTE, offset + 1) & 3) == 3 ? 1 : 0;
            sentLengths.add(lengthBytes);
            return SendResult.SENT;
        }
    }

    private final PacketRing ring = new PacketRing(16, 4096);
    private final MemoryTun host = new MemoryTun("host", 4096, 16);
    private final Tally tally = new Tally();
    private final Inbound inbound = new Inbound(host, tally, true, gone -> {});
    private final Outbound outbound = new Outbound(ring, inbound, tally, true, QUEUE_TIME_NS);
    private final Path path = new Path();

    private void put(byte[] packet, long nowNs) {
        MemorySegment.copy(packet, 0, ring.memory(), ValueLayout.JAVA_BYTE, ring.claimedOffset(), packet.length);
        ring.commit(packet.length, nowNs);
    }

    private void putUdp(int lengthBytes, int flags, long nowNs) {
        put(Packets.ipv4(flags, Packets.UDP, new byte[0], new byte[lengthBytes - 20]), nowNs);
    }

    /** Returns whether all that waited is gone. */
    private boolean drain(long nowNs) throws IOException {
        outbound.drain(path, nowNs);
        return ring.isEmpty();
    }

    @Test
    void packetsGoOutInOrderUntilTheRingIsEmpty() throws IOException {
        putUdp(100, DF, 0);
        putUdp(200, DF, 0);
        assertTrue(drain(0));
        assertEquals(List.of(100, 200), path.sentLengths);
        assertEquals(2, tally.value(Counter.SENT_PACKETS));
        assertEquals(300, tally.value(Counter.SENT_BYTES));
    }

    @Test
    void allThatWaitsGoesOutAtOnceOrMoreWouldComeThanGoes() throws IOException {
        PacketRing wide = new PacketRing(1024, 2048);
        Outbound all = new Outbound(wide, inbound, tally, true, QUEUE_TIME_NS);
        byte[] packet = Packets.ipv4(DF, Packets.UDP, new byte[0], new byte[80]);
        for (int i = 0; i < 1000; i++) {
            MemorySegment.copy(packet, 0, wide.memory(), ValueLayout.JAVA_BYTE, wide.claimedOffset(), packet.length);
            wide.commit(packet.length, 0);
        }
        all.drain(path, 0);
        assertEquals(1000, path.sentLengths.size());
    }

    @Test
    void aPacketThatThePathDoesNotTakeStaysAtTheHead() throws IOException {
        putUdp(100, DF, 0);
        putUdp(200, DF, 0);
        path.credit = 0;
        assertFalse(drain(0));
        path.credit = 9;
        assertTrue(drain(MS));
        assertEquals(List.of(100, 200), path.sentLengths);
    }

    @Test
    void whatAPathRefusesForLongerThanTheQueueTimeIsDroppedAndCounted() throws IOException {
        putUdp(100, DF, 0);
        putUdp(200, DF, 50 * MS);
        path.credit = 0;
        drain(0);
        assertFalse(drain(101 * MS));
        assertEquals(1, tally.value(DropCause.SEND_QUEUE_TIME));
        path.credit = 9;
        drain(102 * MS);
        assertEquals(List.of(200), path.sentLengths);
    }

    @Test
    void whatCanGoIsNotDroppedForItsAge() throws IOException {
        path.credit = 1;
        putUdp(60, DF, 0);
        drain(0);
        putUdp(100, DF, 0);
        path.credit = 9;
        drain(4000 * MS);
        assertEquals(List.of(60, 100), path.sentLengths);
    }

    /** Sends the head each millisecond; the ring never holds fewer than two packets, each of which waits 20 ms. */
    private void sendThroughAStandingQueue(int milliseconds, int ecn) throws IOException {
        byte[] packet = Packets.ipv4(DF, Packets.UDP, new byte[0], new byte[80]);
        packet[1] = (byte) ecn;
        put(packet, 0);
        for (int ms = 20; ms < 20 + milliseconds; ms++) {
            while (ring.size() < 3) {
                put(packet, (ms - 20) * MS);
            }
            path.credit = 1;
            drain(ms * MS);
        }
    }

    @Test
    void aQueueThatStandsForAWhileAsksItsSendersToSlowDown() throws IOException {
        sendThroughAStandingQueue(100, 0);
        assertEquals(0, tally.value(DropCause.SEND_QUEUE_DELAY));
        sendThroughAStandingQueue(150, 0);
        assertEquals(1, tally.value(DropCause.SEND_QUEUE_DELAY));
        assertEquals(0, tally.value(Counter.MARKED_PACKETS));
    }

    @Test
    void aSenderThatUnderstandsMarksIsAskedByOneAndLosesNothing() throws IOException {
        sendThroughAStandingQueue(400, 2);
        assertEquals(0, tally.value(DropCause.SEND_QUEUE_DELAY));
        assertEquals(tally.value(Counter.MARKED_PACKETS), path.marked);
        assertTrue(path.marked >= 3 && path.marked <= 10, path.marked + " marks");
    }

    @Test
    void packetsWaitForASessionForFiveSecondsAtMost() throws IOException {
        putUdp(100, DF, 0);
        putUdp(200, DF, 2000 * MS);
        outbound.expire(5001 * MS);
        assertEquals(1, tally.value(DropCause.SEND_QUEUE_TIME));
        drain(6000 * MS);
        assertEquals(List.of(200), path.sentLengths);
    }

    @Test
    void theQueueTimeBeginsWhenTheSessionDoes() throws IOException {
        putUdp(100, DF, 0);
        path.credit = 0;
        outbound.onSessionOver();
        drain(3000 * MS);
        drain(3090 * MS);
        assertEquals(0, tally.value(DropCause.SEND_QUEUE_TIME));
        drain(3101 * MS);
        assertEquals(1, tally.value(DropCause.SEND_QUEUE_TIME));
    }

    @Test
    void aPacketOverTheMaximumWaitsWhileThePathMtuIsBeingDiscovered() throws IOException {
        path.settled = false;
        putUdp(1300, DF, 0);
        putUdp(100, DF, 0);
        assertFalse(drain(0));
        assertFalse(drain(1000 * MS));
        assertEquals(List.of(), path.sentLengths);
        path.settled = true;
        path.maxPacketBytes = 1400;
        assertTrue(drain(1100 * MS));
        assertEquals(List.of(1300, 100), path.sentLengths);
        assertEquals(0, tally.value(Counter.ICMP_ANSWERS));
    }

    @Test
    void aPacketOverTheMaximumIsAnsweredOnceThePathMtuIsKnown() throws Exception {
        putUdp(1300, DF, 0);
        putUdp(100, DF, 0);
        drain(0);
        assertEquals(List.of(100), path.sentLengths);
        assertEquals(1, tally.value(DropCause.SEND_TOO_BIG));
        byte[] answer = host.take(0);
        assertEquals(1200, Packets.u16(answer, 26));
    }

    @Test
    void aSynWaitsForThePathMtuAndAnnouncesIt() throws IOException {
        byte[] mss = {2, 4, 5, (byte) 0xb4};
        path.settled = false;
        put(Packets.ipv4(DF, Packets.TCP, new byte[0], Packets.tcp(false, 2, mss)), 0);
        assertFalse(drain(0));
        path.settled = true;
        assertTrue(drain(MS));
        assertEquals(1, tally.value(Counter.CLAMPED_SEGMENT_SIZES));
    }

    @Test
    void aPacketThatMayBeCutIsSentInPiecesEvenWhenThePathStopsBetweenThem() throws IOException {
        putUdp(3000, 0, 0);
        putUdp(100, DF, 0);
        path.credit = 1;
        assertFalse(drain(0));
        assertEquals(0, tally.value(Counter.SENT_PACKETS));
        path.credit = 9;
        assertTrue(drain(MS));
        assertEquals(List.of(1196, 1196, 648, 100), path.sentLengths);
        assertEquals(2, tally.value(Counter.SENT_PACKETS));
        assertEquals(1, tally.value(Counter.FRAGMENTED_PACKETS));
    }

    @Test
    void piecesLeftOverFromASessionAreNotSentOnTheNext() throws IOException {
        putUdp(3000, 0, 0);
        path.credit = 1;
        drain(0);
        outbound.onSessionOver();
        path.credit = 9;
        path.maxPacketBytes = 1600;
        drain(MS);
        assertEquals(List.of(1196, 1596, 1424), path.sentLengths, "the packet is cut anew");
    }

    @Test
    void aPathThatHasJustBecomeNarrowerCostsOnePacketAndNotTheSession() throws IOException {
        putUdp(1000, DF, 0);
        path.credit = 0;
        path.refusal = SendResult.TOO_LARGE;
        assertTrue(drain(0));
        assertEquals(1, tally.value(DropCause.SEND_TOO_BIG));
    }

    @Test
    void nothingIsLostWhenTheSessionEndsInTheMiddle() throws IOException {
        putUdp(1000, DF, 0);
        path.credit = 0;
        path.refusal = SendResult.CLOSED;
        assertFalse(drain(0));
        assertFalse(ring.isEmpty());
    }

    @Test
    void aPacketOfWhichOnlyTheBeginningCouldBeReadIsAnsweredAsTooBig() throws Exception {
        put(Arrays.copyOf(Packets.ipv4(DF, Packets.UDP, new byte[0], new byte[5000]), 4096), 0);
        put(Arrays.copyOf(Packets.ipv6(Packets.UDP, new byte[5000]), 4096), 0);
        drain(0);
        assertEquals(List.of(), path.sentLengths);
        assertEquals(2, tally.value(DropCause.SEND_TOO_BIG));
        byte[] answer = host.take(0);
        assertEquals(1200, Packets.u16(answer, 26));
        byte[] answer6 = host.take(0);
        assertEquals(1280, Packets.u32(answer6, 44));
    }

    @Test
    void whatIsNoIpPacketIsDropped() throws IOException {
        put(new byte[30], 0);
        drain(0);
        assertEquals(1, tally.value(DropCause.SEND_NOT_IP));
        assertTrue(ring.isEmpty());
    }
}
