package io.mpquic.quic.wire;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A connection ID of QUIC version 1: 0 to 20 opaque bytes (RFC 9000 §5.1, §17.2). Immutable, compared by its bytes.
 */
public final class ConnectionId {
    /** The longest connection ID of QUIC version 1. */
    public static final int MAX_LENGTH_BYTES = 20;

    /** The connection ID of no bytes. */
    public static final ConnectionId EMPTY = new ConnectionId(new byte[0]);

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final byte[] bytes;

    /**
     * Creates a connection ID from a copy of the bytes.
     *
     * @throws IllegalArgumentException if they are more than 20
     */
    public ConnectionId(byte[] bytes) {
        if (bytes.length > MAX_LENGTH_BYTES) {
            throw new IllegalArgumentException("a connection ID of " + bytes.length + " bytes");
        }
        this.bytes = bytes.clone();
    }

    /** The connection ID of the 8 bytes of a number, highest byte first. */
    public static ConnectionId ofLong(long value) {
        byte[] bytes = new byte[Long.BYTES];
        LONG.set(bytes, 0, value);
        return new ConnectionId(bytes);
    }

    /**
     * Copies a connection ID out of a packet.
     *
     * @param lengthBytes 0 to 20
     */
    public static ConnectionId read(MemorySegment segment, long offset, int lengthBytes) {
        return new ConnectionId(segment.asSlice(offset, lengthBytes).toArray(ValueLayout.JAVA_BYTE));
    }

    /** A copy of the bytes. */
    public byte[] bytes() {
        return bytes.clone();
    }

    /** How many bytes it has, 0 to 20. */
    public int lengthBytes() {
        return bytes.length;
    }

    /** Whether it has no bytes. */
    public boolean isEmpty() {
        return bytes.length == 0;
    }

    /**
     * The bytes of an 8-byte connection ID as a number, highest byte first.
     *
     * @throws IllegalStateException if it has another length
     */
    public long asLong() {
        if (bytes.length != Long.BYTES) {
            throw new IllegalStateException("a connection ID of " + bytes.length + " bytes is no long");
        }
        return (long) LONG.get(bytes, 0);
    }

    /** Whether these bytes stand at a place of a packet. Allocates nothing. */
    public boolean matches(MemorySegment segment, long offset) {
        if (offset < 0 || offset > segment.byteSize() - bytes.length) {
            return false;
        }
        for (int i = 0; i < bytes.length; i++) {
            if (segment.get(ValueLayout.JAVA_BYTE, offset + i) != bytes[i]) {
                return false;
            }
        }
        return true;
    }

    /** Writes the bytes, without their length. */
    public void writeTo(WireWriter writer) {
        writer.writeBytes(bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ConnectionId that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** The bytes in hexadecimal. */
    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes);
    }
}
