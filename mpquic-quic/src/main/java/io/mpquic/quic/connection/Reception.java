package io.mpquic.quic.connection;

import io.mpquic.quic.tls.TlsEvent;
import io.mpquic.quic.wire.StatelessResetToken;
import io.mpquic.quic.wire.TransportException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;

/** Takes datagrams: what precedes their packets, what follows from them, and what becomes of a fault in them. */
final class Reception {
    private final QuicConnection connection;
    private final Ingress ingress;
    private final long startedNs;

    Reception(QuicConnection connection, DatagramSink sink, long startedNs) {
        this.connection = connection;
        this.startedNs = startedNs;
        ingress = new Ingress(
                connection, new FrameDispatcher(connection, sink, connection.settings.maxDatagramFrameBytes()));
    }

    void receive(
            MemorySegment datagram, long offset, int lengthBytes, InetSocketAddress from, int codepoint, long nowNs) {
        connection.tracing.at(nowNs);
        connection.counters.bytesReceived += lengthBytes;
        connection.paths.onReceived(from, lengthBytes);
        connection.recovery.amplificationBlocked(connection.paths.budgetBytes() == 0);
        // RFC 9000 §9: a server does not move, but for its preferred address.
        if (connection.isClient() && !from.equals(connection.paths.remote()) && !connection.preferred.isServer(from)) {
            connection.counters.packetsDropped++;
            return;
        }
        if (connection.isClosing()) {
            connection.closing.onPacketWhileClosing();
            return;
        }
        try {
            ingress.receive(datagram, offset, lengthBytes, from, codepoint, nowNs);
            while (!connection.isClosing() && connection.establishment.takeKeysCame()) {
                onHandshakeProgress(nowNs);
                ingress.retryUndecryptable(nowNs);
            }
            connection.events.publishMaxDatagram();
        } catch (TransportException fault) {
            connection.closing.closeFor(fault, nowNs);
        } catch (RuntimeException defect) {
            connection.closing.closeForDefect(defect, nowNs);
        }
    }

    private void onHandshakeProgress(long nowNs) {
        TlsEvent.HandshakeComplete outcome = connection.establishment.takeOutcome();
        if (outcome != null) {
            connection.events.queue.add(new QuicEvent.HandshakeCompleted(
                    outcome.alpn(), outcome.peerChain(), nowNs - startedNs, outcome.resumed()));
            connection.localIds.replenish();
            connection.mtu.start();
            if (connection.settings.ecn()) {
                connection.recovery.ecn().start();
            }
        }
    }

    /** An authentic packet was processed: the newest, when its number is above all before. */
    void onPacketProcessed(
            InetSocketAddress from, int datagramBytes, boolean newestAndMoreThanProbe, boolean otherId, long nowNs) {
        connection.counters.packetsReceived++;
        connection.idle.onPacketReceived(nowNs);
        if (newestAndMoreThanProbe
                && !from.equals(connection.paths.remote())
                && connection.paths.onNewestPacket(from, datagramBytes, otherId, connection.isEstablished(), nowNs)) {
            connection.tracing.remoteChanged(from);
        }
    }

    void onPathChallenge(long data) {
        connection.paths.onChallenge(data, ingress.from(), ingress.datagramBytes(), ingress.isOtherId());
    }

    /** RFC 9000 §10.3.1: whether the token is one that ends this connection. */
    boolean checkStatelessReset(StatelessResetToken candidate, long nowNs) {
        boolean reset = !connection.isClosing() && connection.peerIds.isResetToken(candidate);
        if (reset) {
            connection.closing.onStatelessReset(nowNs);
        }
        return reset;
    }
}
