package io.mpquic.quic.io;

import io.mpquic.quic.stream.QuicStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/** The bytes that the peer sends on a stream. See {@link BlockingStream#input}. */
final class StreamInput extends InputStream {
    private final BlockingStream stream;
    private boolean closed;
    private boolean ended;

    StreamInput(BlockingStream stream) {
        this.stream = stream;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int lengthBytes) throws IOException {
        Objects.checkFromIndexSize(offset, lengthBytes, into.length);
        if (lengthBytes == 0) {
            return 0;
        }
        Patience patience = stream.patience();
        stream.connection.lock.lock();
        try {
            while (true) {
                int length = readNow(into, offset, lengthBytes);
                if (length != 0) {
                    return length;
                }
                stream.connection.requireOpen();
                stream.connection.await(stream, patience, "a read");
            }
        } finally {
            stream.connection.lock.unlock();
        }
    }

    private int readNow(byte[] into, int offset, int lengthBytes) throws IOException {
        if (closed) {
            throw new IOException("the stream was closed for reading here");
        }
        QuicStream core = stream.core;
        int length = ended ? -1 : core.read(into, offset, lengthBytes);
        if (length > 0) {
            stream.connection.wakeup(); // the peer may get more credit
        } else if (length < 0) {
            if (core.peerResetCode() >= 0) {
                throw new StreamResetException("the peer reset the stream", core.peerResetCode());
            }
            ended = true;
        }
        return length;
    }

    /** Asks the peer to send no more, unless all was read. */
    @Override
    public void close() {
        stop(0);
    }

    void stop(long errorCode) {
        stream.connection.lock.lock();
        try {
            if (!closed) {
                stream.core.stopSending(errorCode);
                closed = true;
                stream.news.signalAll();
            }
        } finally {
            stream.connection.lock.unlock();
        }
        stream.connection.wakeup();
    }
}
