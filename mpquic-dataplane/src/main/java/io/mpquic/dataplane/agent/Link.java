package io.mpquic.dataplane.agent;

import io.mpquic.dataplane.Bind;
import io.mpquic.dataplane.PacketPath;
import io.mpquic.quic.connection.DatagramSink;
import io.mpquic.quic.connection.TransportSettings;
import io.mpquic.quic.endpoint.ClientConfig;
import io.mpquic.quic.endpoint.QuicEndpoint;
import io.mpquic.quic.endpoint.ServerConfig;
import io.mpquic.quic.io.EndpointDriver;
import io.mpquic.quic.io.UdpTransport;
import io.mpquic.tun.TunDevice;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A socket, the endpoint on it and their driver, opened and closed together. The worker's thread. */
final class Link implements AutoCloseable {
    private final Bind bind;
    private final String crypto;
    private final boolean tunOffload;
    private final UdpTransport transport;
    private final QuicEndpoint endpoint;
    private final EndpointDriver driver;

    private Link(Settings settings, UdpTransport transport, QuicEndpoint endpoint, TunDevice tun, Runnable batchEnd) {
        bind = settings.bind();
        crypto = settings.crypto().name();
        this.transport = transport;
        this.endpoint = endpoint;
        driver = new EndpointDriver(endpoint, transport, batchEnd);
        tunOffload = tun.offload() != null;
    }

    /**
     * Opens a client's socket.
     *
     * @param remote where it will connect to
     * @param batchEnd see {@link EndpointDriver}
     * @param tun whose packets end the waits of the socket too, if it can do that
     * @throws IOException when it cannot be had; the message names what it was to be bound to
     */
    static Link client(
            Settings settings,
            Settings.Client role,
            InetAddress remote,
            TunDevice tun,
            Runnable batchEnd,
            DatagramSink sink)
            throws IOException {
        UdpTransport transport = UdpSockets.open(settings, 0, tun);
        TransportSettings sizes = UdpSockets.fitLink(settings.transport(), settings.bind(), remote);
        QuicEndpoint endpoint = QuicEndpoint.client(ClientConfig.builder(role.tls(), settings.random())
                .settings(sizes)
                .crypto(settings.crypto())
                .sink(sink)
                .traces(settings.traces())
                .build());
        return new Link(settings, transport, endpoint, tun, batchEnd);
    }

    /**
     * Opens a server's socket.
     *
     * @throws IOException when it cannot be had; the message names what it was to be bound to
     */
    static Link server(
            Settings settings, Settings.Server role, int port, TunDevice tun, Runnable batchEnd, DatagramSink sink)
            throws IOException {
        UdpTransport transport = UdpSockets.open(settings, port, tun);
        TransportSettings sizes = UdpSockets.fitLink(settings.transport(), settings.bind(), null);
        QuicEndpoint endpoint = QuicEndpoint.server(ServerConfig.builder(role.tls(), settings.random())
                .settings(sizes)
                .crypto(settings.crypto())
                .sink(sink)
                .traces(settings.traces())
                .statelessResetKey(resetKey(
                        role.statelessResetKey(),
                        settings.bind(),
                        transport.localAddress().getPort()))
                .build());
        return new Link(settings, transport, endpoint, tun, batchEnd);
    }

    /**
     * The key of one socket's stateless resets. RFC 9000 §10.3.2, §21.11: where two sockets have one key, a packet of a
     * session of one, sent on to the other, is answered with the reset that ends it, and the servers of a host are all
     * given the same. It is the same after a restart.
     */
    private static byte[] resetKey(byte[] secret, Bind bind, int port) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            return mac.doFinal((bind + " " + port).getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }

    /** What packets pass through with this socket. */
    PacketPath packetPath() {
        boolean own = transport instanceof LinuxTransport;
        return new PacketPath(
                crypto,
                own,
                transport.maxBatchDatagrams() > 1,
                transport instanceof LinuxTransport linux && linux.coalesces(),
                tunOffload,
                transport.receiveBufferBytes(),
                transport.sendBufferBytes());
    }

    QuicEndpoint endpoint() {
        return endpoint;
    }

    EndpointDriver driver() {
        return driver;
    }

    InetSocketAddress localAddress() {
        return transport.localAddress();
    }

    /** The address that packets to the peer come from. */
    InetSocketAddress sourceTowards(InetSocketAddress remote) {
        return UdpSockets.sourceTowards(bind, transport.localAddress(), remote);
    }

    @Override
    public void close() throws IOException {
        try (driver) {
            transport.close();
        }
    }
}
