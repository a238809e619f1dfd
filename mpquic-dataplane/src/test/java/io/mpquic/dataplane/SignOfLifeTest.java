package io.mpquic.dataplane;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.dataplane.Ends.End;
import io.mpquic.quic.tls.TlsClientConfig;
import io.mpquic.tun.MemoryTun;
import io.mpquic.tun.TunDevice;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A tunnel is asked whether its threads still run. */
@Timeout(60)
class SignOfLifeTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMillis(200);

    /** More than a waiting thread needs to be woken on a busy machine, and far less than any wait of a tunnel. */
    private static final Duration AT_ONCE = Duration.ofSeconds(2);

    @Test
    void threadsThatIdleAnswerAtOnce() throws Exception {
        try (End server = Ends.server(0);
                End client = Ends.client(server.port())) {
            assertAnswersAtOnce(server);
            assertTrue(client.tunnel().awaitUp(LONG));
            client.await(TunnelEvent.PathMtu.class, 1);
            assertAnswersAtOnce(client);
            assertAnswersAtOnce(server);
        }
    }

    @Test
    void aClientThatPausesBetweenAttemptsAnswersAtOnce() throws Exception {
        try (End client = Ends.client(1500, Tunnel.client("no-such-host.invalid", 4433))) {
            client.await(TunnelEvent.Down.class, 3);
            for (int i = 0; i < 20; i++) {
                assertAnswersAtOnce(client);
            }
        }
    }

    @Test
    void aClientThatDialsInVainAnswersAtOnce() throws Exception {
        try (End client = Ends.client(1500, Tunnel.client("192.0.2.1", 4433))) {
            client.await(TunnelEvent.Connecting.class, 1);
            assertAnswersAtOnce(client);
        }
    }

    private static void assertAnswersAtOnce(End end) throws InterruptedException {
        long begunNs = System.nanoTime();
        assertTrue(
                end.tunnel().isResponsive(LONG),
                "no answer of the " + end.tunnel().name());
        long tookNs = System.nanoTime() - begunNs;
        assertTrue(tookNs < AT_ONCE.toNanos(), tookNs / 1_000_000 + " ms");
    }

    @Test
    void aWorkerThatIsHeldByItsListenerDoesNotAnswer() throws Exception {
        CountDownLatch listenerIsHeld = new CountDownLatch(1);
        CountDownLatch listenerMayReturn = new CountDownLatch(1);
        try (MemoryTun tun = new MemoryTun("held", 1500, 16);
                Tunnel tunnel = client(tun, (source, event) -> {
                    listenerIsHeld.countDown();
                    await(listenerMayReturn);
                })) {
            tunnel.start();
            listenerIsHeld.await();
            assertGetsNoAnswer(tunnel);
            listenerMayReturn.countDown();
            assertTrue(tunnel.isResponsive(LONG));
        }
    }

    @Test
    void aWriterThatIsHeldByItsDeviceDoesNotAnswer() throws Exception {
        HeldTun held = new HeldTun(new MemoryTun("held", 1500, 16));
        try (End server = Ends.server(0);
                Tunnel tunnel = Tunnel.client("127.0.0.1", server.port())
                        .tun(held)
                        .clientTls(insecure())
                        .build()) {
            tunnel.start();
            assertTrue(tunnel.awaitUp(LONG));
            assertTrue(tunnel.isResponsive(LONG));
            byte[] packet = Packets.ipv4(0x4000, Packets.UDP, new byte[0], Packets.payload(100, 1));
            held.hold();
            assertTrue(server.tun().inject(packet));
            held.isHeld.await();
            assertGetsNoAnswer(tunnel);
            held.mayGoOn.countDown();
            assertTrue(tunnel.isResponsive(LONG));
            assertArrayEquals(packet, held.tun.take(LONG.toNanos()));
        }
    }

    private static void assertGetsNoAnswer(Tunnel tunnel) throws InterruptedException {
        long begunNs = System.nanoTime();
        assertFalse(tunnel.isResponsive(SHORT));
        long tookNs = System.nanoTime() - begunNs;
        assertTrue(tookNs >= SHORT.toNanos() && tookNs < AT_ONCE.toNanos(), tookNs / 1_000_000 + " ms");
    }

    @Test
    void aListenerMayAskForTheOtherThreads() throws Exception {
        AtomicBoolean answered = new AtomicBoolean();
        CountDownLatch asked = new CountDownLatch(1);
        try (MemoryTun tun = new MemoryTun("asked", 1500, 16);
                Tunnel tunnel = client(tun, (source, event) -> {
                    if (event instanceof TunnelEvent.Connecting) {
                        answered.set(asks(source));
                        asked.countDown();
                    }
                })) {
            tunnel.start();
            asked.await();
            assertTrue(answered.get());
        }
    }

    @Test
    void severalMayAskAtTheSameTime() throws Exception {
        try (End server = Ends.server(0)) {
            AtomicBoolean all = new AtomicBoolean(true);
            Thread[] askers = new Thread[8];
            for (int i = 0; i < askers.length; i++) {
                askers[i] = Thread.ofPlatform().start(() -> {
                    for (int round = 0; round < 50; round++) {
                        all.compareAndSet(true, asks(server.tunnel()));
                    }
                });
            }
            for (Thread asker : askers) {
                asker.join();
            }
            assertTrue(all.get());
        }
    }

    @Test
    void aTunnelThatIsOverDoesNotAnswerAndOneThatWasNeverStartedCannotBeAsked() throws Exception {
        End server = Ends.server(0);
        server.close();
        assertFalse(server.tunnel().isResponsive(LONG));
        try (MemoryTun tun = new MemoryTun("never", 1500, 16);
                Tunnel tunnel = client(tun, (source, event) -> {})) {
            assertThrows(IllegalStateException.class, () -> tunnel.isResponsive(LONG));
        }
    }

    private static Tunnel client(TunDevice tun, TunnelListener listener) {
        return Tunnel.client("192.0.2.1", 4433)
                .tun(tun)
                .clientTls(insecure())
                .listener(listener)
                .build();
    }

    private static TlsClientConfig insecure() {
        return TlsClientConfig.builder().alpn("mpquic-test").insecure().build();
    }

    private static boolean asks(Tunnel tunnel) {
        try {
            return tunnel.isResponsive(LONG);
        } catch (InterruptedException e) {
            return false;
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A device that does not return from a write until it is let go. */
    private static final class HeldTun implements TunDevice {
        private final MemoryTun tun;
        private final CountDownLatch isHeld = new CountDownLatch(1);
        private final CountDownLatch mayGoOn = new CountDownLatch(1);
        private volatile boolean holds;

        HeldTun(MemoryTun tun) {
            this.tun = tun;
        }

        void hold() {
            holds = true;
        }

        @Override
        public String name() {
            return tun.name();
        }

        @Override
        public int mtu() throws IOException {
            return tun.mtu();
        }

        @Override
        public int read(MemorySegment buffer, long offset, int capacity) throws IOException {
            return tun.read(buffer, offset, capacity);
        }

        @Override
        public void await(long timeoutNs) throws IOException {
            tun.await(timeoutNs);
        }

        @Override
        public boolean write(MemorySegment buffer, long offset, int length) throws IOException {
            if (holds) {
                isHeld.countDown();
                SignOfLifeTest.await(mayGoOn);
            }
            return tun.write(buffer, offset, length);
        }

        @Override
        public void wakeup() {
            tun.wakeup();
        }

        @Override
        public void close() {
            tun.close();
        }
    }
}
