package io.mpquic.tun;

import io.mpquic.tun.ffi.Descriptor;
import io.mpquic.tun.ffi.Errno;
import io.mpquic.tun.ffi.Sockets;
import io.mpquic.tun.ffi.UnixAddress;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Tells the service manager how this process is, by the protocol of sd_notify(3): each message is one datagram of lines
 * such as {@code READY=1}, sent to the address in the environment variable {@code NOTIFY_SOCKET}.
 *
 * <p>Safe for any thread. Nothing here waits: a manager that does not read makes {@link #send} fail.
 */
public final class NotifySocket implements AutoCloseable {
    private static final char ABSTRACT = '@';

    private final String address;
    private final byte[] name;
    private final Descriptor socket;

    private NotifySocket(String address, byte[] name, Descriptor socket) {
        this.address = address;
        this.name = name;
        this.socket = socket;
    }

    /**
     * Makes a socket for messages to {@code address}. Whether anybody listens there shows only when something is sent.
     *
     * @param address an absolute path, or {@code @} and an abstract name, as {@code NOTIFY_SOCKET} has it
     * @throws ErrnoException when it is neither, or too long, or no socket can be had
     */
    public static NotifySocket open(String address) throws IOException {
        byte[] name = name(address);
        int fd = Sockets.datagramSocket(Sockets.AF_UNIX);
        if (fd < 0) {
            throw new ErrnoException("socket", address, -fd, Remedy.openDescriptor(-fd));
        }
        return new NotifySocket(address, name, new Descriptor(fd));
    }

    private static byte[] name(String address) throws ErrnoException {
        boolean isPath = address.startsWith("/");
        if (address.length() < 2 || (!isPath && address.charAt(0) != ABSTRACT)) {
            throw new ErrnoException(
                    "sendto", address, Errno.EAFNOSUPPORT, "an absolute path, or @ and a name, would be right");
        }
        byte[] text = address.getBytes(StandardCharsets.UTF_8);
        byte[] name = isPath ? Arrays.copyOf(text, text.length + 1) : text;
        if (!isPath) {
            name[0] = 0;
        }
        if (name.length > UnixAddress.MAX_BYTES) {
            throw new ErrnoException("sendto", address, Errno.ENAMETOOLONG, "");
        }
        return name;
    }

    /**
     * Sends a message.
     *
     * @param message lines of {@code NAME=value}
     * @throws ErrnoException when nobody listens, or the receiver has no room just now
     * @throws java.nio.channels.ClosedChannelException when this was closed
     */
    public void send(String message) throws IOException {
        byte[] text = message.getBytes(StandardCharsets.UTF_8);
        int fd = socket.acquire();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment datagram = arena.allocateFrom(ValueLayout.JAVA_BYTE, text);
            int result = Sockets.send(fd, datagram, UnixAddress.of(arena, name));
            if (result < 0) {
                throw new ErrnoException("sendto", address, -result, Remedy.notifyManager(-result));
            }
        } finally {
            socket.release();
        }
    }

    /** Closes the socket. Idempotent. */
    @Override
    public void close() {
        socket.close();
    }

    @Override
    public String toString() {
        return "NotifySocket[" + address + "]";
    }
}
