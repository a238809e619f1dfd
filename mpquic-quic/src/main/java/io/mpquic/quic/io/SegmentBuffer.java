package io.mpquic.quic.io;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Views memory segments as byte buffers, and keeps the view of the last segment: packets of one arena then need no
 * object each. Not thread-safe.
 */
final class SegmentBuffer {
    private @Nullable MemorySegment segment;
    private @Nullable ByteBuffer view;

    /** A view of the given part; valid until the next call. */
    ByteBuffer of(MemorySegment wanted, long offset, int lengthBytes) {
        if (wanted.byteSize() > Integer.MAX_VALUE) {
            return wanted.asSlice(offset, lengthBytes).asByteBuffer();
        }
        ByteBuffer buffer = view;
        if (buffer == null || !wanted.equals(segment)) {
            buffer = wanted.asByteBuffer();
            segment = wanted;
            view = buffer;
        }
        int start = Math.toIntExact(offset);
        return buffer.clear().limit(Math.addExact(start, lengthBytes)).position(start);
    }
}
