package io.mpquic.quic.scenario;

import io.mpquic.quic.connection.QuicConnection;
import io.mpquic.quic.stream.QuicStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The application of one end that writes and reads streams. Each byte follows from the stream, the writer and the place,
 * and the first four say how many there are, so that a reader knows without the writer what it has to find.
 */
final class StreamDesk {
    private static final int LENGTH_BYTES = Integer.BYTES;
    private static final int ANSWER_BYTES = 1_000;
    private static final int RESET_CODE = 9;

    private static final class Writer {
        final QuicConnection on;
        final QuicStream stream;
        final byte[] bytes;
        /** After how many bytes it gives up; the length when it does not. */
        final int until;

        int written;
        boolean ended;

        Writer(QuicConnection on, QuicStream stream, byte[] bytes, int until) {
            this.on = on;
            this.stream = stream;
            this.bytes = bytes;
            this.until = until;
        }
    }

    private static final class Reader {
        final QuicConnection on;
        final QuicStream stream;
        int read;
        int length;
        boolean ended;

        Reader(QuicConnection on, QuicStream stream) {
            this.on = on;
            this.stream = stream;
        }
    }

    private final Side side;
    private final Findings findings;
    private final List<Writer> writers = new ArrayList<>();
    private final List<Reader> readers = new ArrayList<>();

    StreamDesk(Side side, Findings findings) {
        this.side = side;
        this.findings = findings;
    }

    /** Opens a stream and writes to it; it is finished in the end, or reset half-way. Nothing where the peer permits none. */
    void open(QuicConnection connection, boolean unidirectional, int bytes, boolean reset) {
        QuicStream stream = unidirectional ? connection.openUnidirectional() : connection.openBidirectional();
        if (stream == null) {
            return;
        }
        if (!unidirectional) {
            readers.add(new Reader(connection, stream));
        }
        write(connection, stream, bytes, reset);
    }

    private void write(QuicConnection connection, QuicStream stream, int bytes, boolean reset) {
        byte[] content = new byte[Math.max(LENGTH_BYTES, bytes)];
        for (int i = 0; i < content.length; i++) {
            content[i] = filler(side, stream.id(), i);
        }
        ByteBuffer.wrap(content).putInt(content.length);
        writers.add(new Writer(connection, stream, content, reset ? content.length / 2 : content.length));
        turn(connection);
    }

    private static byte filler(Side writer, long stream, int place) {
        return (byte) ((stream + 1) * 31 + place * 7 + place / 251 + (writer == Side.CLIENT ? 0 : 101));
    }

    /** Does what can be done now on a connection in use. */
    void turn(QuicConnection connection) {
        for (QuicStream stream = connection.pollStream(); stream != null; stream = connection.pollStream()) {
            readers.add(new Reader(connection, stream));
            if (!stream.isUnidirectional()) {
                write(connection, stream, ANSWER_BYTES, false);
            }
        }
        for (Writer writer : List.copyOf(writers)) {
            if (writer.on == connection) {
                write(writer);
            }
        }
        for (Reader reader : readers) {
            if (reader.on == connection) {
                read(reader);
            }
        }
        readers.removeIf(reader -> reader.ended);
    }

    private static void write(Writer writer) {
        while (!writer.ended) {
            int taken = writer.stream.write(writer.bytes, writer.written, writer.until - writer.written);
            if (taken < 0) {
                writer.ended = true;
                return;
            }
            writer.written += taken;
            if (writer.written == writer.until) {
                writer.ended = true;
                if (writer.until < writer.bytes.length) {
                    writer.stream.reset(RESET_CODE);
                } else {
                    writer.stream.finish();
                }
            } else if (taken == 0) {
                return;
            }
        }
    }

    private void read(Reader reader) {
        byte[] buffer = new byte[4_096];
        String what = side + ", stream " + reader.stream.id();
        int count = reader.stream.read(buffer, 0, buffer.length);
        while (count > 0) {
            for (int i = 0; i < count; i++) {
                check(reader, buffer[i], what);
            }
            count = reader.stream.read(buffer, 0, buffer.length);
        }
        if (count < 0) {
            reader.ended = true;
            findings.check(
                    reader.read == reader.length || reader.stream.peerResetCode() == RESET_CODE,
                    Invariant.STREAM,
                    what + " ends after " + reader.read + " of " + reader.length + " bytes, reset with "
                            + reader.stream.peerResetCode());
        }
    }

    private void check(Reader reader, byte value, String what) {
        int place = reader.read++;
        if (place < LENGTH_BYTES) {
            reader.length = reader.length << 8 | (value & 0xff);
            return;
        }
        findings.check(
                place < reader.length && value == filler(side.other(), reader.stream.id(), place),
                Invariant.STREAM,
                what + " has a byte at " + place + " of " + reader.length + " that was never written there");
    }

    /** Whether all that was written on a connection has arrived, or was given up. */
    boolean isDone(@Nullable QuicConnection connection) {
        return writers.stream()
                .filter(writer -> writer.on == connection)
                .allMatch(writer -> writer.ended && writer.stream.sendState().isFinal());
    }
}
