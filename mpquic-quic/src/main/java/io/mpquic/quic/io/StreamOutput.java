package io.mpquic.quic.io;

import io.mpquic.quic.stream.QuicStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.Objects;

/** The bytes that this end sends on a stream. See {@link BlockingStream#output}. */
final class StreamOutput extends OutputStream {
    private final BlockingStream stream;
    private boolean closed;

    StreamOutput(BlockingStream stream) {
        this.stream = stream;
    }

    @Override
    public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] data, int offset, int lengthBytes) throws IOException {
        Objects.checkFromIndexSize(offset, lengthBytes, data.length);
        Patience patience = stream.patience();
        int done = 0;
        stream.connection.lock.lock();
        try {
            while (done < lengthBytes) {
                int taken = writeNow(data, offset + done, lengthBytes - done);
                done += taken;
                if (taken == 0) {
                    stream.connection.await(stream, patience, "a write");
                }
            }
        } catch (InterruptedIOException e) {
            e.bytesTransferred = done;
            throw e;
        } finally {
            stream.connection.lock.unlock();
        }
    }

    private int writeNow(byte[] data, int offset, int lengthBytes) throws IOException {
        if (closed) {
            throw new IOException("the stream was closed for writing here");
        }
        stream.connection.requireOpen();
        QuicStream core = stream.core;
        int taken = core.write(data, offset, lengthBytes);
        if (taken < 0) {
            throw core.peerStopCode() >= 0
                    ? new StreamResetException("the peer wants no more of the stream", core.peerStopCode())
                    : new IOException("the stream was reset here");
        }
        if (taken > 0) {
            stream.connection.wakeup();
        }
        return taken;
    }

    /** Has nothing to do: what was written goes out as soon as the network and the peer permit. */
    @Override
    public void flush() {}

    /** Ends the stream behind what was written; does not wait until the peer has it. */
    @Override
    public void close() {
        stream.connection.lock.lock();
        try {
            if (!closed) {
                closed = true;
                stream.core.finish();
                stream.news.signalAll();
            }
        } finally {
            stream.connection.lock.unlock();
        }
        stream.connection.wakeup();
    }
}
