package io.mpquic.quic.connection;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Packets that came before their keys. Keeping a few spares the peer a probe timeout when the handshake's packets are
 * reordered (RFC 9001 §5.7).
 */
final class UndecryptablePackets {
    private static final int LIMIT = 16;

    private List<byte[]> kept = new ArrayList<>();

    /** Keeps a copy of one packet; returns false when there is no room. */
    boolean keep(MemorySegment datagram, long offset, int length) {
        if (kept.size() >= LIMIT) {
            return false;
        }
        kept.add(datagram.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE));
        return true;
    }

    /** Takes all out; those that are still undecryptable are kept again by the next attempt. */
    List<byte[]> drain() {
        List<byte[]> drained = kept;
        kept = new ArrayList<>();
        return drained;
    }

    boolean isEmpty() {
        return kept.isEmpty();
    }
}
