package io.mpquic.quic.interop;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/** The bytes that a client has sent back on a stream. */
final class TestStream {
    private final byte[] sent;
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private final CompletableFuture<byte[]> echo = new CompletableFuture<>();

    TestStream(int lengthBytes) {
        sent = new byte[lengthBytes];
        new Random(lengthBytes).nextBytes(sent);
    }

    byte[] sent() {
        return sent;
    }

    /** A piece of the echo, in order. */
    void onReceived(byte[] piece, int lengthBytes) {
        received.write(piece, 0, lengthBytes);
    }

    /** The echo is complete. */
    void onEnd() {
        echo.complete(received.toByteArray());
    }

    /** The stream or its connection has failed. */
    void onFailure(Throwable cause) {
        echo.completeExceptionally(cause);
    }

    void awaitEcho() throws IOException {
        byte[] came = KwikPeer.await(echo);
        if (!Arrays.equals(came, sent)) {
            throw new IOException("the echo of " + sent.length + " bytes has " + came.length
                    + ", and differs from them at " + Arrays.mismatch(came, sent));
        }
    }
}
