package io.mpquic.quic.io;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Gives out memory for received UDP payloads. An embedder that forwards what it receives puts its own slots behind this,
 * so that a payload is decrypted where it will be used. One thread calls it.
 */
public interface ReceiveBuffers {
    /**
     * Where the next UDP payload goes, from offset 0 on: at least 1500 bytes. Called again without {@link #release} in
     * between, it gives the same memory.
     */
    MemorySegment acquire();

    /** The payload is processed. Its memory may be reused, unless the owner has kept it in the meantime. */
    void release();

    /**
     * One native buffer that is used again and again.
     *
     * @param capacityBytes at least 1500; a longer payload is cut, and a cut packet fails authentication
     * @throws IllegalArgumentException if that is too small
     */
    static ReceiveBuffers single(int capacityBytes) {
        if (capacityBytes < 1500) {
            throw new IllegalArgumentException("a receive buffer of " + capacityBytes + " bytes");
        }
        MemorySegment buffer = Arena.ofAuto().allocate(capacityBytes, Long.BYTES);
        return new ReceiveBuffers() {
            @Override
            public MemorySegment acquire() {
                return buffer;
            }

            @Override
            public void release() {
                // The next payload may overwrite this one.
            }
        };
    }
}
