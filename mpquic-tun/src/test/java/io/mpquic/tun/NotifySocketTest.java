package io.mpquic.tun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.tun.ffi.Errno;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
@Timeout(value = 30, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class NotifySocketTest {
    private static final int MORE_THAN_ANY_QUEUE = 100_000;

    @Test
    void aMessageArrivesAtAPathAsItWasSent(@TempDir Path directory) throws Exception {
        String path = directory.resolve("notify").toString();
        try (ManagerSocket manager = new ManagerSocket(path);
                NotifySocket socket = NotifySocket.open(path)) {
            socket.send("READY=1\nSTATUS=up für immer");
            socket.send("WATCHDOG=1");

            assertEquals("READY=1\nSTATUS=up für immer", manager.receive());
            assertEquals("WATCHDOG=1", manager.receive());
        }
    }

    @Test
    void aMessageArrivesAtAnAbstractName() throws Exception {
        String name = "mpquic/test/" + ProcessHandle.current().pid();
        try (ManagerSocket manager = new ManagerSocket("\0" + name);
                NotifySocket socket = NotifySocket.open("@" + name)) {
            socket.send("STOPPING=1");

            assertEquals("STOPPING=1", manager.receive());
        }
    }

    @Test
    void aManagerThatComesBackIsHeardAgain(@TempDir Path directory) throws Exception {
        Path path = directory.resolve("notify");
        try (NotifySocket socket = NotifySocket.open(path.toString())) {
            new ManagerSocket(path.toString()).close();
            assertEquals(Errno.ECONNREFUSED, failure(socket).errno());
            assertTrue(path.toFile().delete());
            assertEquals(Errno.ENOENT, failure(socket).errno());

            try (ManagerSocket manager = new ManagerSocket(path.toString())) {
                socket.send("READY=1");
                assertEquals("READY=1", manager.receive());
            }
        }
    }

    @Test
    void aManagerThatDoesNotReadMakesTheSenderFailAndNotWait(@TempDir Path directory) throws Exception {
        String path = directory.resolve("notify").toString();
        try (ManagerSocket manager = new ManagerSocket(path);
                NotifySocket socket = NotifySocket.open(path)) {
            ErrnoException full = assertThrows(ErrnoException.class, () -> {
                for (int i = 0; i < MORE_THAN_ANY_QUEUE; i++) {
                    socket.send("WATCHDOG=1");
                }
            });
            assertEquals(Errno.EAGAIN, full.errno());
            assertEquals("WATCHDOG=1", manager.receive());
        }
    }

    @Test
    void anAddressOfAnotherKindIsRefusedWithWhatWouldBeRight() {
        for (String address : new String[] {"", "/", "@", "notify", "vsock:2:1234"}) {
            ErrnoException e = assertThrows(ErrnoException.class, () -> NotifySocket.open(address));
            assertEquals(Errno.EAFNOSUPPORT, e.errno());
            assertTrue(e.getMessage().endsWith("an absolute path, or @ and a name, would be right"), e.getMessage());
        }
    }

    @Test
    void anAddressMayHaveAsManyBytesAsTheKernelTakes() throws Exception {
        NotifySocket.open("/" + "a".repeat(106)).close();
        NotifySocket.open("@" + "a".repeat(107)).close();
        assertEquals(Errno.ENAMETOOLONG, tooLong("/" + "a".repeat(107)).errno());
        assertEquals(Errno.ENAMETOOLONG, tooLong("@" + "a".repeat(108)).errno());
    }

    @Test
    void aClosedSocketSendsNothing() throws Exception {
        NotifySocket socket = NotifySocket.open("@mpquic/nobody");
        socket.close();
        socket.close();

        assertThrows(ClosedChannelException.class, () -> socket.send("READY=1"));
    }

    private static ErrnoException failure(NotifySocket socket) {
        return assertThrows(ErrnoException.class, () -> socket.send("READY=1"));
    }

    private static ErrnoException tooLong(String address) {
        return assertThrows(ErrnoException.class, () -> NotifySocket.open(address));
    }
}
