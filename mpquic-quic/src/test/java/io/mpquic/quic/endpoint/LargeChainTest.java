package io.mpquic.quic.endpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.connection.QuicConnection;
import io.mpquic.quic.connection.QuicEvent;
import io.mpquic.quic.sim.LinkConditions;
import io.mpquic.quic.sim.SimulatedNetwork;
import io.mpquic.quic.sim.SimulatedNode;
import io.mpquic.quic.tls.LargeChain;
import io.mpquic.quic.tls.TlsClientConfig;
import io.mpquic.quic.tls.TlsServerConfig;
import io.mpquic.quic.tls.TrustAnchors;
import io.mpquic.quic.wire.LongHeader;
import io.mpquic.quic.wire.MalformedPacketException;
import io.mpquic.quic.wire.PacketHeader;
import io.mpquic.quic.wire.WireReader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Certificate chains beyond what one TLS record holds, of both ends, in many CRYPTO frames: RFC 9000 §7.5, §8.1, and RFC
 * 9001 §4.4.
 */
class LargeChainTest {
    private static final LargeChain SERVER_CHAIN = LargeChain.make(4_000, "mpquic-server");
    private static final LargeChain CLIENT_CHAIN = LargeChain.make(4_000, "client");
    private static final int RECORD_BYTES = 16_384;

    private final SimulatedPair.Side client = new SimulatedPair.Side(
            QuicEndpoint.client(ClientConfig.builder(
                            TlsClientConfig.builder()
                                    .alpn("mpquic-ip")
                                    .serverName("mpquic-server")
                                    .trust(TrustAnchors.of(SERVER_CHAIN.root()))
                                    .identity(CLIENT_CHAIN.identity())
                                    .build(),
                            new SplittableRandom(1))
                    .build()),
            new ArrayList<>());
    private final SimulatedPair.Side server = new SimulatedPair.Side(
            QuicEndpoint.server(ServerConfig.builder(
                            TlsServerConfig.builder()
                                    .alpn("mpquic-ip")
                                    .identity(SERVER_CHAIN.identity())
                                    .clientTrust(TrustAnchors.of(CLIENT_CHAIN.root()))
                                    .build(),
                            new SplittableRandom(2))
                    .build()),
            new ArrayList<>());
    private final Metered meter = new Metered(server);

    /** Sees that the server sends no more than it may before the client's address is proven (RFC 9000 §8.1). */
    private static final class Metered implements SimulatedNode {
        private final SimulatedPair.Side server;
        long inBytes;
        long outBytes;
        private boolean proven;

        Metered(SimulatedPair.Side server) {
            this.server = server;
        }

        @Override
        public void receive(MemorySegment datagram, InetSocketAddress from, long nowNs) {
            inBytes += datagram.byteSize();
            proven |= hasHandshakePacket(datagram);
            server.receive(datagram, from, nowNs);
        }

        private static boolean hasHandshakePacket(MemorySegment datagram) {
            WireReader reader = new WireReader();
            byte[] bytes = datagram.toArray(ValueLayout.JAVA_BYTE);
            try {
                for (int at = 0; at < bytes.length && bytes[at] < 0; ) {
                    bytes[at] |= PacketHeader.FIXED_BIT; // RFC 9287: it may be 0
                    LongHeader header =
                            LongHeader.parse(reader.wrap(MemorySegment.ofArray(bytes), at, bytes.length - at));
                    if (header instanceof LongHeader.Handshake) {
                        return true;
                    }
                    at = (int) ((LongHeader.Numbered) header).endOffset();
                }
                return false;
            } catch (MalformedPacketException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public int transmit(MemorySegment out, long nowNs) {
            int length = server.transmit(out, nowNs);
            outBytes += length;
            assertTrue(proven || outBytes <= 3 * inBytes, outBytes + " bytes for " + inBytes);
            return length;
        }

        @Override
        public InetSocketAddress transmitTo() {
            return server.transmitTo();
        }

        @Override
        public long nextTimeoutNs() {
            return server.nextTimeoutNs();
        }

        @Override
        public void onTimeout(long nowNs) {
            server.onTimeout(nowNs);
        }
    }

    private QuicConnection connect(long seed, LinkConditions link) {
        SimulatedNetwork network = new SimulatedNetwork(seed);
        network.attach(SimulatedPair.CLIENT, client);
        network.attach(SimulatedPair.SERVER, meter);
        network.linkBothWays(SimulatedPair.CLIENT, SimulatedPair.SERVER, link);
        QuicConnection connection = client.endpoint.connect(SimulatedPair.SERVER, network.nowNs());
        network.runUntil(
                "both ends are established, seed " + seed,
                () -> connection.isEstablished() && server.accepted != null,
                TimeUnit.SECONDS.toNanos(9));
        assertTrue(meter.outBytes > RECORD_BYTES, meter.outBytes + " bytes");
        assertTrue(meter.inBytes > RECORD_BYTES, meter.inBytes + " bytes");
        return connection;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void twentyKilobytesOfCertificatesEachWayArriveOverALinkThatLosesATenth(long seed) {
        connect(
                seed,
                LinkConditions.builder().delayMs(20).loss(0.1).reorder(0.1, 30).build());
        assertEquals(
                SERVER_CHAIN.identity().chain(),
                client.eventsOf(QuicEvent.HandshakeCompleted.class).getFirst().peerChain());
        assertEquals(
                CLIENT_CHAIN.identity().chain(),
                server.eventsOf(QuicEvent.HandshakeCompleted.class).getFirst().peerChain());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void theServerWaitsForTheClientsAddressToBeProvenAndTakesOneRoundTripMore(long seed) {
        QuicConnection connection =
                connect(seed, LinkConditions.builder().delayMs(20).build());
        long tookNs =
                client.eventsOf(QuicEvent.HandshakeCompleted.class).getFirst().handshakeNs();
        assertTrue(tookNs >= TimeUnit.MILLISECONDS.toNanos(80), tookNs + " ns");
        assertTrue(tookNs <= TimeUnit.MILLISECONDS.toNanos(200), tookNs + " ns");
        assertEquals(0, connection.statistics().packetsLost());
    }
}
