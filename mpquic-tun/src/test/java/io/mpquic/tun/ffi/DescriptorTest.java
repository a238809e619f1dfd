package io.mpquic.tun.ffi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class DescriptorTest {
    private final int fd = EventFd.create();
    private final Descriptor descriptor = new Descriptor(fd);

    @Test
    void anUnusedDescriptorIsClosedAtOnce() {
        assertTrue(isOpen());
        descriptor.close();

        assertFalse(isOpen());
        assertTrue(descriptor.isClosed());
        assertThrows(ClosedChannelException.class, descriptor::acquire);
        assertFalse(descriptor.tryAcquire());
    }

    @Test
    void aDescriptorInUseIsClosedByTheLastToLeave() throws Exception {
        assertEquals(fd, descriptor.acquire());
        assertTrue(descriptor.tryAcquire());
        descriptor.close();
        assertTrue(isOpen());
        assertFalse(descriptor.tryAcquire());

        descriptor.release();
        assertTrue(isOpen());
        descriptor.release();
        assertFalse(isOpen());
    }

    @Test
    void aSecondCloseLeavesTheNextOwnerOfTheNumberAlone() {
        descriptor.close();
        int next = EventFd.create();
        try {
            assertEquals(fd, next);
            descriptor.close();
            assertFalse(descriptor.tryAcquire());

            assertTrue(isOpen());
        } finally {
            Syscalls.close(next);
        }
    }

    @Test
    void aNegatedErrnoIsNoDescriptor() {
        assertThrows(IllegalArgumentException.class, () -> new Descriptor(-Errno.EMFILE));
        descriptor.close();
    }

    private boolean isOpen() {
        return Files.exists(Path.of("/proc/self/fd", Integer.toString(fd)));
    }
}
