package io.mpquic.quic.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** A packet of a tunnel is an ACK and a DATAGRAM: writing and reading these leaves nothing to the garbage collector. */
class HotPathAllocationTest {
    private static final int PACKETS_PER_ROUND = 20_000;
    private static final int PAYLOAD_BYTES = 1200;

    /** Until the compiler has seen the code, method handles may allocate: many rounds may pass, one has to be clean. */
    private static final int MAX_ROUNDS = 100;

    private final long[] ecn = new long[3];
    private final WireReader reader = new WireReader();
    private final WireWriter writer = new WireWriter();
    private final AckRanges received = new AckRanges(32);
    private final AckRanges acknowledged = new AckRanges();
    private final ConnectionId dcid = ConnectionId.ofLong(0x0102030405060708L);

    @Test
    void aPacketWithAnAckAndADatagramAllocatesNothing() throws TransportException {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment packet = arena.allocate(1500);
            long leastBytes = Long.MAX_VALUE;
            long packetNumber = 0;
            for (int round = 0; round < MAX_ROUNDS && leastBytes >= PACKETS_PER_ROUND; round++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < PACKETS_PER_ROUND; i++) {
                    sendAndReceive(packet, packetNumber++);
                }
                leastBytes = Math.min(leastBytes, threads.getCurrentThreadAllocatedBytes() - before);
            }
            assertTrue(leastBytes < PACKETS_PER_ROUND, leastBytes + " bytes for " + PACKETS_PER_ROUND + " packets");
        }
    }

    private void sendAndReceive(MemorySegment packet, long packetNumber) throws TransportException {
        // Every eighth packet is missing, so the ACK frame has as many ranges as there may be.
        if (packetNumber % 8 != 0) {
            received.add(packetNumber, packetNumber);
        }
        writer.wrap(packet, 0, 1500);
        int numberBytes = PacketNumber.lengthBytes(packetNumber, packetNumber - 100);
        long numberOffset = PacketHeader.writeShort(writer, dcid, false, true, packetNumber, numberBytes);
        if (!received.isEmpty()) {
            AckFrame.write(writer, received, 12, 100);
        }
        DatagramFrame.writeHeader(writer, PAYLOAD_BYTES, false);

        long truncated = PacketNumber.read(packet, numberOffset, numberBytes);
        assertEquals(packetNumber, PacketNumber.decode(truncated, numberBytes, packetNumber - 1));
        reader.wrap(packet, numberOffset + numberBytes, writer.position() + PAYLOAD_BYTES - numberOffset - numberBytes);
        while (reader.remaining() > 0) {
            long type = Frame.readType(reader);
            if (type == AckFrame.TYPE) {
                AckFrame.readInto(reader, type, acknowledged, ecn);
                assertEquals(received.largest(), acknowledged.largest());
            } else {
                int lengthBytes = DatagramFrame.readHeader(reader, type);
                assertEquals(PAYLOAD_BYTES, lengthBytes);
                reader.skip(lengthBytes);
            }
        }
    }
}
