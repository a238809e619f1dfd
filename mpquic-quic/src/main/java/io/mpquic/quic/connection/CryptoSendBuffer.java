package io.mpquic.quic.connection;

import io.mpquic.quic.wire.CryptoFrame;
import io.mpquic.quic.wire.VarInt;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The outgoing TLS bytes of one encryption level (RFC 9000 §7.5): new ones once, lost ones again. */
final class CryptoSendBuffer {
    private byte[] bytes = {};
    private int sentUpTo;
    private final ArrayDeque<CryptoFrame> lost = new ArrayDeque<>();

    void append(byte[] data) {
        int old = bytes.length;
        bytes = Arrays.copyOf(bytes, old + data.length);
        System.arraycopy(data, 0, bytes, old, data.length);
    }

    boolean hasPending() {
        return !lost.isEmpty() || sentUpTo < bytes.length;
    }

    /** The next frame of at most {@code capacityBytes}, or null when nothing waits or fits. */
    @Nullable CryptoFrame next(int capacityBytes) {
        CryptoFrame again = lost.poll();
        long offset = again != null ? again.offset() : sentUpTo;
        int wanted = again != null ? (int) again.data().byteSize() : bytes.length - sentUpTo;
        int fits = Math.min(wanted, dataCapacity(offset, wanted, capacityBytes));
        if (fits <= 0) {
            if (again != null) {
                lost.addFirst(again);
            }
            return null;
        }
        if (again == null) {
            sentUpTo += fits;
        } else if (fits < wanted) {
            lost.addFirst(frame(offset + fits, wanted - fits));
        }
        return frame(offset, fits);
    }

    /** Takes back the data of a lost packet, or of one that a probe repeats. */
    void resend(CryptoFrame frame) {
        if (!lost.contains(frame)) {
            lost.add(frame);
        }
    }

    /** Starts anew: RFC 9000 §17.2.5.2, the ClientHello goes out once more after a Retry. */
    void rewind() {
        lost.clear();
        sentUpTo = 0;
    }

    private CryptoFrame frame(long offset, int length) {
        return new CryptoFrame(offset, MemorySegment.ofArray(bytes).asSlice(offset, length));
    }

    private static int dataCapacity(long offset, int wanted, int capacityBytes) {
        return capacityBytes - 1 - VarInt.lengthBytes(offset) - VarInt.lengthBytes(wanted);
    }
}
