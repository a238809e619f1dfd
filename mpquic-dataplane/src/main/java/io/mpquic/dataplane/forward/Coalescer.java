package io.mpquic.dataplane.forward;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Joins IP packets that came one behind the other in a flow into super-packets, as the receive offload of a network card
 * does, so that a TUN device takes them in one call.
 *
 * <p>Only what cutting the super-packet gives back is joined: TCP segments of one connection that continue each other and
 * have the same headers but for PSH, or UDP datagrams of one flow; all of one size, the last perhaps shorter. Only the
 * identification of IPv4 packets that must not be fragmented may change: it says nothing (RFC 6864 §4.1). A PSH flag ends
 * a super-packet.
 *
 * <p>Nothing is vouched for unseen: a packet whose checksum is wrong goes out alone and as it is, and the host finds out.
 *
 * <p>Packets of one flow leave in the order they came. Those of different flows may change places.
 *
 * <p>One thread; no allocation after the constructor.
 */
public final class Coalescer {
    /** So many flows at a time: few carry bulk at once, and each open group costs a comparison. */
    private static final int MAX_GROUPS = 8;

    private final SuperPacketSink sink;
    private final boolean joinsTcp;
    private final boolean joinsUdp;
    private final FlowPacket packet = new FlowPacket();
    private final PacketGroup[] groups = new PacketGroup[MAX_GROUPS];
    /** The group that a packet was added to last: the next one is likely to be of the same flow. */
    private PacketGroup recent;

    private int nextVictim;

    /**
     * Creates one without packets. With neither TCP nor UDP to join, all packets go straight to the sink.
     *
     * @param joinsTcp whether the device takes super-packets of TCP
     * @param joinsUdp whether the device takes super-packets of UDP
     */
    public Coalescer(SuperPacketSink sink, boolean joinsTcp, boolean joinsUdp) {
        this.sink = sink;
        this.joinsTcp = joinsTcp;
        this.joinsUdp = joinsUdp;
        for (int i = 0; i < MAX_GROUPS; i++) {
            groups[i] = new PacketGroup();
        }
        recent = groups[0];
    }

    /**
     * Takes the next packet that came. It must stay where it is and as it is until {@link #flush} or until the sink has
     * it.
     *
     * @param buffer native memory
     * @param lengthBytes of the packet, by its own header; any bytes are taken
     * @throws IOException when the sink throws it; this packet may then be lost
     */
    public void add(MemorySegment buffer, long offset, int lengthBytes) throws IOException {
        if (!joinsTcp && !joinsUdp) {
            sink.packet(buffer, offset, lengthBytes);
            return;
        }
        switch (packet.read(buffer, offset, lengthBytes)) {
            case OTHER -> sendAlone();
            case UNKNOWN -> {
                flush();
                sendAlone();
            }
            case ALONE -> {
                closeFlow();
                sendAlone();
            }
            case JOINABLE -> join();
        }
    }

    /** Gives all packets that are left to the sink: nothing more comes for now. */
    public void flush() throws IOException {
        for (PacketGroup group : groups) {
            group.close(sink);
        }
    }

    private void join() throws IOException {
        boolean joins = packet.tcp ? joinsTcp : joinsUdp;
        PacketGroup group = joins ? find() : null;
        // What begins and ends a group at once needs no look at its checksum: it goes as it is anyway.
        if (!joins || (group == null && packet.isPush())) {
            sendAlone();
        } else if (!packet.isIntact()) {
            close(group);
            sendAlone();
        } else if (group != null && group.takes(packet)) {
            recent = group;
            group.append(packet);
            closeWhenFull(group);
        } else {
            close(group);
            recent = group == null ? free() : group;
            recent.open(packet);
            closeWhenFull(recent);
        }
    }

    private void sendAlone() throws IOException {
        sink.packet(packet.buffer, packet.offset, packet.lengthBytes);
    }

    private void closeFlow() throws IOException {
        close(find());
    }

    private void close(@Nullable PacketGroup group) throws IOException {
        if (group != null) {
            group.close(sink);
        }
    }

    private void closeWhenFull(PacketGroup group) throws IOException {
        if (group.isFull()) {
            group.close(sink);
        }
    }

    private @Nullable PacketGroup find() {
        if (recent.isOfFlow(packet)) {
            return recent;
        }
        for (PacketGroup group : groups) {
            if (group.isOfFlow(packet)) {
                return group;
            }
        }
        return null;
    }

    /** A group without packets; when all have some, one of them leaves, each in its turn. */
    private PacketGroup free() throws IOException {
        for (PacketGroup group : groups) {
            if (!group.isOpen()) {
                return group;
            }
        }
        PacketGroup victim = groups[nextVictim];
        nextVictim = (nextVictim + 1) % MAX_GROUPS;
        victim.close(sink);
        return victim;
    }
}
