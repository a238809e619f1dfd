package io.mpquic.quic.io;

import io.mpquic.quic.connection.QuicConnection;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Packets that leave in one call: of one connection, to one address, with one ECN codepoint, and of one size but for the
 * last, which may be shorter.
 *
 * <pre>
 *   | packet | packet | packet | short | room for one more packet |
 *   0                                  end
 * </pre>
 */
final class SendBatch {
    /** The kernel takes a little less than 64 KB in one call. */
    static final int MAX_BYTES = 65_000;

    /** A UDP payload has at most 65,527 bytes: one more can always be built behind those that are there. */
    private static final int CAPACITY_BYTES = 2 * 65_536;

    private final MemorySegment memory;
    private final IntSupplier limit;
    private int maxPackets;
    private int count;
    private int bytes;
    private int packetBytes;
    private boolean endsWithShort;
    private @Nullable InetSocketAddress to;
    private @Nullable QuicConnection connection;
    private int codepoint;

    /**
     * Creates an empty one.
     *
     * @param limit how many packets the socket takes in one call; looked at for each batch, as a socket can find out that it
     *     takes only one
     */
    SendBatch(Arena arena, IntSupplier limit) {
        memory = arena.allocate(CAPACITY_BYTES, Long.BYTES);
        this.limit = limit;
        maxPackets = limit.getAsInt();
    }

    MemorySegment memory() {
        return memory;
    }

    /** Where the next packet is built, and how many bytes there are. */
    int end() {
        return bytes;
    }

    boolean isEmpty() {
        return count == 0;
    }

    int count() {
        return count;
    }

    /** The length of each packet but the last. */
    int packetBytes() {
        return packetBytes;
    }

    @Nullable InetSocketAddress to() {
        return to;
    }

    @Nullable QuicConnection connection() {
        return connection;
    }

    int codepoint() {
        return codepoint;
    }

    /** Adds the packet that was built at {@link #end}; false when it does not go with the others. */
    boolean add(int lengthBytes, InetSocketAddress address, @Nullable QuicConnection owner, int ecnCodepoint) {
        if (count == 0) {
            to = address;
            connection = owner;
            codepoint = ecnCodepoint;
            packetBytes = lengthBytes;
        } else if (count >= maxPackets
                || endsWithShort
                || lengthBytes > packetBytes
                || bytes + lengthBytes > MAX_BYTES
                || codepoint != ecnCodepoint
                || connection != owner
                || !address.equals(to)) {
            return false;
        }
        endsWithShort = lengthBytes < packetBytes;
        count++;
        bytes += lengthBytes;
        return true;
    }

    /** Whether nothing can be added any more. */
    boolean isFull() {
        return count >= maxPackets || endsWithShort || bytes + packetBytes > MAX_BYTES;
    }

    void clear() {
        count = 0;
        bytes = 0;
        packetBytes = 0;
        endsWithShort = false;
        to = null;
        connection = null;
        maxPackets = limit.getAsInt();
    }
}
