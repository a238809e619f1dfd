package io.mpquic.dataplane.forward;

import io.mpquic.dataplane.Packets;
import io.mpquic.tun.IoVector;
import io.mpquic.tun.LinuxTun;
import io.mpquic.tun.SegmentOffload;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Carries what one TUN device gives to another: cut into packets, each of which is looked at, and joined again. */
final class OffloadPump implements SuperPacketSink {
    private static final long WAIT_NS = 50_000_000;
    private static final int SLOTS = 256;
    private static final int SLOT_BYTES = 2048;

    private final LinuxTun source;
    private final LinuxTun target;
    private final @Nullable SegmentOffload sourceOffload;
    private final @Nullable SegmentOffload targetOffload;
    private final Segmenter segmenter = new Segmenter();
    private final Coalescer coalescer;
    private final MemorySegment slots = Arena.ofAuto().allocate((long) SLOTS * SLOT_BYTES);
    private final MemorySegment buffer = Arena.ofAuto().allocate(SegmentOffload.MAX_BYTES);
    private final Thread thread = new Thread(this::run, "pump");
    private volatile boolean stopped;
    private volatile @Nullable Throwable failure;

    volatile long packets;
    volatile long writes;
    volatile long superPackets;
    volatile long malformed;
    volatile long wrongChecksums;
    volatile long refused;

    OffloadPump(LinuxTun source, LinuxTun target) {
        this.source = source;
        this.target = target;
        sourceOffload = source.offload();
        targetOffload = target.offload();
        boolean joins = targetOffload != null;
        coalescer = new Coalescer(this, joins, joins && targetOffload.segmentsUdp());
    }

    void start() {
        thread.start();
    }

    void stop() throws InterruptedException {
        stopped = true;
        source.wakeup();
        thread.join();
    }

    /** How many packets did not get through as they should. */
    long failures() {
        return malformed + wrongChecksums + refused + (failure == null ? 0 : 1);
    }

    private void run() {
        try {
            if (sourceOffload != null) {
                sourceOffload.switchOn();
            }
            while (!stopped) {
                if (!(sourceOffload == null ? carryOne() : carrySuper(sourceOffload))) {
                    source.await(WAIT_NS);
                }
            }
        } catch (Throwable e) {
            failure = e;
        }
    }

    private boolean carryOne() throws IOException {
        int length = source.read(slots, 0, SLOT_BYTES);
        if (length > 0) {
            add(0, length);
        }
        return length > 0;
    }

    private boolean carrySuper(SegmentOffload offload) throws IOException {
        int length = offload.read(buffer, 0, SegmentOffload.MAX_BYTES);
        if (length == 0) {
            return false;
        }
        if (!segmenter.begin(buffer, 0, length)) {
            malformed++;
        }
        for (int slot = 0; segmenter.hasNext(); slot = (slot + 1) % SLOTS) {
            add(slot, segmenter.next(slots, (long) slot * SLOT_BYTES));
            if (slot == SLOTS - 1) {
                coalescer.flush();
            }
        }
        coalescer.flush();
        return true;
    }

    private void add(int slot, int length) throws IOException {
        packets++;
        wrongChecksums += isRight(Packets.bytes(slots, (long) slot * SLOT_BYTES, length)) ? 0 : 1;
        coalescer.add(slots, (long) slot * SLOT_BYTES, length);
    }

    /** Whether lengths and checksums of TCP and UDP are right; of others, nothing is known. */
    private static boolean isRight(byte[] packet) {
        boolean ipv6 = packet[0] >>> 4 == 6;
        int protocol = packet[ipv6 ? 6 : 9];
        if (protocol != Packets.TCP && protocol != Packets.UDP) {
            return true;
        }
        int header = FlowSource.headerBytes(packet);
        int lengthByHeader = ipv6 ? 40 + Packets.u16(packet, 4) : Packets.u16(packet, 2);
        byte[] source = Arrays.copyOfRange(packet, ipv6 ? 8 : 12, ipv6 ? 24 : 16);
        byte[] destination = Arrays.copyOfRange(packet, ipv6 ? 24 : 16, ipv6 ? 40 : 20);
        byte[] upper = Arrays.copyOfRange(packet, header, packet.length);
        return lengthByHeader == packet.length
                && (ipv6 || Packets.checksum(Arrays.copyOf(packet, header)) == 0)
                && Packets.checksum(Packets.pseudo(source, destination, protocol, upper)) == 0;
    }

    @Override
    public void packet(MemorySegment memory, long offset, int lengthBytes) throws IOException {
        writes++;
        refused += target.write(memory, offset, lengthBytes) ? 0 : 1;
    }

    @Override
    public void superPacket(IoVector vector, int count, int packetBytes) throws IOException {
        if (targetOffload == null) {
            throw new UncheckedIOException(new IOException("a super-packet for a plain device"));
        }
        writes++;
        superPackets++;
        refused += targetOffload.write(vector) ? 0 : 1;
    }

    @Override
    public String toString() {
        return packets + " packets in " + writes + " writes, " + superPackets + " super-packets, " + malformed
                + " malformed, " + wrongChecksums + " wrong checksums, " + refused + " refused, " + failure;
    }
}
