package io.mpquic.tun.ffi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class PollSetTest {
    private static final long FOREVER = -1;

    private final EventFd first = EventFd.of(EventFd.create());
    private final EventFd second = EventFd.of(EventFd.create());
    private final PollSet poll = new PollSet(2);

    @BeforeEach
    void watchBoth() {
        poll.watch(0, first.descriptor().number());
        poll.watch(1, second.descriptor().number());
    }

    @AfterEach
    void closeBoth() {
        first.close();
        second.close();
    }

    @Test
    void nothingIsReadableBeforeASignal() {
        assertEquals(0, poll.poll(0));
        assertEquals(0, poll.poll(1_000_000));
        assertFalse(poll.isReadable(0));
        assertFalse(poll.isReadable(1));
    }

    @Test
    void theTimeIsWaitedInNanoseconds() {
        long beginNs = System.nanoTime();
        assertEquals(0, poll.poll(20_500_000));

        assertTrue(System.nanoTime() - beginNs >= 20_500_000);
    }

    @Test
    void aSignalIsSeenWhereItWasGivenUntilItIsDrained() {
        second.signal();
        second.signal();

        assertEquals(1, poll.poll(FOREVER));
        assertFalse(poll.isReadable(0));
        assertTrue(poll.isReadable(1));
        assertFalse(poll.isBroken(1));
        second.drain();
        assertEquals(0, poll.poll(0));
    }

    @Test
    void aSignalFromAnotherThreadEndsTheWait() throws Exception {
        Thread signaller = Thread.ofPlatform().start(first::signal);

        assertEquals(1, poll.poll(FOREVER));
        assertTrue(poll.isReadable(0));
        signaller.join();
    }

    @Test
    void aDescriptorThatIsNotOpenIsBroken() {
        poll.watch(1, 1_000_000);

        assertEquals(1, poll.poll(FOREVER));
        assertTrue(poll.isBroken(1));
        assertFalse(poll.isBroken(0));
    }

    @Test
    void aSignalAfterTheEndDoesNothing() {
        first.close();
        first.signal();

        assertTrue(first.descriptor().isClosed());
    }
}
