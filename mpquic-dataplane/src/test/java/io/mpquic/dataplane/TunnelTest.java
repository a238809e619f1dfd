package io.mpquic.dataplane;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.dataplane.Ends.End;
import io.mpquic.tun.MemoryTun;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TunnelTest {
    private static final int DF = 0x4000;
    private static final byte[] NONE = new byte[0];

    private static byte[] udp4(int lengthBytes, int seed) {
        return Packets.ipv4(DF, Packets.UDP, NONE, Packets.payload(lengthBytes - 20, seed));
    }

    private static byte[] take(End end) throws InterruptedException {
        byte[] packet = end.tun().take(Ends.PATIENCE.toNanos());
        assertNotNull(
                packet,
                () -> "no packet came out at the " + end.tunnel().name() + ": " + end.events()
                        + end.tunnel().statistics());
        return packet;
    }

    private static void assertCarries(End from, End to, byte[] packet) throws InterruptedException {
        assertTrue(from.tun().inject(packet));
        assertArrayEquals(packet, take(to));
    }

    private static void awaitUp(End... ends) throws InterruptedException {
        for (End end : ends) {
            assertTrue(
                    end.tunnel().awaitUp(Ends.PATIENCE),
                    "no session at the " + end.tunnel().name());
        }
    }

    private static void awaitPathMtu(End... ends) throws InterruptedException {
        for (End end : ends) {
            end.await(TunnelEvent.PathMtu.class, 1);
        }
    }

    /** Every packet that went in came out or is counted under its cause. */
    private static void assertCountsAddUp(End end) throws InterruptedException {
        Ends.await("the counts of the " + end.tunnel().name() + " add up", () -> {
            TunnelStatistics s = end.tunnel().statistics();
            return s.fromHostPackets() == s.sentPackets() + s.outboundDrops() + s.sendQueuePackets()
                    && s.receivedPackets() + s.icmpAnswers() == s.toHostPackets() + s.inboundDrops();
        });
    }

    @Test
    void packetsOfBothVersionsGoBothWays() throws Exception {
        try (End server = Ends.server(0);
                End client = Ends.client(server.port())) {
            awaitUp(client, server);
            for (int length = 40; length <= 1200; length += 290) {
                assertCarries(client, server, udp4(length, length));
                assertCarries(server, client, udp4(length, length + 1));
                assertCarries(client, server, Packets.ipv6(Packets.UDP, Packets.payload(length - 40, 1)));
                assertCarries(server, client, Packets.ipv6(Packets.UDP, Packets.payload(length - 40, 2)));
            }
            assertCountsAddUp(client);
            assertCountsAddUp(server);
            TunnelStatistics statistics = client.tunnel().statistics();
            assertEquals(10, statistics.fromHostPackets());
            assertEquals(10, statistics.sentPackets());
            assertEquals(10, statistics.receivedPackets());
            assertEquals(1, statistics.sessions());
            TunnelStatistics.Session session = statistics.session();
            assertNotNull(session);
            assertTrue(session.handshakeNs() > 0 && session.ageNs() > 0);
            assertEquals("CN=localhost", session.peerCertificateName());
            assertEquals("Cubic", session.connection().congestionAlgorithm());
            assertTrue(session.connection().congestionWindowBytes() > 0);
            assertTrue(session.connection().pacingBytesPerSecond() > 0);
        }
    }

    @Test
    void packetsThatComeBeforeTheSessionWaitForIt() throws Exception {
        try (End server = Ends.server(0)) {
            MemoryTun early = server.tun();
            for (int i = 0; i < 20; i++) {
                assertTrue(early.inject(udp4(1250, i)));
            }
            try (End client = Ends.client(server.port())) {
                for (int i = 0; i < 20; i++) {
                    assertArrayEquals(udp4(1250, i), take(client));
                }
                assertCountsAddUp(server);
            }
        }
    }

    @Test
    void aBurstArrivesInOrder() throws Exception {
        // More patience than usual, so that a busy machine does not make the queue time run out.
        try (End server = Ends.server(0);
                End client = Ends.client(
                        1500, Tunnel.client("127.0.0.1", server.port()).queueTime(Ends.PATIENCE))) {
            awaitUp(client, server);
            int packets = 300;
            for (int i = 0; i < packets; i++) {
                assertTrue(client.tun().inject(udp4(60 + i, i)));
            }
            for (int i = 0; i < packets; i++) {
                assertArrayEquals(udp4(60 + i, i), take(server));
            }
            assertCountsAddUp(client);
            assertCountsAddUp(server);
        }
    }

    @Test
    void aPacketThatIsTooBigIsAnsweredAndTheSessionLivesOn() throws Exception {
        try (End server = Ends.server(0);
                End client = Ends.client(4000, Tunnel.client("127.0.0.1", server.port()))) {
            awaitUp(client, server);
            awaitPathMtu(client);
            int max = client.events(TunnelEvent.PathMtu.class).getLast().maxPacketBytes();
            byte[] big = udp4(3000, 1);
            assertTrue(client.tun().inject(big));
            byte[] answer = take(client);
            assertEquals(3, answer[20]);
            assertEquals(4, answer[21]);
            assertEquals(max, Packets.u16(answer, 26));
            assertTrue(client.tun().inject(Packets.ipv6(Packets.UDP, new byte[2960])));
            answer = take(client);
            assertEquals(2, answer[40]);
            assertEquals(Math.max(1280, max), Packets.u32(answer, 44));
            assertCarries(client, server, udp4(max, 2));
            TunnelStatistics statistics = client.tunnel().statistics();
            assertEquals(2, statistics.drops().get(DropCause.SEND_TOO_BIG));
            assertEquals(2, statistics.icmpAnswers());
            assertCountsAddUp(client);
        }
    }

    @Test
    void aPacketThatMayBeCutArrivesInFragments() throws Exception {
        try (End server = Ends.server(0);
                End client = Ends.client(4000, Tunnel.client("127.0.0.1", server.port()))) {
            awaitUp(client, server);
            byte[] payload = Packets.payload(2980, 9);
            assertTrue(client.tun().inject(Packets.ipv4(0, Packets.UDP, NONE, payload)));
            byte[] together = new byte[payload.length];
            boolean more = true;
            while (more) {
                byte[] piece = take(server);
                int flags = Packets.u16(piece, 6);
                System.arraycopy(piece, 20, together, (flags & 0x1fff) * 8, piece.length - 20);
                more = (flags & 0x2000) != 0;
            }
            assertArrayEquals(payload, together);
            Ends.await("counted", () -> client.tunnel().statistics().fragmentedPackets() == 1);
            assertCountsAddUp(client);
        }
    }

    @Test
    void whatIsNoIpPacketIsDroppedAndCounted() throws Exception {
        try (End server = Ends.server(0);
                End client = Ends.client(server.port())) {
            awaitUp(client, server);
            assertTrue(client.tun().inject(new byte[] {1, 2, 3}));
            assertCarries(client, server, udp4(100, 1));
            assertEquals(1, client.tunnel().statistics().drops().get(DropCause.SEND_NOT_IP));
        }
    }

    @Test
    void aSynLearnsTheSegmentSizeThatFits() throws Exception {
        try (End server = Ends.server(0);
                End client = Ends.client(server.port())) {
            awaitUp(client, server);
            byte[] mss = {2, 4, 0x7f, (byte) 0xff};
            assertTrue(client.tun().inject(Packets.ipv4(DF, Packets.TCP, NONE, Packets.tcp(false, 2, mss))));
            byte[] syn = take(server);
            int max = client.await(TunnelEvent.PathMtu.class, 1).maxPacketBytes();
            assertTrue(Packets.u16(syn, 42) <= max - 40, "announces " + Packets.u16(syn, 42) + " of " + max);
            assertEquals(0, Packets.checksum(Packets.pseudo(false, Packets.TCP, Packets.slice(syn, 20, 24))));
        }
    }

    @Test
    void aNewSessionReplacesTheOldOneAtOnce() throws Exception {
        try (End server = Ends.server(0);
                End first = Ends.clientForOneSession(server.port())) {
            awaitUp(first, server);
            try (End second = Ends.client(server.port())) {
                awaitUp(second);
                server.await(TunnelEvent.Replaced.class, 1);
                assertCarries(second, server, udp4(100, 1));
                assertCarries(server, second, udp4(100, 2));
                TunnelEvent.Down down = first.await(TunnelEvent.Down.class, 1);
                assertTrue(down.reason().contains("replaced by a newer session"), down.reason());
            }
        }
    }

    @Test
    void aClientComesBackWhenItsServerWasRestarted() throws Exception {
        End server = Ends.server(0);
        int port = server.port();
        try (End client = Ends.client(port)) {
            awaitUp(client, server);
            server.close();
            client.await(TunnelEvent.Down.class, 1);
            assertFalse(client.tunnel().isUp());
            try (End restarted = Ends.server(port)) {
                client.await(TunnelEvent.Up.class, 2);
                assertCarries(client, restarted, udp4(100, 1));
                assertCarries(restarted, client, udp4(100, 2));
                assertEquals(2, client.tunnel().statistics().sessions());
            }
        }
    }

    @Test
    void anIdleTunnelCostsNoTime() throws Exception {
        try (End server = Ends.server(0);
                End client = Ends.client(server.port())) {
            awaitUp(server, client);
            awaitPathMtu(server, client);
            long beforeNs = Ends.processorTimeNs();
            long sinceNs = System.nanoTime();
            while (System.nanoTime() - sinceNs < Duration.ofMillis(500).toNanos()) {
                LockSupport.parkNanos(this, Duration.ofMillis(500).toNanos());
            }
            long tookMs = (Ends.processorTimeNs() - beforeNs) / 1_000_000;
            assertTrue(tookMs < 25, "six threads that should sleep took " + tookMs + " ms of 500");
        }
    }

    @Test
    void aServerThatIsBeingRestartedIsAskedOftenerThanOneConnectionWould() throws Exception {
        int port;
        try (End server = Ends.server(0)) {
            port = server.port();
            End client = Ends.client(port);
            try (client) {
                awaitUp(server, client);
                server.close();
                // Where the server was, somebody counts who knocks. One connection would do so with one ID, three
                // times.
                assertTrue(Ends.firstPackets(port, 4, Duration.ofSeconds(3)) >= 4, "first packets of connections");
                assertEquals(2, client.events(TunnelEvent.Connecting.class).size(), "one attempt to the operator");
            }
        }
    }

    @Test
    void aServerHearsAtOnceThatItsClientHasGone() throws Exception {
        try (End server = Ends.server(0)) {
            End client = Ends.client(server.port());
            awaitUp(client, server);
            client.close();
            TunnelEvent.Down down = server.await(TunnelEvent.Down.class, 1);
            assertEquals(-1, down.retryInNs());
            assertTrue(down.reason().contains("shutting down"), down.reason());
            assertNull(server.tunnel().statistics().session());
        }
    }

    @Test
    void aNameThatIsNotFoundIsAFailedAttemptAndNothingMore() throws Exception {
        try (End client = Ends.client(1500, Tunnel.client("no-such-host.invalid", 4433))) {
            TunnelEvent.Down down = client.await(TunnelEvent.Down.class, 2);
            assertTrue(down.reason().contains("no-such-host.invalid"), down.reason());
            client.await(TunnelEvent.Connecting.class, 3);
        }
    }

    @Test
    void aDeviceToBindToThatIsMissingIsWaitedFor() throws Exception {
        TunnelBuilder builder = Tunnel.client("127.0.0.1", 4433).bind(Bind.device("nosuchdev0"));
        try (End client = Ends.client(1500, builder)) {
            assertEquals(
                    new TunnelEvent.Waiting("nosuchdev0", "not there"), client.await(TunnelEvent.Waiting.class, 1));
            assertTrue(client.tunnel().isResponsive(Ends.PATIENCE));
            assertEquals(1, client.events().size(), client.events()::toString);
        }
    }

    @Test
    void withoutNewsOfItsDeviceAClientTriesOn() throws Exception {
        TunnelBuilder builder = Tunnel.client("127.0.0.1", 4433)
                .bind(Bind.device("nosuchdev0"))
                .wan(device -> {
                    throw new IOException("no netlink here");
                });
        try (End client = Ends.client(1500, builder)) {
            TunnelEvent.Down down = client.await(TunnelEvent.Down.class, 2);
            assertTrue(down.reason().contains("nosuchdev0"), down.reason());
            client.await(TunnelEvent.Connecting.class, 3);
        }
    }

    @Test
    void closingTakesLessThanASecondAndLeavesNoThread() throws Exception {
        for (int round = 0; round < 3; round++) {
            End server = Ends.server(0);
            End client = Ends.client(server.port());
            if (round > 0) {
                awaitUp(client, server);
            }
            for (End end : List.of(client, server)) {
                long begunNs = System.nanoTime();
                end.tunnel().close();
                long tookNs = System.nanoTime() - begunNs;
                assertTrue(tookNs < Duration.ofSeconds(1).toNanos(), "took " + tookNs / 1_000_000 + " ms");
                TunnelEvent.Closed closed = end.await(TunnelEvent.Closed.class, 1);
                assertNull(closed.failure());
                assertEquals(TunnelEvent.Closed.class, end.events().getLast().getClass());
                end.close();
            }
            for (Thread thread : Thread.getAllStackTraces().keySet()) {
                assertFalse(thread.getName().matches("(client|server)-(quic|tun)"), thread.getName());
            }
        }
    }

    @Test
    void closingWhileItDialsInVainIsAsQuick() throws Exception {
        try (End client = Ends.client(1500, Tunnel.client("127.0.0.1", 9))) {
            client.await(TunnelEvent.Connecting.class, 1);
            long begunNs = System.nanoTime();
            client.tunnel().close();
            assertTrue(System.nanoTime() - begunNs < Duration.ofSeconds(1).toNanos());
            assertFalse(client.tunnel().awaitUp(Duration.ofSeconds(1)));
        }
    }

    @Test
    void aListenerMayCloseTheTunnel() throws Exception {
        try (End server = Ends.server(0);
                End client = Ends.client(
                        1500, Tunnel.client("127.0.0.1", server.port()).queuePackets(64))) {
            awaitUp(client, server);
            MemoryTun tun = new MemoryTun("third", 1500, 16);
            Tunnel third = Tunnel.client("no-such-host.invalid", 4433)
                    .tun(tun)
                    .clientTls(io.mpquic.quic.tls.TlsClientConfig.builder()
                            .alpn("mpquic-test")
                            .insecure()
                            .build())
                    .listener((tunnel, event) -> {
                        if (event instanceof TunnelEvent.Down) {
                            tunnel.close();
                        }
                    })
                    .build();
            third.start();
            Ends.await(
                    "closed from its listener",
                    () -> Thread.getAllStackTraces().keySet().stream()
                            .noneMatch(t -> t.getName().equals("mpquic-quic")));
            third.close();
        }
    }

    @Test
    void aDeviceThatVanishesEndsTheTunnelWithAReason() throws Exception {
        try (End server = Ends.server(0);
                End client = Ends.client(server.port())) {
            awaitUp(client, server);
            client.tun().close();
            TunnelEvent.Closed closed = client.await(TunnelEvent.Closed.class, 1);
            assertTrue(closed.failure() instanceof IOException, "failure: " + closed.failure());
            assertFalse(client.tunnel().isUp());
            TunnelEvent.Down down = server.await(TunnelEvent.Down.class, 1);
            assertTrue(down.reason().contains("shutting down"), down.reason());
        }
    }

    @Test
    void anInterfaceThatIsDownCountsAsADropAndNotAsAnEnd() throws Exception {
        try (End server = Ends.server(0);
                End client = Ends.client(server.port())) {
            awaitUp(client, server);
            server.tun().setUp(false);
            assertTrue(client.tun().inject(udp4(100, 1)));
            Ends.await("refused", () -> server.tunnel().statistics().drops().get(DropCause.RECEIVE_HOST_REFUSED) == 1);
            server.tun().setUp(true);
            assertCarries(client, server, udp4(100, 2));
            assertCountsAddUp(server);
        }
    }

    @Test
    void aTunnelIsStartedOnce() throws Exception {
        try (End server = Ends.server(0)) {
            assertThrows(IllegalStateException.class, () -> server.tunnel().start());
        }
        assertThrows(IllegalStateException.class, () -> Tunnel.server(0).build());
        assertThrows(IllegalArgumentException.class, () -> Tunnel.client("host", 0));
    }
}
