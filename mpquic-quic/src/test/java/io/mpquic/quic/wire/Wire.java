package io.mpquic.quic.wire;

import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.function.Consumer;

/** What the tests of this package write bytes with. */
final class Wire {
    private Wire() {}

    static MemorySegment memory(byte... bytes) {
        return MemorySegment.ofArray(bytes);
    }

    /** The bytes of {@code 01 02 0a}; spaces are for the reader. */
    static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits.replace(" ", ""));
    }

    static WireReader readerOf(String digits) {
        return WireReader.of(hex(digits));
    }

    /** What a writer was made to write. */
    static byte[] written(Consumer<WireWriter> writing) {
        byte[] buffer = new byte[70_000];
        WireWriter writer = WireWriter.of(buffer);
        writing.accept(writer);
        return java.util.Arrays.copyOf(buffer, (int) writer.position());
    }
}
