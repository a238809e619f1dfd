package io.mpquic.quic.connection;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * Packets that came before their keys. Keeping a few spares the peer a probe timeout when the handshake's packets are
 * reordered (RFC 9001 §5.7).
 */
final class UndecryptablePackets {
    private static final int LIMIT = 16;

    /**
     * A packet, and what its datagram told besides.
     *
     * @param packet native, as what a {@link DatagramSink} gets may have to be
     * @param from who sent it: not who sends the keys
     * @param datagramBytes the length of the UDP payload that it came in
     * @param codepoint the ECN bits that it came with (RFC 9000 §13.4.1)
     */
    record Kept(MemorySegment packet, InetSocketAddress from, int datagramBytes, int codepoint) {}

    private List<Kept> kept = new ArrayList<>();

    /** Keeps a copy of one packet; returns false when there is no room. */
    boolean keep(
            MemorySegment datagram, long offset, int length, InetSocketAddress from, int datagramBytes, int codepoint) {
        if (kept.size() >= LIMIT) {
            return false;
        }
        MemorySegment packet = Arena.ofAuto().allocate(length).copyFrom(datagram.asSlice(offset, length));
        kept.add(new Kept(packet, from, datagramBytes, codepoint));
        return true;
    }

    /** Takes all out; those that are still undecryptable are kept again by the next attempt. */
    List<Kept> drain() {
        List<Kept> drained = kept;
        kept = new ArrayList<>();
        return drained;
    }

    boolean isEmpty() {
        return kept.isEmpty();
    }
}
