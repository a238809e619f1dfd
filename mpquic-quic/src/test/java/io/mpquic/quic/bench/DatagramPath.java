package io.mpquic.quic.bench;

import io.mpquic.quic.connection.DatagramSink;
import io.mpquic.quic.connection.QuicConnection;
import io.mpquic.quic.connection.SendResult;
import io.mpquic.quic.connection.TransportSettings;
import io.mpquic.quic.crypto.CryptoProvider;
import io.mpquic.quic.endpoint.ClientConfig;
import io.mpquic.quic.endpoint.QuicEndpoint;
import io.mpquic.quic.endpoint.ServerConfig;
import io.mpquic.quic.tls.Identity;
import io.mpquic.quic.tls.TlsClientConfig;
import io.mpquic.quic.tls.TlsServerConfig;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.SplittableRandom;

/**
 * A client and a server endpoint with nothing between them: what one sends, the other has at once. Datagrams go from the
 * client to the server, acknowledgements come back. Time is virtual: ten microseconds a datagram.
 */
final class DatagramPath {
    static final int MESSAGE_BYTES = 1200;
    /** So many fit into the initial congestion window, which an application that sends so little never opens. */
    static final int SLOTS = 4;

    private static final InetSocketAddress CLIENT = new InetSocketAddress("192.0.2.1", 40_000);
    private static final InetSocketAddress SERVER = new InetSocketAddress("192.0.2.2", 45_001);
    private static final int CAPACITY_BYTES = 2048;
    private static final long DATAGRAM_NS = 10_000;
    private static final long SETTLING_NS = 1_000_000_000;
    private static final long STEP_NS = 1_000_000;

    private final QuicEndpoint client;
    private final QuicEndpoint server;
    private final QuicConnection sender;
    private final MemorySegment message = Arena.ofAuto().allocate(CAPACITY_BYTES, 64);
    /** Datagrams on their way, each in a slot of its own. */
    private final MemorySegment slots = Arena.ofAuto().allocate((long) SLOTS * CAPACITY_BYTES, 64);

    private final int[] sealedLength = new int[SLOTS];
    private final int[] replyLength = new int[SLOTS];
    private final MemorySegment replies = Arena.ofAuto().allocate((long) SLOTS * CAPACITY_BYTES, 64);
    private long nowNs = 1;
    private long receivedDatagrams;

    DatagramPath(CryptoProvider crypto) {
        DatagramSink count = (connection, buffer, offset, lengthBytes) -> receivedDatagrams++;
        TransportSettings settings =
                TransportSettings.builder().maxUdpPayloadBytes(1400).build();
        TlsClientConfig clientTls = TlsClientConfig.builder()
                .alpn("bench")
                .serverName("bench")
                .insecure()
                .build();
        TlsServerConfig serverTls = TlsServerConfig.builder()
                .alpn("bench")
                .identity(Identity.selfSigned("bench"))
                .build();
        client = QuicEndpoint.client(ClientConfig.builder(clientTls, new SplittableRandom(1))
                .settings(settings)
                .crypto(crypto)
                .build());
        server = QuicEndpoint.server(ServerConfig.builder(serverTls, new SplittableRandom(2))
                .settings(settings)
                .crypto(crypto)
                .sink(count)
                .build());
        sender = client.connect(SERVER, nowNs);
        for (long end = nowNs + SETTLING_NS; nowNs < end; nowNs += STEP_NS) {
            client.onTimeout(nowNs);
            server.onTimeout(nowNs);
            carryAll();
        }
        if (!sender.isEstablished() || !sender.isPathMtuSettled()) {
            throw new IllegalStateException("the handshake or the discovery of the path MTU did not end");
        }
    }

    private void carryAll() {
        int length;
        do {
            length = client.transmit(slots, 0, CAPACITY_BYTES, nowNs);
            if (length > 0) {
                server.receive(slots, 0, length, CLIENT, nowNs);
            }
            length += carryReply();
        } while (length > 0);
        while (sender.pollEvent() != null) {
            continue;
        }
    }

    private int carryReply() {
        int length = server.transmit(replies, 0, CAPACITY_BYTES, nowNs);
        if (length > 0) {
            client.receive(replies, 0, length, SERVER, nowNs);
        }
        return length;
    }

    /** The client seals one datagram in a slot. */
    void send(int slot) {
        nowNs += DATAGRAM_NS;
        if (client.nextTimeoutNs() <= nowNs) {
            client.onTimeout(nowNs);
        }
        SendResult result = sender.sealDatagram(
                message, QuicConnection.HEADROOM_BYTES, MESSAGE_BYTES, slots, (long) slot * CAPACITY_BYTES, nowNs);
        if (result != SendResult.SENT) {
            throw new IllegalStateException("a datagram could not be sent: " + result + ", " + sender.statistics());
        }
        sealedLength[slot] = sender.sealedLengthBytes();
    }

    /** The server takes the datagram of a slot, and makes an acknowledgement when one is due. */
    void receive(int slot) {
        if (server.nextTimeoutNs() <= nowNs) {
            server.onTimeout(nowNs);
        }
        server.receive(slots, (long) slot * CAPACITY_BYTES, sealedLength[slot], CLIENT, nowNs);
        sealedLength[slot] = 0;
        replyLength[slot] = server.transmit(replies, (long) slot * CAPACITY_BYTES, CAPACITY_BYTES, nowNs);
    }

    /** The client takes the acknowledgement of a slot, if there is one. */
    void takeReply(int slot) {
        if (replyLength[slot] > 0) {
            client.receive(replies, (long) slot * CAPACITY_BYTES, replyLength[slot], SERVER, nowNs);
            replyLength[slot] = 0;
            answer(slot);
        }
    }

    /** What the client owes for it: now and then the server asks whether its acknowledgements arrive. */
    private void answer(int slot) {
        int length = client.transmit(replies, (long) slot * CAPACITY_BYTES, CAPACITY_BYTES, nowNs);
        if (length > 0) {
            server.receive(replies, (long) slot * CAPACITY_BYTES, length, CLIENT, nowNs);
        }
    }

    /** Whether a datagram waits in the slot for the server. */
    boolean waits(int slot) {
        return sealedLength[slot] > 0;
    }

    long receivedDatagrams() {
        return receivedDatagrams;
    }
}
