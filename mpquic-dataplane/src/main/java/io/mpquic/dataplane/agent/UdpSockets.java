package io.mpquic.dataplane.agent;

import io.mpquic.dataplane.Bind;
import io.mpquic.dataplane.UdpOptions;
import io.mpquic.quic.connection.TransportSettings;
import io.mpquic.quic.io.ChannelTransport;
import io.mpquic.quic.io.UdpTransport;
import io.mpquic.tun.LinuxTun;
import io.mpquic.tun.SocketOptions;
import io.mpquic.tun.TunDevice;
import io.mpquic.tun.UdpSocket;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.channels.DatagramChannel;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Opens UDP sockets as a tunnel needs them. */
final class UdpSockets {
    private static final System.Logger LOG = System.getLogger(UdpSockets.class.getName());

    /** Half a second of packets at 50 Mbit/s, or a pause of the collector at 1 Gbit/s. */
    private static final int RECEIVE_BUFFER_BYTES = 4 << 20;

    /** Less: what waits here waits behind the pacer's back. */
    private static final int SEND_BUFFER_BYTES = 1 << 20;

    private static final int IPV4_AND_UDP_BYTES = 28;
    private static final int IPV6_AND_UDP_BYTES = 48;

    private static final AtomicBoolean BUFFERS_REPORTED = new AtomicBoolean();
    private static final AtomicBoolean DENIAL_REPORTED = new AtomicBoolean();

    private UdpSockets() {}

    /**
     * Opens a socket: one of our own where the system has it, otherwise one of the JDK.
     *
     * @param port 0 for any
     * @param tun whose packets end the waits of the socket too, where {@link #waitsForTun}
     * @throws IOException when it cannot be bound; the message names to what
     */
    static UdpTransport open(Settings settings, int port, TunDevice tun) throws IOException {
        Bind bind = settings.bind();
        try {
            if (settings.udp().linuxSocket()) {
                return openLinux(bind, port, settings.udp(), tun);
            }
        } catch (LinkageError e) {
            // Native access is denied to this module, which a tunnel without a TUN device of Linux can do without.
            if (!DENIAL_REPORTED.getAndSet(true)) {
                LOG.log(Level.WARNING, "a UDP socket of the JDK, as there is no native access: {0}", e.toString());
            }
        } catch (IOException | RuntimeException e) {
            throw failure(bind, port, e);
        }
        try {
            return openChannel(bind, port);
        } catch (IOException | RuntimeException e) {
            throw failure(bind, port, e);
        }
    }

    private static IOException failure(Bind bind, int port, Exception e) {
        return new IOException(
                "UDP socket for " + bind + (port == 0 ? "" : " port " + port) + ": " + e.getMessage(), e);
    }

    /** Whether a socket that {@link #open} makes waits for the packets of this device as well. */
    static boolean waitsForTun(Settings settings, TunDevice tun) {
        return settings.udp().linuxSocket() && tun instanceof LinuxTun;
    }

    private static UdpTransport openLinux(Bind bind, int port, UdpOptions options, TunDevice tun) throws IOException {
        InetAddress address = bind instanceof Bind.Address(InetAddress wanted) ? wanted : null;
        String device = bind instanceof Bind.Device(String name) ? name : null;
        UdpSocket socket = UdpSocket.open(
                new UdpSocket.Options(address, port, device, options.segmentation(), options.coalescing()));
        try {
            if (tun instanceof LinuxTun linux) {
                socket.watch(linux);
            }
            tune("path MTU discovery may find too little", socket::probePathMtu);
            SocketOptions.BufferSizes sizes = socket.bufferSizes(RECEIVE_BUFFER_BYTES, SEND_BUFFER_BYTES);
            report(sizes);
            return new LinuxTransport(socket, sizes.receiveBytes(), sizes.sendBytes());
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    private static UdpTransport openChannel(Bind bind, int port) throws IOException {
        DatagramChannel channel = DatagramChannel.open();
        try {
            switch (bind) {
                case Bind.Any any -> channel.bind(new InetSocketAddress(port));
                case Bind.Address address -> channel.bind(new InetSocketAddress(address.address(), port));
                case Bind.Device device -> {
                    channel.bind(new InetSocketAddress(port));
                    SocketOptions.bindToDevice(channel, device.interfaceName());
                }
            }
            UdpTransport transport = ChannelTransport.of(channel);
            // Last, because the transport sets what every platform has, and this goes beyond it.
            tune("path MTU discovery may find too little", () -> SocketOptions.probePathMtu(channel));
            tune(
                    "the sizes of the UDP buffers stay as they are",
                    () -> report(SocketOptions.bufferSizes(channel, RECEIVE_BUFFER_BYTES, SEND_BUFFER_BYTES)));
            return transport;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /**
     * The address that packets to the peer have as their source. A socket bound to none in particular has only the
     * wildcard to show, so the system is asked what its routes choose; nothing is sent for that.
     *
     * @param bound what the socket is bound to
     * @return {@code bound} itself where it names an address, or where the system has no answer
     */
    static InetSocketAddress sourceTowards(Bind bind, InetSocketAddress bound, InetSocketAddress remote) {
        if (!bound.getAddress().isAnyLocalAddress()) {
            return bound;
        }
        try (DatagramChannel probe = DatagramChannel.open()) {
            probe.bind(new InetSocketAddress(0));
            if (bind instanceof Bind.Device device) {
                SocketOptions.bindToDevice(probe, device.interfaceName());
            }
            probe.connect(remote);
            InetSocketAddress source = (InetSocketAddress) probe.getLocalAddress();
            return new InetSocketAddress(source.getAddress(), bound.getPort());
        } catch (IOException | RuntimeException | LinkageError e) {
            LOG.log(Level.DEBUG, "no source address towards {0}: {1}", remote, e.getMessage());
            return bound;
        }
    }

    /** Something that makes the socket better, but is no reason to go without it. */
    private interface Tuning {
        void apply() throws IOException;
    }

    private static void tune(String otherwise, Tuning tuning) {
        try {
            tuning.apply();
        } catch (IOException | RuntimeException | LinkageError e) {
            LOG.log(Level.WARNING, "{0}: {1}", otherwise, e.getMessage());
        }
    }

    private static void report(SocketOptions.BufferSizes sizes) {
        if (sizes.receiveBytes() < RECEIVE_BUFFER_BYTES && !BUFFERS_REPORTED.getAndSet(true)) {
            LOG.log(
                    Level.INFO,
                    "the UDP receive buffer is {0} bytes, not {1}: raise net.core.rmem_max, or grant CAP_NET_ADMIN",
                    sizes.receiveBytes(),
                    RECEIVE_BUFFER_BYTES);
        }
    }

    /**
     * The settings with the largest payload that the link carries, when the link is known: path MTU discovery need not
     * try more.
     *
     * @param remote where the packets go; null when not known yet
     */
    static TransportSettings fitLink(TransportSettings settings, Bind bind, @Nullable InetAddress remote)
            throws IOException {
        NetworkInterface link = switch (bind) {
            case Bind.Any any -> null;
            case Bind.Address address -> NetworkInterface.getByInetAddress(address.address());
            case Bind.Device device -> NetworkInterface.getByName(device.interfaceName());
        };
        if (link == null) {
            return settings;
        }
        int headers = remote instanceof Inet6Address ? IPV6_AND_UDP_BYTES : IPV4_AND_UDP_BYTES;
        int payload = Math.max(link.getMTU() - headers, TransportSettings.MIN_UDP_PAYLOAD_BYTES);
        return payload < settings.maxUdpPayloadBytes()
                ? settings.toBuilder().maxUdpPayloadBytes(payload).build()
                : settings;
    }
}
