package io.mpquic.tun.ffi;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class SyscallsTest {
    private static final int NO_DESCRIPTOR = -1;
    /** TCGETS: terminals answer it, other files do not know it. */
    private static final long TERMINAL_REQUEST = 0x5401;

    private final MemorySegment memory = Arena.ofAuto().allocate(64, Long.BYTES);

    @Test
    void aFailedCallReturnsTheNegatedErrno() {
        assertEquals(-Errno.ENOENT, Syscalls.open("/no/such/file", Syscalls.O_RDONLY));
        assertEquals(-Errno.EBADF, Syscalls.close(NO_DESCRIPTOR));
        assertEquals(-Errno.EBADF, Syscalls.duplicate(NO_DESCRIPTOR));
        assertEquals(-Errno.EBADF, Syscalls.read(NO_DESCRIPTOR, memory, 0, 8));
        assertEquals(-Errno.EBADF, Syscalls.write(NO_DESCRIPTOR, memory, 0, 8));
        assertEquals(-Errno.EBADF, Syscalls.ioctl(NO_DESCRIPTOR, TERMINAL_REQUEST, memory));
        assertEquals(-Errno.EBADF, Syscalls.ioctl(NO_DESCRIPTOR, TERMINAL_REQUEST, 0));
        assertEquals(-Errno.EBADF, Syscalls.enterNetworkNamespace(NO_DESCRIPTOR));
        assertEquals(-Errno.EBADF, Sockets.option(NO_DESCRIPTOR, Sockets.SOL_SOCKET, Sockets.SO_RCVBUF));
    }

    @Test
    void bytesAreReadToTheOffsetAskedFor(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "packet");
        int fd = Syscalls.open(file.toString(), Syscalls.O_RDONLY);
        try {
            assertEquals(4, Syscalls.read(fd, memory, 3, 4));
            assertEquals("pack", memory.asSlice(3, 5).getString(0));
            assertEquals(2, Syscalls.read(fd, memory, 0, 4));
            assertEquals(0, Syscalls.read(fd, memory, 0, 4));
            assertEquals(-Errno.ENOTTY, Syscalls.ioctl(fd, TERMINAL_REQUEST, memory));
        } finally {
            assertEquals(0, Syscalls.close(fd));
        }
    }

    @Test
    void piecesAreReadAndWrittenInOneCall(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "");
        memory.setString(0, "head");
        memory.setString(16, "packet");
        MemorySegment entries = Arena.ofAuto().allocate(32, Long.BYTES);
        entries.set(JAVA_LONG, 0, memory.address());
        entries.set(JAVA_LONG, 8, 4);
        entries.set(JAVA_LONG, 16, memory.address() + 16);
        entries.set(JAVA_LONG, 24, 6);
        int writer = Syscalls.open(file.toString(), Syscalls.O_RDWR);
        int reader = Syscalls.open(file.toString(), Syscalls.O_RDONLY);
        try {
            assertEquals(10, Syscalls.writev(writer, entries, 2));
            assertEquals("headpacket", Files.readString(file));
            memory.fill((byte) 0);
            assertEquals(10, Syscalls.readv(reader, entries, 2));
            assertEquals("head", memory.getString(0));
            assertEquals("packet", memory.getString(16));
        } finally {
            Syscalls.close(writer);
            Syscalls.close(reader);
        }
        assertEquals(-Errno.EBADF, Syscalls.writev(NO_DESCRIPTOR, entries, 2));
        assertEquals(-Errno.EBADF, Syscalls.readv(NO_DESCRIPTOR, entries, 2));
    }

    @Test
    void aCallOutsideOfTheBufferIsRefusedBeforeItReachesTheKernel() {
        assertThrows(IndexOutOfBoundsException.class, () -> Syscalls.read(0, memory, 60, 8));
        assertThrows(IndexOutOfBoundsException.class, () -> Syscalls.write(1, memory, -1, 8));
    }

    @Test
    void heapMemoryIsRefused() {
        MemorySegment heap = MemorySegment.ofArray(new byte[8]);

        assertThrows(IllegalArgumentException.class, () -> Syscalls.read(0, heap, 0, 8));
    }

    @Test
    void freedMemoryIsRefused() {
        MemorySegment freed;
        try (Arena shortLived = Arena.ofConfined()) {
            freed = shortLived.allocate(8);
        }

        assertThrows(IllegalStateException.class, () -> Syscalls.read(0, freed, 0, 8));
    }

    @Test
    void aDuplicateIsTheSameOpenFile() {
        int fd = EventFd.create();
        int duplicate = Syscalls.duplicate(fd);
        memory.set(JAVA_LONG, 0, 5);
        assertEquals(8, Syscalls.write(fd, memory, 0, 8));
        Syscalls.close(fd);

        assertEquals(8, Syscalls.read(duplicate, memory, 8, 8));
        assertEquals(5, memory.get(JAVA_LONG, 8));
        assertEquals(-Errno.EAGAIN, Syscalls.read(duplicate, memory, 8, 8));
        Syscalls.close(duplicate);
    }

    @Test
    void compiledReadsAndWritesAllocateNothing() {
        int fd = EventFd.create();
        try {
            memory.set(JAVA_LONG, 0, 1);
            writeAndRead(fd, 50_000);
            com.sun.management.ThreadMXBean threads =
                    (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
            // The compiler works in the background: measure until it is done with this.
            long leastBytes = Long.MAX_VALUE;
            for (int round = 0; round < 50 && leastBytes > 0; round++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                writeAndRead(fd, 10_000);
                leastBytes = Math.min(leastBytes, threads.getCurrentThreadAllocatedBytes() - before);
            }

            assertTrue(leastBytes < 1_000, leastBytes + " bytes for 20,000 calls");
        } finally {
            Syscalls.close(fd);
        }
    }

    private void writeAndRead(int fd, int times) {
        for (int i = 0; i < times; i++) {
            Syscalls.write(fd, memory, 0, 8);
            Syscalls.read(fd, memory, 8, 8);
        }
    }
}
