package io.mpquic.dataplane.agent;

import io.mpquic.dataplane.TunnelEvent;
import io.mpquic.dataplane.TunnelStatistics;
import io.mpquic.quic.connection.QuicConnection;
import io.mpquic.quic.connection.QuicEvent;
import io.mpquic.quic.connection.SendResult;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** One connection and all that is known of it; gone when the connection is. The worker's thread. */
final class Session implements Carrier {
    private static final System.Logger LOG = System.getLogger(Session.class.getName());

    /** Every IPv6 link carries this much (RFC 8200 §5). */
    private static final int IPV6_MINIMUM_BYTES = 1280;

    private final Link link;
    private final QuicConnection connection;
    private boolean begun;
    private long begunNs;
    private long handshakeNs;
    private @Nullable String peerName;
    private int publishedMaxBytes;
    private InetSocketAddress localAddress;

    Session(Link link, QuicConnection connection) {
        this.link = link;
        this.connection = connection;
        localAddress = link.localAddress();
    }

    QuicConnection connection() {
        return connection;
    }

    /** Whether the handshake is complete. */
    boolean isBegun() {
        return begun;
    }

    /** How long the session has lasted, in nanoseconds; 0 before its handshake is complete. */
    long ageNs(long nowNs) {
        return begun ? nowNs - begunNs : 0;
    }

    /** Takes an event of the connection and says what it means to the tunnel; null: nothing. */
    @Nullable TunnelEvent onEvent(QuicEvent event, long nowNs) {
        return switch (event) {
            case QuicEvent.HandshakeCompleted completed -> {
                begun = true;
                begunNs = nowNs;
                handshakeNs = completed.handshakeNs();
                peerName = completed.peerChain().isEmpty()
                        ? null
                        : completed.peerChain().get(0).getSubjectX500Principal().getName();
                localAddress = link.sourceTowards(connection.remoteAddress());
                yield new TunnelEvent.Up(
                        localAddress, connection.remoteAddress(), handshakeNs, connection.maxDatagramBytes(), peerName);
            }
            case QuicEvent.MaxDatagramChanged changed -> changed.settled() ? pathMtu(changed.bytes()) : null;
            // A tunnel sends no early data, and offers no streams and opens none.
            case QuicEvent.EarlyDataRejected rejected -> null;
            case QuicEvent.StreamReadable readable -> null;
            case QuicEvent.StreamWritable writable -> null;
            case QuicEvent.Closed closed -> null;
        };
    }

    /**
     * The WAN is as it can be used now. Where the address that this session had is gone from it, the connection moves (RFC
     * 9000 §9.2): under another ID, and without what it has learnt about the path before. Where that is refused, the server
     * can still follow as it follows a client behind a NAT.
     */
    void onWanChanged(WanCondition.Usable wan, long nowNs) {
        InetAddress before = localAddress.getAddress();
        if (before.isAnyLocalAddress() || wan.addresses().contains(before)) {
            return;
        }
        connection.migrate(nowNs);
        InetSocketAddress now = link.sourceTowards(connection.remoteAddress());
        // While there is no route yet, the old one stays on show, and is found to be gone the next time.
        localAddress = now.getAddress().isAnyLocalAddress() ? localAddress : now;
    }

    private @Nullable TunnelEvent pathMtu(int bytes) {
        if (bytes == publishedMaxBytes || bytes == 0) {
            return null;
        }
        publishedMaxBytes = bytes;
        if (bytes < IPV6_MINIMUM_BYTES) {
            LOG.log(
                    Level.WARNING,
                    "the path carries IP packets of {0} bytes only: IPv6 needs {1}, longer ones of it will be lost",
                    bytes,
                    IPV6_MINIMUM_BYTES);
        }
        return new TunnelEvent.PathMtu(bytes);
    }

    @Override
    public int maxPacketBytes() {
        return connection.maxDatagramBytes();
    }

    @Override
    public boolean isPathMtuSettled() {
        return connection.isPathMtuSettled();
    }

    @Override
    public SendResult send(MemorySegment memory, long offset, int lengthBytes, long nowNs) throws IOException {
        return link.driver().sendDatagram(connection, memory, offset, lengthBytes, nowNs);
    }

    InetSocketAddress remoteAddress() {
        return connection.remoteAddress();
    }

    TunnelStatistics.Session statistics(long nowNs) {
        return new TunnelStatistics.Session(
                localAddress,
                connection.remoteAddress(),
                peerName,
                ageNs(nowNs),
                handshakeNs,
                connection.maxDatagramBytes(),
                connection.isPathMtuSettled(),
                connection.statistics());
    }
}
