package io.mpquic.quic.connection;

import io.mpquic.quic.wire.TransportError;
import io.mpquic.quic.wire.TransportException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Puts the incoming TLS bytes of one encryption level in order (RFC 9000 §7.5).
 *
 * <p>Bytes lie where they belong, and a bit for each says whether it is there. So it does not matter into how many pieces
 * a peer cuts them: a list of pieces would cost a hundred bytes for each, and strangers may send them by the thousand.
 */
final class CryptoReceiveBuffer {
    private static final long CRYPTO_FRAME_TYPE = 0x06;
    /** RFC 9000 §7.5 asks for at least 4096; a large certificate chain needs more. */
    private static final int LIMIT_BYTES = 65_536;

    /** What comes behind the delivered bytes. */
    private byte[] bytes = {};

    private final BitSet known = new BitSet();
    private long delivered;

    void insert(long offset, MemorySegment data) throws TransportException {
        long end = offset + data.byteSize();
        if (end <= delivered) {
            return;
        }
        if (end - delivered > LIMIT_BYTES) {
            throw new TransportException(
                    TransportError.CRYPTO_BUFFER_EXCEEDED, CRYPTO_FRAME_TYPE, "too much CRYPTO data out of order");
        }
        int to = (int) (end - delivered);
        int from = (int) Math.max(0, offset - delivered);
        if (bytes.length < to) {
            bytes = Arrays.copyOf(bytes, Math.max(to, Math.min(2 * bytes.length, LIMIT_BYTES)));
        }
        MemorySegment.copy(data, ValueLayout.JAVA_BYTE, data.byteSize() - (to - from), bytes, from, to - from);
        known.set(from, to);
    }

    /** The next bytes in order, or null when a gap comes first. */
    byte @Nullable [] poll() {
        int ready = known.nextClearBit(0);
        if (ready == 0) {
            return null;
        }
        byte[] fresh = Arrays.copyOf(bytes, ready);
        int end = known.length();
        BitSet rest = known.get(ready, end);
        bytes = Arrays.copyOfRange(bytes, ready, end);
        known.clear();
        known.or(rest);
        delivered += ready;
        return fresh;
    }
}
