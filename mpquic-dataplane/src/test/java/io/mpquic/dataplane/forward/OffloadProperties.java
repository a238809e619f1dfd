package io.mpquic.dataplane.forward;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.dataplane.Packets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** What is joined and cut again is what it was, whatever it was. */
class OffloadProperties {
    private static final int PACKETS = 400;
    private static final int SLOT_BYTES = 2048;
    private static final int FIRST_PORT = 1000;

    private final MemorySegment buffer = Arena.ofAuto().allocate((long) PACKETS * SLOT_BYTES);

    @Property(tries = 300)
    void everyFlowComesBackAsItWas(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 12) int flows, @ForAll boolean calm) throws Exception {
        Random random = new Random(seed);
        FlowSource[] sources = new FlowSource[flows];
        Arrays.setAll(sources, i -> new FlowSource(random, FIRST_PORT + i));
        CollectingSink sink = new CollectingSink();
        Coalescer coalescer = new Coalescer(sink, true, true);
        Map<String, Integer> flowOf = new HashMap<>();
        Map<Integer, List<String>> sent = new HashMap<>();
        int flow = 0;
        for (int i = 0; i < PACKETS; i++) {
            flow = random.nextInt(4) == 0 ? random.nextInt(flows) : flow;
            byte[] packet = sources[flow].next(calm || random.nextInt(3) > 0);
            long at = (long) i * SLOT_BYTES + 3;
            MemorySegment.copy(packet, 0, buffer, ValueLayout.JAVA_BYTE, at, packet.length);
            coalescer.add(buffer, at, packet.length);
            String text = normal(packet);
            flowOf.putIfAbsent(text, flow);
            sent.computeIfAbsent(flowOf.get(text), f -> new ArrayList<>()).add(text);
            if (random.nextInt(100) == 0) {
                coalescer.flush();
            }
        }
        coalescer.flush();

        Map<Integer, List<String>> received = new HashMap<>();
        for (byte[] packet : sink.packets()) {
            String text = normal(packet);
            assertTrue(flowOf.containsKey(text), "never sent: " + text);
            received.computeIfAbsent(flowOf.get(text), f -> new ArrayList<>()).add(text);
        }
        assertEquals(sent, received);
        assertTheSegmenterCutsLikeTheKernel(sink);
        if (calm && flows == 1) {
            assertTrue(sink.emitted.size() < PACKETS / 8, "hardly anything was joined");
        }
    }

    private static void assertTheSegmenterCutsLikeTheKernel(CollectingSink sink) {
        Segmenter segmenter = new Segmenter();
        MemorySegment target = Arena.ofAuto().allocate(70_000);
        for (CollectingSink.Emitted one : sink.emitted) {
            if (one.packets() == 1) {
                continue;
            }
            MemorySegment whole = Packets.nativeAt(one.bytes(), 5);
            assertTrue(segmenter.begin(whole, 5, one.bytes().length));
            for (byte[] expected : KernelModel.cut(one.bytes())) {
                assertEquals(expected.length, segmenter.nextLengthBytes());
                assertEquals(expected.length, segmenter.next(target, 9));
                assertArrayEquals(expected, Packets.bytes(target, 9, expected.length));
            }
            assertTrue(!segmenter.hasNext());
        }
    }

    /** The packet, without the identification that means nothing where fragmentation is forbidden (RFC 6864 §4.1). */
    private static String normal(byte[] packet) {
        byte[] copy = packet.clone();
        boolean ipv4 = copy.length >= 20 && copy[0] == 0x45 && (copy[6] & 0x40) != 0;
        if (ipv4 && Packets.checksum(Arrays.copyOf(copy, 20)) == 0) {
            ByteBuffer.wrap(copy).putShort(4, (short) 0).putShort(10, (short) 0);
        }
        return HexFormat.of().formatHex(copy);
    }
}
