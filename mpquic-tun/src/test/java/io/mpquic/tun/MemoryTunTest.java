package io.mpquic.tun;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class MemoryTunTest {
    private static final long FOREVER = -1;

    private final MemoryTun tun = new MemoryTun("mem0", 1300, 2);
    private final byte[] memory = new byte[64];
    private final MemorySegment buffer = MemorySegment.ofArray(memory);

    @Test
    void whatTheHostSendsIsReadAtTheOffsetAskedFor() throws Exception {
        assertTrue(tun.inject(new byte[] {1, 2, 3}));

        assertEquals(3, tun.read(buffer, 10, 40));
        assertArrayEquals(new byte[] {0, 1, 2, 3, 0}, Arrays.copyOfRange(memory, 9, 14));
        assertEquals(0, tun.read(buffer, 10, 40));
    }

    @Test
    void whatIsWrittenReachesTheHostAsACopy() throws Exception {
        memory[5] = 7;
        assertTrue(tun.write(buffer, 5, 2));
        memory[5] = 9;

        assertArrayEquals(new byte[] {7, 0}, tun.take(0));
        assertNull(tun.take(0));
    }

    @Test
    void aPacketLongerThanTheBufferIsCut() throws Exception {
        tun.inject(new byte[] {1, 2, 3});

        assertEquals(2, tun.read(buffer, 0, 2));
        assertArrayEquals(new byte[] {1, 2, 0}, Arrays.copyOf(memory, 3));
    }

    @Test
    void aFullQueueRefusesAndThenTakesAgain() throws Exception {
        assertTrue(tun.inject(new byte[1]));
        assertTrue(tun.inject(new byte[1]));
        assertFalse(tun.inject(new byte[1]));
        assertTrue(tun.write(buffer, 0, 1));
        assertTrue(tun.write(buffer, 0, 1));
        assertFalse(tun.write(buffer, 0, 1));

        tun.read(buffer, 0, 64);
        tun.take(0);
        assertTrue(tun.inject(new byte[1]));
        assertTrue(tun.write(buffer, 0, 1));
    }

    @Test
    void aHostSendsNothingEmptyNorLargerThanTheMtu() throws Exception {
        tun.setMtu(3);

        assertEquals(3, tun.mtu());
        assertTrue(tun.inject(new byte[3]));
        assertThrows(IllegalArgumentException.class, () -> tun.inject(new byte[4]));
        assertThrows(IllegalArgumentException.class, () -> tun.inject(new byte[0]));
    }

    @Test
    void aDeviceThatIsDownRefusesBothDirections() throws Exception {
        tun.setUp(false);
        assertFalse(tun.inject(new byte[1]));
        assertFalse(tun.write(buffer, 0, 1));

        tun.setUp(true);
        assertTrue(tun.inject(new byte[1]));
        assertTrue(tun.write(buffer, 0, 1));
    }

    @Test
    void aWaitEndsWhenAPacketComes() throws Exception {
        CompletableFuture<Void> waiting = waiting();
        tun.inject(new byte[1]);

        waiting.get(10, TimeUnit.SECONDS);
        assertEquals(1, tun.read(buffer, 0, 64));
    }

    @Test
    void aWakeupEndsTheWaitUnderWayOrElseTheNextOne() throws Exception {
        CompletableFuture<Void> waiting = waiting();
        tun.wakeup();
        waiting.get(10, TimeUnit.SECONDS);

        tun.wakeup();
        assertTimeoutPreemptively(Duration.ofSeconds(10), () -> tun.await(FOREVER));
    }

    @Test
    void aWaitIsOverWhenItsTimeIs() {
        assertTimeoutPreemptively(Duration.ofSeconds(10), () -> tun.await(1_000_000));
        assertTimeoutPreemptively(Duration.ofSeconds(10), () -> tun.await(0));
    }

    @Test
    void closingEndsTheWaitOfTheReaderAndOfTheHost() throws Exception {
        CompletableFuture<Void> reader = waiting();
        CompletableFuture<byte[]> host = CompletableFuture.supplyAsync(() -> {
            try {
                return tun.take(Long.MAX_VALUE);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        tun.close();

        assertTrue(reader.handle((nothing, failure) -> failure == null || isClosed(failure))
                .get(10, TimeUnit.SECONDS));
        assertNull(host.get(10, TimeUnit.SECONDS));
    }

    @Test
    void aClosedDeviceSaysSo() throws Exception {
        tun.write(buffer, 0, 1);
        tun.close();
        tun.close();

        assertThrows(ClosedChannelException.class, () -> tun.read(buffer, 0, 64));
        assertThrows(ClosedChannelException.class, () -> tun.write(buffer, 0, 1));
        assertThrows(ClosedChannelException.class, () -> tun.await(0));
        assertThrows(ClosedChannelException.class, tun::mtu);
        assertFalse(tun.inject(new byte[1]));
        assertEquals(1, tun.take(0).length);
    }

    @Test
    void aDeviceWithoutRoomIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> new MemoryTun("mem1", 0, 1));
        assertThrows(IllegalArgumentException.class, () -> new MemoryTun("mem1", 1300, 0));
        assertThrows(IllegalArgumentException.class, () -> tun.setMtu(0));
    }

    private CompletableFuture<Void> waiting() {
        return CompletableFuture.runAsync(() -> {
            try {
                tun.await(FOREVER);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private static boolean isClosed(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause instanceof ClosedChannelException;
    }
}
