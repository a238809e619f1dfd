package io.mpquic.dataplane;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.dataplane.Ends.End;
import io.mpquic.quic.connection.TransportSettings;
import io.mpquic.tun.Cidr;
import io.mpquic.tun.InterfaceState;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** A client whose interface comes and goes, over loopback: the test says how the interface is. */
@EnabledOnOs(OS.LINUX)
@Timeout(60)
class WanEventsTest {
    private static final Cidr OTHER = Cidr.parse("127.0.0.9/8");

    private final FakeWan wan = new FakeWan();

    private TunnelBuilder builder(int port) {
        return Tunnel.client("127.0.0.1", port)
                .bind(Bind.device(FakeWan.DEVICE))
                .wan(device -> wan);
    }

    private End client(int port) throws Exception {
        return Ends.client(1500, builder(port));
    }

    private static void assertCarries(End from, End to) throws InterruptedException {
        byte[] packet = Packets.ipv4(0x4000, Packets.UDP, new byte[0], Packets.payload(100, 1));
        assertTrue(from.tun().inject(packet));
        assertArrayEquals(packet, to.tun().take(Ends.PATIENCE.toNanos()));
    }

    private static TunnelEvent.Waiting waiting(String reason) {
        return new TunnelEvent.Waiting(FakeWan.DEVICE, reason);
    }

    @Test
    void aClientWaitsForItsWanWithoutATryAndDialsAtOnceWhenItCanBeUsed() throws Exception {
        try (End server = Ends.server(0);
                End client = client(server.port())) {
            assertEquals(waiting("not there"), client.await(TunnelEvent.Waiting.class, 1));
            wan.set(new InterfaceState(FakeWan.DEVICE, 1, false, false, 1500, List.of()));
            assertEquals(waiting("down"), client.await(TunnelEvent.Waiting.class, 2));
            wan.set(new InterfaceState(FakeWan.DEVICE, 1, true, false, 1500, List.of()));
            assertEquals(waiting("no carrier"), client.await(TunnelEvent.Waiting.class, 3));
            wan.usable(1, Cidr.parse("2001:db8::1/64"));
            assertEquals(waiting("no address"), client.await(TunnelEvent.Waiting.class, 4));
            assertTrue(client.tunnel().isResponsive(Ends.PATIENCE));
            assertEquals(4, client.events().size(), client.events()::toString);
            wan.usable();
            client.await(TunnelEvent.Up.class, 1);
            assertEquals(1, client.await(TunnelEvent.Connecting.class, 1).attempt());
            assertCarries(client, server);
            assertEquals(List.of(), client.events(TunnelEvent.Down.class));
        }
    }

    @Test
    void aClientThatWaitsIsClosedAsQuicklyAsAnyOther() throws Exception {
        try (End client = client(4433)) {
            client.await(TunnelEvent.Waiting.class, 1);
            long begunNs = System.nanoTime();
            client.tunnel().close();
            assertTrue(System.nanoTime() - begunNs < Duration.ofSeconds(1).toNanos());
            client.await(TunnelEvent.Closed.class, 1);
            assertTrue(wan.isClosed());
        }
    }

    @Test
    void aSessionOutlivesAShortLossOfItsWan() throws Exception {
        wan.usable();
        try (End server = Ends.server(0);
                End client = client(server.port())) {
            client.await(TunnelEvent.Up.class, 1);
            wan.withoutCarrier();
            assertEquals(waiting("no carrier"), client.await(TunnelEvent.Waiting.class, 1));
            assertTrue(client.tunnel().isUp(), "the session is still there");
            wan.usable();
            client.await(TunnelEvent.Resumed.class, 1);
            assertCarries(client, server);
            assertCarries(server, client);
            assertEquals(0, migrations(client), "the address is the same");
            assertEquals(1, client.tunnel().statistics().sessions());
        }
    }

    @Test
    void aSessionWhoseWanStaysAwayEndsWithItsReasonAndTheTunnelWaits() throws Exception {
        wan.usable();
        try (End server = Ends.server(0);
                End client = Ends.client(1500, builder(server.port()).peerSilence(Duration.ofMillis(300)))) {
            client.await(TunnelEvent.Up.class, 1);
            wan.withoutCarrier();
            assertEquals(new TunnelEvent.Down("WAN lo: no carrier", -1), client.await(TunnelEvent.Down.class, 1));
            client.await(TunnelEvent.Waiting.class, 2);
            wan.usable();
            client.await(TunnelEvent.Up.class, 2);
            assertEquals(1, client.await(TunnelEvent.Connecting.class, 2).attempt());
            assertCarries(client, server);
        }
    }

    @Test
    void aServerFollowsAnAddressThatHasChangedAndTheSessionGoesOn() throws Exception {
        wan.usable();
        try (End server = Ends.server(0);
                End client = client(server.port())) {
            assertFollowed(client, server, 1);
        }
    }

    // RFC 9000 §18.2: then the client does not move on purpose, and is followed like one behind a NAT.
    @Test
    void aServerThatForbidsMigrationIsAskedUnderTheSameId() throws Exception {
        wan.usable();
        TransportSettings still =
                TransportSettings.builder().activeMigration(false).build();
        try (End server = Ends.server(0, 1500, Tunnel.server(0).transport(still));
                End client = client(server.port())) {
            assertFollowed(client, server, 0);
        }
    }

    private void assertFollowed(End client, End server, long migrations) throws InterruptedException {
        client.await(TunnelEvent.PathMtu.class, 1);
        long before = packetsSent(client);
        wan.usable(1, OTHER);
        Ends.await("the path is asked", () -> packetsSent(client) > before);
        assertCarries(client, server);
        assertEquals(List.of(), client.events(TunnelEvent.Down.class));
        assertEquals(migrations, migrations(client));
        assertEquals(1, client.tunnel().statistics().sessions());
    }

    private static long migrations(End client) {
        TunnelStatistics.Session session = client.tunnel().statistics().session();
        return session == null ? -1 : session.connection().migrations();
    }

    private static long packetsSent(End client) {
        TunnelStatistics.Session session = client.tunnel().statistics().session();
        return session == null ? 0 : session.connection().packetsSent();
    }

    @Test
    void aServerThatDoesNotFollowIsDialledAnewWithoutAPause() throws Exception {
        wan.usable();
        try (End server = Ends.server(0);
                ForgetfulNat nat = new ForgetfulNat(server.port());
                End client = client(nat.port())) {
            client.await(TunnelEvent.PathMtu.class, 1);
            nat.forget();
            long begunNs = System.nanoTime();
            wan.usable(1, OTHER);
            TunnelEvent.Up again = client.await(TunnelEvent.Up.class, 2);
            long tookMs = (System.nanoTime() - begunNs) / 1_000_000;
            assertTrue(tookMs < 3_000, tookMs + " ms");
            assertNotEquals(client.await(TunnelEvent.Up.class, 1).local(), again.local());
            assertEquals(new TunnelEvent.Down("the WAN has changed", 0), client.await(TunnelEvent.Down.class, 1));
            assertEquals(1, client.await(TunnelEvent.Connecting.class, 2).attempt());
            assertCarries(client, server);
        }
    }

    @Test
    void anInterfaceThatWasMadeAnewIsDialledAtOnce() throws Exception {
        wan.usable();
        try (End server = Ends.server(0);
                End client = client(server.port())) {
            client.await(TunnelEvent.Up.class, 1);
            wan.set(null);
            assertEquals(waiting("not there"), client.await(TunnelEvent.Waiting.class, 1));
            wan.usable(2, FakeWan.HOME);
            client.await(TunnelEvent.Up.class, 2);
            assertEquals(0, client.await(TunnelEvent.Down.class, 1).retryInNs());
            assertCarries(client, server);
        }
    }

    @Test
    void aPauseBetweenAttemptsEndsWithAChangeOfTheWan() throws Exception {
        wan.usable();
        long shortNs = Duration.ofMillis(20).toNanos();
        TransportSettings impatient =
                TransportSettings.builder().handshakeTimeoutNs(shortNs).build();
        try (End client = Ends.client(1500, builder(9).transport(impatient))) {
            client.await(TunnelEvent.Down.class, 5);
            wan.usable(1, OTHER);
            Ends.await(
                    "a first attempt after many",
                    () -> client.events(TunnelEvent.Connecting.class).stream()
                            .skip(5)
                            .anyMatch(connecting -> connecting.attempt() == 1));
        }
    }

    @Test
    void aTunnelLivesOnWhenTheSystemTellsNothingAnyMore() throws Exception {
        wan.usable();
        try (End server = Ends.server(0);
                End client = client(server.port())) {
            client.await(TunnelEvent.Up.class, 1);
            wan.withoutCarrier();
            client.await(TunnelEvent.Waiting.class, 1);
            wan.fail();
            client.await(TunnelEvent.Resumed.class, 1);
            assertCarries(client, server);
            assertTrue(client.tunnel().isResponsive(Ends.PATIENCE));
        }
    }
}
