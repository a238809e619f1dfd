package io.mpquic.quic.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.connection.TransportSettings;
import io.mpquic.quic.endpoint.ClientConfig;
import io.mpquic.quic.endpoint.QuicEndpoint;
import io.mpquic.quic.endpoint.ServerConfig;
import io.mpquic.quic.tls.Identity;
import io.mpquic.quic.tls.TlsClientConfig;
import io.mpquic.quic.tls.TlsServerConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Blocking streams over real sockets of this host. */
@Timeout(120)
class StreamEndpointTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Duration SHORT = Duration.ofMillis(50);
    private static final Identity IDENTITY = Identity.selfSigned("streams");
    private static final TransportSettings SETTINGS =
            TransportSettings.builder().maxStreamsBidi(8).maxStreamsUni(8).build();

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private StreamEndpoint server;
    private StreamEndpoint client;
    private StreamConnection here;
    private StreamConnection there;

    @BeforeEach
    void connect() throws IOException {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        TlsServerConfig serverTls =
                TlsServerConfig.builder().alpn("streams").identity(IDENTITY).build();
        TlsClientConfig clientTls = TlsClientConfig.builder()
                .alpn("streams")
                .serverName("streams")
                .insecure()
                .build();
        server = StreamEndpoint.start(
                QuicEndpoint.server(ServerConfig.builder(serverTls, new SplittableRandom(1))
                        .settings(SETTINGS)
                        .build()),
                ChannelTransport.open(any));
        client = StreamEndpoint.start(
                QuicEndpoint.client(ClientConfig.builder(clientTls, new SplittableRandom(2))
                        .settings(SETTINGS)
                        .build()),
                ChannelTransport.open(any));
        here = client.connect(server.localAddress(), SOON);
        there = server.accept(SOON);
    }

    @AfterEach
    void close() {
        client.close();
        server.close();
        threads.shutdownNow();
    }

    private BlockingStream opened() throws IOException {
        BlockingStream stream = here.openBidirectional(SOON);
        stream.output().write('!');
        return stream;
    }

    private BlockingStream acceptedAfterMark() throws IOException {
        BlockingStream stream = there.accept(SOON);
        assertEquals('!', stream.input().read());
        return stream;
    }

    private static CRC32 writeAll(OutputStream out, long seed, int bytes) throws IOException {
        Random random = new Random(seed);
        CRC32 sum = new CRC32();
        byte[] piece = new byte[7_001];
        for (int left = bytes; left > 0; left -= Math.min(left, piece.length)) {
            int length = Math.min(left, piece.length);
            random.nextBytes(piece);
            sum.update(piece, 0, length);
            out.write(piece, 0, length);
        }
        out.close();
        return sum;
    }

    private static CRC32 readAll(InputStream in) throws IOException {
        CRC32 sum = new CRC32();
        byte[] piece = new byte[9_001];
        for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
            sum.update(piece, 0, n);
        }
        return sum;
    }

    @Test
    void megabytesArriveBothWaysOnSeveralStreamsOfSeveralThreads() throws Exception {
        int streams = 4;
        int bytes = 1_000_000;
        List<Future<CRC32>> wroteHere = new ArrayList<>();
        List<Future<CRC32>> readHere = new ArrayList<>();
        List<Future<CRC32>> wroteThere = new ArrayList<>();
        List<Future<CRC32>> readThere = new ArrayList<>();
        for (int i = 0; i < streams; i++) {
            BlockingStream near = opened();
            BlockingStream far = acceptedAfterMark();
            assertEquals(near.id(), far.id());
            long seed = i;
            wroteHere.add(threads.submit(() -> writeAll(near.output(), seed, bytes)));
            readThere.add(threads.submit(() -> readAll(far.input())));
            wroteThere.add(threads.submit(() -> writeAll(far.output(), seed + 100, bytes)));
            readHere.add(threads.submit(() -> readAll(near.input())));
        }
        for (int i = 0; i < streams; i++) {
            assertEquals(
                    wroteHere.get(i).get().getValue(), readThere.get(i).get().getValue());
            assertEquals(
                    wroteThere.get(i).get().getValue(), readHere.get(i).get().getValue());
        }
    }

    @Test
    void aReadThatGetsNothingAndAWriteThatIsNotReadTimeOut() throws IOException {
        BlockingStream stream = opened();
        stream.timeout(SHORT);
        assertThrows(SocketTimeoutException.class, () -> stream.input().read());
        assertThrows(SocketTimeoutException.class, () -> stream.output().write(new byte[20_000_000]));
        assertEquals(stream.id(), there.accept(SOON).id());
        assertThrows(SocketTimeoutException.class, () -> there.accept(SHORT));
        assertThrows(SocketTimeoutException.class, () -> server.accept(SHORT));
    }

    @Test
    void aThreadThatIsInterruptedStopsWaiting() throws Exception {
        BlockingStream stream = opened();
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        Thread reader = new Thread(() -> {
            try {
                thrown.complete(new AssertionError("read " + stream.input().read()));
            } catch (InterruptedIOException e) {
                thrown.complete(Thread.currentThread().isInterrupted() ? e : new AssertionError("flag lost"));
            } catch (IOException e) {
                thrown.complete(e);
            }
        });
        reader.start();
        reader.interrupt();
        assertEquals(InterruptedIOException.class, thrown.get().getClass());
        // The connection has not suffered.
        BlockingStream far = acceptedAfterMark();
        far.output().write('x');
        assertEquals('x', stream.input().read());
    }

    @Test
    void aResetReachesReaderAndWriter() throws IOException {
        BlockingStream near = opened();
        BlockingStream far = acceptedAfterMark();
        near.reset(77);
        assertEquals(
                77,
                assertThrows(StreamResetException.class, () -> far.input().read())
                        .errorCode());
        near.stopSending(78);
        StreamResetException stopped = assertThrows(StreamResetException.class, () -> {
            while (true) {
                far.output().write(new byte[10_000]);
            }
        });
        assertEquals(78, stopped.errorCode());
        assertThrows(IOException.class, () -> near.output().write(1));
        assertThrows(IOException.class, () -> near.input().read());
    }

    @Test
    void anEndThatIsDeliveredSurvivesTheCloseOfTheConnection() throws Exception {
        BlockingStream near = opened();
        BlockingStream far = acceptedAfterMark();
        near.output().write("last words".getBytes(StandardCharsets.UTF_8));
        near.output().close();
        near.awaitDelivery(SOON);
        Future<Integer> waiting = threads.submit(() -> near.input().read());
        here.close(9, "done");
        assertEquals(
                IOException.class,
                assertThrows(ExecutionException.class, waiting::get).getCause().getClass());
        // What had arrived can be read, and its end.
        assertEquals("last words", new String(far.input().readAllBytes(), StandardCharsets.UTF_8));
        assertEquals(-1, far.input().read());
        IOException ended = assertThrows(IOException.class, () -> there.accept(SOON));
        assertTrue(ended.getMessage().contains("9"), ended.getMessage());
        assertThrows(IOException.class, () -> far.output().write(1));
        assertThrows(IOException.class, () -> here.openBidirectional(SOON));
    }

    @Test
    void closingAnEndpointEndsAllCallsThatWait() throws Exception {
        BlockingStream near = opened();
        BlockingStream far = acceptedAfterMark();
        List<Callable<?>> calls = List.of(
                () -> readToTheEnd(near), // some of what is written below may come before the end
                () -> readToTheEnd(far), // some of what is written below may come before the end
                () -> {
                    while (true) {
                        there.accept(Duration.ZERO); // streams may come before the end
                    }
                },
                () -> {
                    while (true) {
                        here.accept(Duration.ZERO); // streams may come before the end
                    }
                },
                () -> server.accept(Duration.ZERO),
                () -> {
                    near.output().write(new byte[20_000_000]);
                    return null;
                },
                () -> {
                    for (int i = 0; i < 9; i++) {
                        here.openUnidirectional(Duration.ZERO);
                    }
                    return null;
                });
        List<Future<?>> waiting = new ArrayList<>();
        calls.forEach(call -> waiting.add(threads.submit(call)));
        client.close();
        server.close();
        for (Future<?> call : waiting) {
            assertTrue(assertThrows(ExecutionException.class, call::get).getCause() instanceof IOException);
        }
        assertThrows(IOException.class, () -> client.connect(server.localAddress(), SOON));
    }

    /** A thousand streams that wait cost those that move nothing. */
    @Test
    void aReaderThatWaitsIsNotWokenForOtherStreams() throws Exception {
        BlockingStream idle = opened();
        acceptedAfterMark();
        Thread reader = new Thread(
                () -> assertThrows(IOException.class, () -> idle.input().read()));
        reader.start();
        while (reader.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        ThreadMXBean bean = ManagementFactory.getThreadMXBean();
        long before = bean.getThreadInfo(reader.threadId()).getWaitedCount();
        BlockingStream near = opened();
        BlockingStream far = acceptedAfterMark();
        for (int i = 0; i < 50; i++) {
            far.output().write(i);
            assertEquals(i, near.input().read());
        }
        // It may have waited for the lock when the count began.
        assertTrue(bean.getThreadInfo(reader.threadId()).getWaitedCount() - before <= 2);
        here.close();
        reader.join();
    }

    @Test
    void deliveryIsToldToEachThatWaitsForIt() throws Exception {
        List<Future<?>> waiting = new ArrayList<>();
        List<BlockingStream> far = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            BlockingStream near = opened();
            far.add(acceptedAfterMark());
            near.output().write(new byte[1_500_000]); // more than the peer's window and less than the buffer beside it
            near.output().close();
            waiting.add(threads.submit(() -> {
                near.awaitDelivery(SOON);
                return null;
            }));
        }
        for (int i = 2; i >= 0; i--) {
            assertFalse(waiting.get(i).isDone());
            assertEquals(1_500_000, far.get(i).input().readAllBytes().length);
            waiting.get(i).get();
        }
    }

    @Test
    void aStreamThatWaitsForAPlaceIsOpenedWhenThereIsOne() throws Exception {
        for (int i = 0; i < 50; i++) {
            BlockingStream near = here.openUnidirectional(SOON);
            near.output().close();
            assertThrows(IllegalStateException.class, near::input);
            BlockingStream far = there.accept(SOON);
            assertEquals(-1, far.input().read());
            assertThrows(IllegalStateException.class, far::output);
        }
    }

    private static Object readToTheEnd(BlockingStream stream) throws IOException {
        while (stream.input().read() >= 0) {
            continue;
        }
        return "an end in good order";
    }
}
