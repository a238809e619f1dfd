package io.mpquic.dataplane.agent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.dataplane.DropCause;
import io.mpquic.dataplane.Packets;
import io.mpquic.dataplane.ring.Doorbell;
import io.mpquic.dataplane.ring.PacketRing;
import io.mpquic.quic.connection.SendResult;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicInteger;
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

    private final PacketRing ring = new PacketRing(4, 2048);
    private final AtomicInteger wakeUps = new AtomicInteger();
    private final Doorbell bell = new Doorbell(wakeUps::incrementAndGet);
    private final Tally tally = new Tally();
    private final Inbound inbound = new Inbound(ring, bell, tally, true);

    private static byte[] packet(int lengthBytes, int seed) {
        return Packets.ipv4(0, Packets.UDP, new byte[0], Packets.payload(lengthBytes - 20, seed));
    }

    /** One UDP payload with these packets in it, some bytes apart. */
    private void receive(byte[]... packets) {
        MemorySegment buffer = inbound.acquire();
        long at = 13;
        for (byte[] packet : packets) {
            MemorySegment.copy(packet, 0, buffer, ValueLayout.JAVA_BYTE, at, packet.length);
            at += packet.length + 3;
        }
        at = 13;
        for (byte[] packet : packets) {
            inbound.packet(CARRIER, buffer, at, packet.length);
            at += packet.length + 3;
        }
        inbound.release();
        inbound.flush();
    }

    private byte[] take() {
        assertTrue(ring.poll());
        byte[] packet = Packets.bytes(ring.memory(), ring.offset(), ring.lengthBytes());
        ring.release();
        return packet;
    }

    @Test
    void onePacketIsQueuedWhereItLies() {
        MemorySegment buffer = inbound.acquire();
        receive(packet(100, 1));
        assertTrue(ring.poll());
        assertEquals(buffer.address() + 13, ring.memory().address() + ring.offset());
        assertArrayEquals(packet(100, 1), take());
    }

    @Test
    void severalPacketsOfOnePayloadAreQueuedInTheirOrder() {
        for (int round = 0; round < 5; round++) {
            receive(packet(100, 1), packet(200, 2), packet(300, 3), packet(60, 4));
            for (int i = 1; i <= 4; i++) {
                assertArrayEquals(packet(i == 4 ? 60 : 100 * i, i), take());
            }
            receive(packet(90, 5));
            assertArrayEquals(packet(90, 5), take());
        }
        assertFalse(ring.poll());
    }

    @Test
    void aPacketFromOtherMemoryIsCopiedAtOnce() {
        byte[] late = packet(100, 7);
        inbound.packet(CARRIER, Packets.nativeAt(late, 3), 3, late.length);
        assertArrayEquals(late, take());
    }

    @Test
    void whatIsNoIpPacketIsDroppedAndTheOthersAreNot() {
        receive(new byte[50], packet(100, 1), new byte[0]);
        assertArrayEquals(packet(100, 1), take());
        assertEquals(2, tally.value(DropCause.RECEIVE_NOT_IP));
        assertEquals(3, tally.value(Counter.RECEIVED_PACKETS));
    }

    @Test
    void aFullQueueDropsItsOldestPacket() {
        for (int i = 0; i < 6; i++) {
            receive(packet(100, i));
        }
        assertEquals(2, tally.value(DropCause.RECEIVE_QUEUE_FULL));
        assertArrayEquals(packet(100, 2), take());
    }

    @Test
    void theWriterIsWokenOnceABatchAndOnlyWhenItSleeps() {
        receive(packet(100, 1));
        assertEquals(0, wakeUps.get());
        bell.arm();
        receive(packet(100, 1), packet(100, 2));
        receive(packet(100, 3));
        assertEquals(1, wakeUps.get());
        bell.arm();
        inbound.flush();
        assertEquals(1, wakeUps.get(), "nothing came");
    }

    @Test
    void aSynFromThePeerAnnouncesNoMoreThanFits() {
        byte[] mss = {2, 4, 5, (byte) 0xb4};
        receive(Packets.ipv4(0, Packets.TCP, new byte[0], Packets.tcp(false, 0x12, mss)));
        assertEquals(1160, Packets.u16(take(), 42));
    }
}
