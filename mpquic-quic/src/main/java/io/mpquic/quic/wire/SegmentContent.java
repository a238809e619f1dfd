package io.mpquic.quic.wire;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Compares memory by its bytes, for records whose values are bytes of a packet. */
final class SegmentContent {
    private SegmentContent() {}

    static boolean equal(MemorySegment a, MemorySegment b) {
        return a.byteSize() == b.byteSize() && a.mismatch(b) < 0;
    }

    static int hash(MemorySegment segment) {
        int hash = 1;
        for (long i = 0; i < segment.byteSize(); i++) {
            hash = 31 * hash + segment.get(ValueLayout.JAVA_BYTE, i);
        }
        return hash;
    }
}
