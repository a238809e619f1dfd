package io.mpquic.tun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.tun.ffi.Errno;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How a TUN device ends: closed by another thread, deleted under its reader, many times over. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LinuxTunLifecycleIT {
    private static final long FOREVER = -1;
    private static final String READER = "tun-reader";

    private final MemorySegment buffer = Arena.ofAuto().allocate(2048);
    private NetworkNamespace namespace;

    @BeforeAll
    static void whereItIsAllowed() {
        NetworkNamespace.assumeAllowed();
    }

    @BeforeEach
    void makeNamespace() throws Exception {
        namespace = NetworkNamespace.create("life");
    }

    @AfterEach
    void deleteNamespace() throws Exception {
        namespace.close();
    }

    @Test
    void aDeletedInterfaceFailsTheWaitingReaderAndEveryLaterCall() throws Exception {
        try (LinuxTun tun = openIdle()) {
            CompletableFuture<Throwable> reader = readInBackground(tun);
            awaitAsleep(READER);
            namespace.run("ip", "link", "delete", "mpq1");

            ErrnoException e = (ErrnoException) reader.get();
            assertEquals(Errno.EBADFD, e.errno());
            assertTrue(e.getMessage().contains("mpq1") && e.getMessage().contains("was deleted"), e.getMessage());
            assertEquals(Errno.EBADFD, failure(() -> tun.read(buffer, 0, 2048)));
            assertEquals(Errno.EBADFD, failure(() -> tun.await(FOREVER)));
            assertEquals(Errno.EBADFD, failure(() -> tun.write(buffer, 0, 100)));
            assertEquals(Errno.EBADFD, failure(tun::mtu));
        }
    }

    @Test
    void closingEndsTheWaitOfASocketThatWatchesIt() throws Exception {
        LinuxTun tun = openIdle();
        try (UdpSocket socket =
                namespace.call(() -> UdpSocket.open(new UdpSocket.Options(null, 0, null, true, true)))) {
            socket.watch(tun);
            CompletableFuture<Throwable> waiter = inBackground(() -> socket.await(FOREVER));
            awaitAsleep(READER);
            tun.close();
            assertTrue(waiter.get() instanceof ClosedChannelException);
        }
    }

    @Test
    void closingEndsTheWaitOfTheReader() throws Exception {
        LinuxTun tun = openIdle();
        CompletableFuture<Throwable> reader = readInBackground(tun);
        awaitAsleep(READER);
        tun.close();
        tun.close();

        assertEquals(ClosedChannelException.class, reader.get().getClass());
        assertThrows(ClosedChannelException.class, () -> tun.read(buffer, 0, 2048));
        assertThrows(ClosedChannelException.class, () -> tun.write(buffer, 0, 100));
        assertThrows(ClosedChannelException.class, () -> tun.await(FOREVER));
        assertThrows(ClosedChannelException.class, tun::mtu);
        tun.wakeup();
    }

    @Test
    void aWakeupEndsTheWaitUnderWayOrElseTheNextOne() throws Exception {
        try (LinuxTun tun = openIdle()) {
            tun.wakeup();
            tun.wakeup();
            tun.await(FOREVER);

            CompletableFuture<Throwable> reader = inBackground(() -> {
                tun.await(FOREVER);
                throw new IOException("woken");
            });
            awaitAsleep(READER);
            tun.wakeup();
            assertEquals("woken", reader.get().getMessage());
        }
    }

    @Test
    void aDeviceClosedBetweenCallsOfTwoBusyThreadsEndsBothCleanly() throws Exception {
        makePersistent();
        for (int round = 0; round < 30; round++) {
            LinuxTun tun = attach();
            CompletableFuture<Throwable> reader = inBackground(() -> tun.read(buffer, 0, 1024));
            CompletableFuture<Throwable> writer = inBackground(() -> tun.write(buffer, 1024, 100));
            tun.close();

            assertEquals(ClosedChannelException.class, reader.get().getClass());
            assertEquals(ClosedChannelException.class, writer.get().getClass());
        }
    }

    @Test
    void aThousandOpeningsLeakNoDescriptor() throws Exception {
        makePersistent();
        long before = openDescriptors();
        try (LinuxTun tun = attach()) {
            assertTrue(openDescriptors() >= before + 3, tun::name);
        }
        for (int i = 0; i < 1_000; i++) {
            attach().close();
        }

        assertEquals(before, openDescriptors());
    }

    @Test
    void failedOpeningsLeakNoDescriptor() throws Exception {
        makePersistent();
        namespace.run("ip", "link", "add", "wan1", "type", "veth", "peer", "name", "wan2");
        try (LinuxTun tun = attach()) {
            long before = openDescriptors();
            for (int i = 0; i < 100; i++) {
                assertThrows(ErrnoException.class, this::attach);
                assertThrows(ErrnoException.class, () -> open("wan1", OpenOptions.createWhenAbsent()));
                assertThrows(ErrnoException.class, () -> open("absent", OpenOptions.attachOnly()));
            }

            assertEquals(before, openDescriptors());
        }
    }

    /** A device that is down, so that the host sends nothing of its own accord. */
    private LinuxTun openIdle() throws Exception {
        makePersistent();
        namespace.run("ip", "link", "set", "mpq1", "down");
        return attach();
    }

    private LinuxTun attach() throws Exception {
        return open("mpq1", OpenOptions.attachOnly());
    }

    private LinuxTun open(String name, OpenOptions options) throws Exception {
        return namespace.call(() -> LinuxTun.open(name, options));
    }

    private void makePersistent() throws Exception {
        namespace.run("ip", "tuntap", "add", "dev", "mpq1", "mode", "tun");
        namespace.run("ip", "link", "set", "mpq1", "up");
    }

    /** Reads and waits until that fails, and says with what. */
    private CompletableFuture<Throwable> readInBackground(LinuxTun tun) {
        return inBackground(() -> {
            if (tun.read(buffer, 0, 2048) == 0) {
                tun.await(FOREVER);
            }
        });
    }

    /** Repeats the call on a thread of its own until it fails, and says with what; returns once it has begun. */
    private static CompletableFuture<Throwable> inBackground(Call call) {
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        CountDownLatch begun = new CountDownLatch(1);
        Thread.ofPlatform().name(READER).daemon().start(() -> {
            begun.countDown();
            try {
                while (true) {
                    call.run();
                }
            } catch (Throwable e) {
                failure.complete(e);
            }
        });
        awaitLatch(begun);
        return failure;
    }

    private static int failure(Call call) {
        return assertThrows(ErrnoException.class, call::run).errno();
    }

    /** Waits until the kernel has put the thread of this name to sleep. */
    private static void awaitAsleep(String thread) throws IOException {
        while (true) {
            try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
                if (tasks.map(task -> contents(task.resolve("status")))
                        .anyMatch(status ->
                                status.startsWith("Name:\t" + thread + "\n") && status.contains("State:\tS"))) {
                    return;
                }
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    private static String contents(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return "ended since it was listed";
        }
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Descriptors of the kinds that a device has. Files and the pipes of commands come and go with the JVM. */
    private static long openDescriptors() throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors
                    .map(LinuxTunLifecycleIT::target)
                    .filter(target -> target.equals("/dev/net/tun")
                            || target.equals("anon_inode:[eventfd]")
                            || target.startsWith("socket:"))
                    .count();
        }
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
            return "closed since it was listed";
        }
    }

    /** A call on a device. */
    private interface Call {
        void run() throws IOException;
    }
}
