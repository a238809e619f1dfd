package io.mpquic.quic.connection;

import io.mpquic.quic.wire.TransportError;
import io.mpquic.quic.wire.TransportException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Puts the incoming TLS bytes of one encryption level in order (RFC 9000 §7.5). */
final class CryptoReceiveBuffer {
    private static final long CRYPTO_FRAME_TYPE = 0x06;
    /** RFC 9000 §7.5 asks for at least 4096; a large certificate chain needs more. */
    private static final int LIMIT_BYTES = 65_536;

    private final TreeMap<Long, byte[]> waiting = new TreeMap<>();
    private long delivered;
    private int waitingBytes;

    void insert(long offset, MemorySegment data) throws TransportException {
        long end = offset + data.byteSize();
        if (end <= delivered) {
            return;
        }
        if (end - delivered > LIMIT_BYTES || waitingBytes + data.byteSize() > 2 * LIMIT_BYTES) {
            throw new TransportException(
                    TransportError.CRYPTO_BUFFER_EXCEEDED, CRYPTO_FRAME_TYPE, "too much CRYPTO data out of order");
        }
        byte[] known = waiting.get(offset);
        if (known != null && known.length >= data.byteSize()) {
            return;
        }
        byte[] copy = data.toArray(ValueLayout.JAVA_BYTE);
        waitingBytes += copy.length - (known == null ? 0 : known.length);
        waiting.put(offset, copy);
    }

    /** The next bytes in order, or null when a gap comes first. */
    byte @Nullable [] poll() {
        Map.Entry<Long, byte[]> first = waiting.firstEntry();
        while (first != null && first.getKey() <= delivered) {
            byte[] data = first.getValue();
            long offset = first.getKey();
            waiting.remove(offset);
            waitingBytes -= data.length;
            int known = (int) (delivered - offset);
            if (known < data.length) {
                delivered = offset + data.length;
                byte[] fresh = new byte[data.length - known];
                System.arraycopy(data, known, fresh, 0, fresh.length);
                return fresh;
            }
            first = waiting.firstEntry();
        }
        return null;
    }
}
