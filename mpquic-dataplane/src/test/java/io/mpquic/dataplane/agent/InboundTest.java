package io.mpquic.dataplane.agent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.mpquic.dataplane.DropCause;
import io.mpquic.dataplane.Packets;
import io.mpquic.quic.connection.SendResult;
import io.mpquic.tun.MemoryTun;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class InboundTest {
    private static final Carrier CARRIER = new Carrier() {
        @Override
        public int maxPacketBytes() {
            return 1200;
        }

        @Override
        public boolean isPathMtuSettled() {
            return true;
        }

        @Override
        public SendResult send(MemorySegment memory, long offset, int lengthBytes, long nowNs) {
            return SendResult.SENT;
        }
    };

    private final MemoryTun tun = new MemoryTun("test", 1500, 4);
    private final Tally tally = new Tally();
    private final List<IOException> gone = new ArrayList<>();
    private final Inbound inbound = new Inbound(tun, tally, true, gone::add);

    private static byte[] packet(int lengthBytes, int seed) {
        return Packets.ipv4(0, Packets.UDP, new byte[0], Packets.payload(lengthBytes - 20, seed));
    }

    private void receive(byte[]... packets) {
        for (byte[] packet : packets) {
            inbound.packet(CARRIER, Packets.nativeAt(packet, 13), 13, packet.length);
        }
    }

    @Test
    void anAnswerDoesNotWaitForMorePackets() throws InterruptedException {
        byte[] tooLong = Packets.ipv4(0x4000, Packets.UDP, new byte[0], new byte[1400]);
        inbound.answerTooBig(Packets.nativeAt(tooLong, 0), 0, tooLong.length, 1200, 1);
        assertEquals(1200, Packets.u16(take(), 26));
        assertEquals(1, tally.value(Counter.ICMP_ANSWERS));
    }

    private byte[] take() throws InterruptedException {
        return tun.take(0);
    }

    @Test
    void packetsGoToTheHostInTheirOrder() throws InterruptedException {
        receive(packet(100, 1), packet(200, 2), packet(60, 3));
        assertArrayEquals(packet(100, 1), take());
        assertArrayEquals(packet(200, 2), take());
        assertArrayEquals(packet(60, 3), take());
        assertEquals(3, tally.value(Counter.TO_HOST_PACKETS));
        assertEquals(360, tally.value(Counter.TO_HOST_BYTES));
    }

    @Test
    void whatFollowsThePacketInItsDatagramStaysBehind() throws InterruptedException {
        byte[] packet = packet(100, 1);
        inbound.packet(CARRIER, Packets.nativeAt(java.util.Arrays.copyOf(packet, 130), 0), 0, 130);
        assertArrayEquals(packet, take());
    }

    @Test
    void whatIsNoIpPacketIsDroppedAndTheOthersAreNot() throws InterruptedException {
        receive(new byte[50], packet(100, 1), new byte[0]);
        assertArrayEquals(packet(100, 1), take());
        assertNull(take());
        assertEquals(2, tally.value(DropCause.RECEIVE_NOT_IP));
        assertEquals(3, tally.value(Counter.RECEIVED_PACKETS));
    }

    @Test
    void whatTheHostDoesNotTakeIsCounted() {
        for (int i = 0; i < 6; i++) {
            receive(packet(100, i));
        }
        assertEquals(4, tally.value(Counter.TO_HOST_PACKETS));
        assertEquals(2, tally.value(DropCause.RECEIVE_HOST_REFUSED));
    }

    @Test
    void aDeviceThatIsGoneIsReportedAndIsNoFaultOfTheSession() {
        tun.close();
        receive(packet(100, 1));
        assertEquals(1, gone.size());
        assertEquals(1, tally.value(DropCause.RECEIVE_HOST_REFUSED));
    }

    @Test
    void aSynFromThePeerAnnouncesNoMoreThanFits() throws InterruptedException {
        byte[] mss = {2, 4, 5, (byte) 0xb4};
        receive(Packets.ipv4(0, Packets.TCP, new byte[0], Packets.tcp(false, 0x12, mss)));
        assertEquals(1160, Packets.u16(take(), 42));
    }
}
