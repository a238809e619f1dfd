package io.mpquic.tun;

import io.mpquic.tun.ffi.Descriptor;
import io.mpquic.tun.ffi.Errno;
import io.mpquic.tun.ffi.PollSet;
import io.mpquic.tun.ffi.Sockets;
import io.mpquic.tun.ffi.UnixAddress;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** The socket at which a service manager hears its services. */
final class ManagerSocket implements AutoCloseable {
    private static final int LONGEST_MESSAGE = 4096;
    private static final long PATIENCE_NS = 10_000_000_000L;

    private final Descriptor socket;

    /**
     * Binds the socket.
     *
     * @param name a path, or a zero and an abstract name
     */
    ManagerSocket(String name) {
        int fd = Sockets.datagramSocket(Sockets.AF_UNIX);
        byte[] text = (name.startsWith("/") ? name + '\0' : name).getBytes(StandardCharsets.UTF_8);
        try (Arena arena = Arena.ofConfined()) {
            int result = Sockets.bind(fd, UnixAddress.of(arena, text));
            if (result < 0) {
                throw new AssertionError("bind: " + Errno.describe(-result));
            }
        }
        socket = new Descriptor(fd);
    }

    /** The next message. */
    String receive() {
        PollSet poll = new PollSet(1);
        poll.watch(0, socket.number());
        if (poll.poll(PATIENCE_NS) != 1) {
            throw new AssertionError("no message");
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(LONGEST_MESSAGE);
            int length = Sockets.receive(socket.number(), buffer, arena.allocate(UnixAddress.MAX_BYTES + 2));
            return new String(buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
