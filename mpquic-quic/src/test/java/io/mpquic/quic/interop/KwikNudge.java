package io.mpquic.quic.interop;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import tech.kwik.core.QuicConnection;
import tech.kwik.core.QuicStream;
import tech.kwik.core.frame.PingFrame;
import tech.kwik.core.impl.QuicConnectionImpl;
import tech.kwik.core.stream.FlowControlUpdateListener;

/**
 * Reminds a stream of Kwik's, from time to time, that it may have something to send.
 *
 * <p>Kwik 0.10.8 forgets that now and then, whoever the other end is: {@code scheduleSendStreamFrameRequest} of its
 * {@code StreamOutputStreamImpl} counts a request to send only after it was queued. When the sending thread has served it
 * by then, that thread counts −1, takes this for a request that waits, and queues none for the rest of the stream.
 */
final class KwikNudge implements AutoCloseable {
    private static final long EVERY_MS = 50;

    private final CountDownLatch over = new CountDownLatch(1);

    /** Begins at once, and goes on until it is closed. */
    static KwikNudge of(QuicConnection connection, QuicStream stream) {
        KwikNudge nudge = new KwikNudge();
        Thread.ofVirtual().start(() -> nudge.run((QuicConnectionImpl) connection, stream));
        return nudge;
    }

    private void run(QuicConnectionImpl connection, QuicStream stream) {
        FlowControlUpdateListener sending = (FlowControlUpdateListener) stream.getOutputStream();
        try {
            while (!over.await(EVERY_MS, TimeUnit.MILLISECONDS)) {
                // As if credit had come; the sending thread looks at it when it has something else to send.
                sending.streamNotBlocked(stream.getStreamId());
                connection.send(new PingFrame(), lost -> {}, true);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        over.countDown();
    }
}
