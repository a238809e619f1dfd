package io.mpquic.dataplane.forward;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.dataplane.Packets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** No byte string throws, and nothing is written or read outside of the packet. */
class ForwardFuzzTest {
    private final PacketTooBig packetTooBig = new PacketTooBig();
    private final Ipv4Fragmenter fragmenter = new Ipv4Fragmenter(2048);
    private final MemorySegment answer = Arena.ofAuto().allocate(PacketTooBig.MAX_ANSWER_BYTES);

    @Test
    void anyBytesAreHandled() {
        int packets = 0;
        for (int seed = 0; seed < 200_000; seed++) {
            Random random = new Random(seed);
            byte[] bytes = new byte[random.nextInt(120) + (random.nextInt(20) == 0 ? 1300 : 0)];
            random.nextBytes(bytes);
            likelier(bytes, random);
            // Exactly the packet's memory: a read or write outside throws.
            MemorySegment memory = MemorySegment.ofArray(bytes);
            int length = IpPacket.lengthBytes(memory, 0, bytes.length);
            assertTrue(length >= 0 && length <= bytes.length);
            if (length > 0) {
                packets++;
                handle(memory.asSlice(0, length), length, seed);
            }
        }
        assertTrue(packets > 50_000, "too few packets came past the header check: " + packets);
    }

    private void handle(MemorySegment packet, int length, int seed) {
        MssClamp.isTcpSyn(packet, 0, length);
        MssClamp.clamp(packet, 0, length, 68 + seed % 1400);
        packetTooBig.answer(packet, 0, length, seed % 1500, answer, 0, seed * 10_000_000L);
        if (IpPacket.version(packet, 0) == 4 && !IpPacket.dontFragment(packet, 0)) {
            fragmenter.begin(packet, 0, length, seed % 1500);
            int pieces = 0;
            while (fragmenter.isUnderWay()) {
                fragmenter.next();
                byte[] piece = Packets.bytes(fragmenter.memory(), fragmenter.offset(), fragmenter.lengthBytes());
                assertTrue(piece.length <= Math.max(68, seed % 1500));
                assertTrue(++pieces <= length);
            }
        }
    }

    private static void likelier(byte[] bytes, Random random) {
        if (bytes.length < 40) {
            return;
        }
        if (random.nextBoolean()) {
            bytes[0] = (byte) (0x40 | 5 + random.nextInt(4));
            bytes[2] = (byte) (bytes.length >>> 8);
            bytes[3] = (byte) bytes.length;
            bytes[9] = (byte) (random.nextBoolean() ? 6 : 1);
            bytes[6] &= (byte) (random.nextBoolean() ? 0xe0 : 0xff);
        } else {
            bytes[0] = 0x60;
            bytes[4] = (byte) (bytes.length - 40 >>> 8);
            bytes[5] = (byte) (bytes.length - 40);
            int[] next = {0, 6, 43, 44, 58, 60};
            bytes[6] = (byte) next[random.nextInt(next.length)];
        }
    }
}
