package io.mpquic.dataplane;

import io.mpquic.dataplane.agent.Settings;
import io.mpquic.dataplane.agent.WanSource;
import io.mpquic.quic.congestion.CongestionController;
import io.mpquic.quic.connection.ConnectionTrace;
import io.mpquic.quic.connection.TransportSettings;
import io.mpquic.quic.crypto.CryptoProvider;
import io.mpquic.quic.tls.TlsClientConfig;
import io.mpquic.quic.tls.TlsServerConfig;
import io.mpquic.tun.NetlinkMonitor;
import io.mpquic.tun.TunDevice;
import java.security.SecureRandom;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Collects what a {@link Tunnel} needs: a TUN device and the TLS configuration of its end; the rest has defaults. */
public final class TunnelBuilder {
    private static final int RESET_KEY_BYTES = 32;

    /** A tenth of a second of a thousand packets at 100 Mbit/s; at lower rates {@link #queueTime} is the bound. */
    private static final int DEFAULT_QUEUE_PACKETS = 1024;

    /** A round trip across a continent: room for the bursts of TCP, and no more delay than that. */
    private static final Duration DEFAULT_QUEUE_TIME = Duration.ofMillis(100);

    /** Five probes go unanswered in this time on a path of 100 ms. */
    private static final Duration DEFAULT_PEER_SILENCE = Duration.ofSeconds(5);

    /** With more patience, a server that comes back would be found later: packets to it are sent ever more rarely. */
    private static final long HANDSHAKE_TIMEOUT_NS = Duration.ofSeconds(5).toNanos();

    private final @Nullable String remoteHost;
    private final int port;
    private String name = "mpquic";
    private Bind bind = Bind.any();
    private @Nullable TunSource tun;
    private boolean closesTun;
    private @Nullable TlsClientConfig clientTls;
    private @Nullable TlsServerConfig serverTls;
    private byte @Nullable [] resetKey;
    private TunnelListener listener = (tunnel, event) -> {};
    private TransportSettings transport =
            TransportSettings.builder().handshakeTimeoutNs(HANDSHAKE_TIMEOUT_NS).build();
    private UdpOptions udp = UdpOptions.fastest();
    private CryptoProvider crypto = CryptoProvider.fastest();
    private int queuePackets = DEFAULT_QUEUE_PACKETS;
    private Duration queueTime = DEFAULT_QUEUE_TIME;
    private Duration peerSilence = DEFAULT_PEER_SILENCE;
    private boolean clampSegmentSize = true;
    private WanSource wan = NetlinkMonitor::open;
    private ConnectionTrace.Factory traces = ConnectionTrace.Factory.NONE;

    private TunnelBuilder(@Nullable String remoteHost, int port) {
        this.remoteHost = remoteHost;
        this.port = port;
    }

    static TunnelBuilder client(String remoteHost, int remotePort) {
        if (remoteHost.isBlank() || remotePort < 1 || remotePort > 65_535) {
            throw new IllegalArgumentException("no such server: " + remoteHost + ":" + remotePort);
        }
        return new TunnelBuilder(remoteHost, remotePort);
    }

    static TunnelBuilder server(int listenPort) {
        if (listenPort < 0 || listenPort > 65_535) {
            throw new IllegalArgumentException("no such port: " + listenPort);
        }
        return new TunnelBuilder(null, listenPort);
    }

    /** What the tunnel is called in logs and by its threads; "mpquic" when not said. */
    public TunnelBuilder name(String tunnelName) {
        this.name = tunnelName;
        return this;
    }

    /** Through which part of the network its packets go; {@link Bind#any} when not said. */
    public TunnelBuilder bind(Bind where) {
        this.bind = where;
        return this;
    }

    /** Opens the TUN device when the tunnel starts; the tunnel closes it at its end. */
    public TunnelBuilder tun(TunSource source) {
        this.tun = source;
        this.closesTun = true;
        return this;
    }

    /** An open TUN device. It stays open when the tunnel ends: its owner closes it. */
    public TunnelBuilder tun(TunDevice device) {
        this.tun = () -> device;
        this.closesTun = false;
        return this;
    }

    /** Whom a client trusts, and what it shows. */
    public TunnelBuilder clientTls(TlsClientConfig config) {
        this.clientTls = config;
        return this;
    }

    /** What a server shows, and whom it lets in. */
    public TunnelBuilder serverTls(TlsServerConfig config) {
        this.serverTls = config;
        return this;
    }

    /**
     * A secret of 32 bytes from which a server makes stateless reset tokens (RFC 9000 §10.3.2). With the same one after a
     * restart, the client of the process before learns at once that its session is gone. A random one when not said.
     */
    public TunnelBuilder statelessResetKey(byte[] key) {
        if (key.length != RESET_KEY_BYTES) {
            throw new IllegalArgumentException("the key has " + key.length + " bytes, not " + RESET_KEY_BYTES);
        }
        this.resetKey = key.clone();
        return this;
    }

    /** Hears of what happens. */
    public TunnelBuilder listener(TunnelListener newListener) {
        this.listener = newListener;
        return this;
    }

    /** Timeouts and sizes of the QUIC connections. */
    public TunnelBuilder transport(TransportSettings settings) {
        this.transport = settings;
        return this;
    }

    /**
     * How the sender finds out what its path carries: CUBIC when not said. To be called after {@link #transport}, whose
     * other settings it keeps.
     */
    public TunnelBuilder congestion(CongestionController.Factory algorithm) {
        this.transport = transport.toBuilder().congestion(algorithm).build();
        return this;
    }

    /** How the UDP socket is made; {@link UdpOptions#fastest} when not said. */
    public TunnelBuilder udp(UdpOptions options) {
        this.udp = options;
        return this;
    }

    /** Where ciphers come from; {@link CryptoProvider#fastest} when not said. */
    public TunnelBuilder crypto(CryptoProvider provider) {
        this.crypto = provider;
        return this;
    }

    /** How many packets of the host may wait, a power of two from 2 to 32768; 1024 when not said. */
    public TunnelBuilder queuePackets(int packets) {
        if (packets < 2 || packets > 32_768 || Integer.bitCount(packets) != 1) {
            throw new IllegalArgumentException("queue of " + packets + " packets: a power of two from 2 to 32768");
        }
        this.queuePackets = packets;
        return this;
    }

    /** How long a packet may wait for a path that takes no more, above 0; 100 ms when not said. */
    public TunnelBuilder queueTime(Duration time) {
        this.queueTime = requirePositive("queue time", time);
        return this;
    }

    /** After how long without an answer a client gives a session up and dials anew; 5 s when not said. */
    public TunnelBuilder peerSilence(Duration time) {
        this.peerSilence = requirePositive("peer silence", time);
        return this;
    }

    /** Whether the segment size that TCP announces is lowered to what fits; true when not said. */
    public TunnelBuilder clampSegmentSize(boolean clamp) {
        this.clampSegmentSize = clamp;
        return this;
    }

    /**
     * Hears, packet by packet, what the QUIC connections do, on the tunnel's thread; nobody when not said.
     * {@link io.mpquic.quic.io.QlogDirectory} is one that writes qlogs.
     */
    public TunnelBuilder traces(ConnectionTrace.Factory factory) {
        this.traces = factory;
        return this;
    }

    /** Where the state of the interface comes from that a client is bound to; from the kernel when not said. */
    TunnelBuilder wan(WanSource source) {
        this.wan = source;
        return this;
    }

    /**
     * The tunnel, not yet started.
     *
     * @throws IllegalStateException when the TUN device or the TLS configuration is missing
     */
    public Tunnel build() {
        TunSource source = tun;
        if (source == null) {
            throw new IllegalStateException("a tunnel needs a TUN device");
        }
        SecureRandom random = new SecureRandom();
        Settings settings = new Settings(
                name,
                role(random),
                bind,
                source,
                closesTun,
                transport,
                udp,
                crypto,
                random,
                queuePackets,
                queueTime.toNanos(),
                peerSilence.toNanos(),
                clampSegmentSize,
                wan,
                traces);
        return new Tunnel(settings, listener);
    }

    private Settings.Role role(SecureRandom random) {
        if (remoteHost != null) {
            if (clientTls == null) {
                throw new IllegalStateException("a client needs clientTls");
            }
            return new Settings.Client(remoteHost, port, clientTls);
        }
        if (serverTls == null) {
            throw new IllegalStateException("a server needs serverTls");
        }
        byte[] key = resetKey;
        if (key == null) {
            key = new byte[RESET_KEY_BYTES];
            random.nextBytes(key);
        }
        return new Settings.Server(port, serverTls, key);
    }

    private static Duration requirePositive(String what, Duration time) {
        if (time.isNegative() || time.isZero()) {
            throw new IllegalArgumentException(what + " must be above 0");
        }
        return time;
    }
}
