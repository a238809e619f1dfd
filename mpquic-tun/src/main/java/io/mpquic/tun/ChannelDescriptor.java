package io.mpquic.tun;

import io.mpquic.tun.ffi.Sockets;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the file descriptor of a bound {@link DatagramChannel}, which the JDK keeps to itself.
 *
 * <p>All descriptors of the process are asked for their local address. Several sockets can have the same one (port
 * reuse, network namespaces), so the match is proven: an option is changed through the channel, and the descriptor must
 * show the change.
 */
final class ChannelDescriptor {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    private ChannelDescriptor() {}

    /**
     * The descriptor, valid as long as the channel is open.
     *
     * @throws IllegalStateException when the channel is not bound
     * @throws IOException when the channel is closed, or no descriptor is the one
     */
    static int of(DatagramChannel channel) throws IOException {
        if (!(channel.getLocalAddress() instanceof InetSocketAddress local)) {
            throw new IllegalStateException("bind the channel to an address and port first");
        }
        for (int fd : withLocalAddress(local)) {
            if (isProven(channel, fd)) {
                return fd;
            }
        }
        throw new IOException("no descriptor of this process is the socket bound to " + local);
    }

    private static List<Integer> withLocalAddress(InetSocketAddress wanted) throws IOException {
        List<Integer> found = new ArrayList<>();
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(DESCRIPTORS)) {
            for (Path path : descriptors) {
                int fd = Integer.parseInt(path.getFileName().toString());
                InetSocketAddress local = Sockets.localAddress(fd);
                if (local != null && isSame(local, wanted)) {
                    found.add(fd);
                }
            }
        }
        return found;
    }

    private static boolean isSame(InetSocketAddress local, InetSocketAddress wanted) {
        InetAddress localAddress = local.getAddress();
        InetAddress wantedAddress = wanted.getAddress();
        // The wildcard of a dual-stack socket is "::" to the kernel, and may be 0.0.0.0 to the JDK.
        return local.getPort() == wanted.getPort()
                && (localAddress.equals(wantedAddress)
                        || (localAddress.isAnyLocalAddress() && wantedAddress.isAnyLocalAddress()));
    }

    /** Flips SO_BROADCAST, of no effect on a socket that sends to hosts, and looks whether {@code fd} sees both flips. */
    private static boolean isProven(DatagramChannel channel, int fd) throws IOException {
        boolean original = channel.getOption(StandardSocketOptions.SO_BROADCAST);
        try {
            channel.setOption(StandardSocketOptions.SO_BROADCAST, true);
            if (Sockets.option(fd, Sockets.SOL_SOCKET, Sockets.SO_BROADCAST) != 1) {
                return false;
            }
            channel.setOption(StandardSocketOptions.SO_BROADCAST, false);
            return Sockets.option(fd, Sockets.SOL_SOCKET, Sockets.SO_BROADCAST) == 0;
        } finally {
            channel.setOption(StandardSocketOptions.SO_BROADCAST, original);
        }
    }
}
