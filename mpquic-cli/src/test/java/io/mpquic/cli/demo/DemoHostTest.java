package io.mpquic.cli.demo;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class DemoHostTest {
    private static final int PACKET_BYTES = 500;

    @Test
    void aTransferThatIsOverBeforeTheFirstPacketArrivesWaitsForIt() throws Exception {
        try (DemoHost from = new DemoHost("from", new byte[] {10, 0, 0, 1});
                DemoHost to = new DemoHost("to", new byte[] {10, 0, 0, 2})) {
            to.start();
            // A tunnel that is slow to begin: it carries nothing before the queue of the sender is full.
            Thread tunnel = Thread.ofPlatform().start(() -> carryOnePacketOfFullQueue(from, to));
            assertTrue(from.flood(to, PACKET_BYTES, 1) > 0);
            tunnel.join();
        }
    }

    private static void carryOnePacketOfFullQueue(DemoHost from, DemoHost to) {
        try (Arena arena = Arena.ofConfined()) {
            while (from.tun().inject(DemoPackets.data(new byte[4], new byte[4], 0, PACKET_BYTES))) {
                Thread.onSpinWait();
            }
            MemorySegment packet = arena.allocate(DemoHost.MTU_BYTES);
            int lengthBytes = from.tun().read(packet, 0, DemoHost.MTU_BYTES);
            to.tun().write(packet, 0, lengthBytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
