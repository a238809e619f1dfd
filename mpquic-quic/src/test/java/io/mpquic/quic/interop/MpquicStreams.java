package io.mpquic.quic.interop;

import io.mpquic.quic.connection.QuicConnection;
import io.mpquic.quic.stream.QuicStream;
import java.io.IOException;
import java.util.IdentityHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The streams of one of our connections: a client's questions, a server's echoes. For the thread of the endpoint. */
final class MpquicStreams {
    private final QuicConnection connection;
    private final Map<QuicStream, Transfer> transfers = new IdentityHashMap<>();
    private final byte[] piece = new byte[16 << 10];

    MpquicStreams(QuicConnection connection) {
        this.connection = connection;
    }

    /** What a stream has still to send, and what to do with what comes. */
    private static final class Transfer {
        private final @Nullable TestStream question;
        private byte[] outgoing;
        private int from;
        private int to;
        private boolean last;

        /** A client's. */
        Transfer(TestStream question) {
            this.question = question;
            this.outgoing = question.sent();
            this.to = outgoing.length;
            this.last = true;
        }

        /** The echo of a server. */
        Transfer(int capacity) {
            this.question = null;
            this.outgoing = new byte[capacity];
        }
    }

    /** Opens a stream and sends these bytes on it. */
    void ask(TestStream question) {
        QuicStream stream = connection.openBidirectional();
        if (stream == null) {
            question.onFailure(new IOException("the peer allows no stream"));
            return;
        }
        transfers.put(stream, new Transfer(question));
        onWritable(stream);
    }

    void onReadable(QuicStream stream) {
        Transfer transfer = transfers.computeIfAbsent(stream, unused -> new Transfer(piece.length));
        if (transfer.question == null) {
            echo(stream, transfer);
            return;
        }
        int read = stream.read(piece, 0, piece.length);
        for (; read > 0; read = stream.read(piece, 0, piece.length)) {
            transfer.question.onReceived(piece, read);
        }
        if (read < 0) {
            transfer.question.onEnd();
        }
    }

    void onWritable(QuicStream stream) {
        Transfer transfer = transfers.get(stream);
        if (transfer == null) {
            return;
        }
        if (transfer.question == null) {
            echo(stream, transfer);
        } else if (write(stream, transfer)) {
            stream.finish();
        }
    }

    /** Whether all that waits was taken. */
    private static boolean write(QuicStream stream, Transfer transfer) {
        while (transfer.from < transfer.to) {
            int taken = stream.write(transfer.outgoing, transfer.from, transfer.to - transfer.from);
            if (taken <= 0) {
                return false;
            }
            transfer.from += taken;
        }
        return true;
    }

    /** Reads no further than it can write: so the windows of both directions are tried. */
    private static void echo(QuicStream stream, Transfer transfer) {
        while (write(stream, transfer)) {
            if (transfer.last) {
                stream.finish();
                return;
            }
            int read = stream.read(transfer.outgoing, 0, transfer.outgoing.length);
            if (read == 0) {
                return;
            }
            transfer.from = 0;
            transfer.to = Math.max(read, 0);
            transfer.last = read < 0;
        }
    }

    /** The connection is over. */
    void end() {
        transfers.values().forEach(transfer -> {
            if (transfer.question != null) {
                transfer.question.onFailure(new IOException("the connection is over"));
            }
        });
    }
}
