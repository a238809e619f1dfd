package io.mpquic.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.dataplane.Namespaces.Program;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two hosts, real devices, real sockets. */
@Timeout(180)
class TunnelIT {
    /** As tcpdump writes them. */
    private static final String TO_SERVER = "> 10.1.0.2." + Namespaces.PORT;

    private static final String FROM_SERVER = "10.1.0.2." + Namespaces.PORT + " >";

    private Namespaces hosts;

    @BeforeEach
    void makeHosts() throws Exception {
        hosts = new Namespaces();
    }

    @AfterEach
    void removeHosts() throws Exception {
        if (hosts != null) {
            hosts.close();
        }
    }

    /**
     * One ping after the other: a ping of several counts its last answer as lost when that one takes twice as long as the
     * others, which says nothing on a busy machine.
     */
    private static String pings(int count, String arguments) {
        return "for i in $(seq " + count + "); do ping -q -c 1 -W 3 " + arguments + " || echo FAILED; done";
    }

    private void assertClientReaches(String arguments) throws Exception {
        String output = hosts.onClient("sh", "-c", pings(5, arguments));
        assertFalse(output.contains("FAILED"), output);
    }

    private void assertServerReaches(String arguments) throws Exception {
        String output = hosts.onServer("sh", "-c", pings(5, arguments));
        assertFalse(output.contains("FAILED"), output);
    }

    private Program connect() throws Exception {
        Program server = hosts.startServer();
        server.await("Listening", 1);
        Program client = hosts.startClient(1);
        client.await("PathMtu", 1);
        server.await("PathMtu", 1);
        return client;
    }

    @Test
    void echoesOfEverySizeComeBack() throws Exception {
        connect();
        // ping sweeps sizes only in some versions: a shell loop does it everywhere.
        String output = hosts.onClient(
                "sh",
                "-c",
                "for s in $(seq 0 1272); do ping -q -c 1 -W 2 -s $s 10.9.0.2 >/dev/null || echo lost $s; done; echo end");
        assertTrue(output.strip().equals("end"), output);
    }

    @Test
    void packetsOfBothVersionsGoBothWays() throws Exception {
        connect();
        assertClientReaches("10.9.0.2");
        assertServerReaches("10.9.0.1");
        assertClientReaches("-6 -s 1232 fd09::2");
        assertServerReaches("-6 fd09::1");
    }

    @Test
    void aPacketThatIsTooBigIsReportedToItsSender() throws Exception {
        connect();
        String ping = hosts.onClient("ping", "-c", "2", "-i", "0.2", "-W", "1", "-M", "do", "-s", "3000", "10.9.0.2");
        assertTrue(ping.contains("Frag needed") || ping.contains("message too long"), ping);
        String route = hosts.onClient("ip", "route", "get", "10.9.0.2");
        assertTrue(route.contains("mtu "), "the host has learnt the MTU: " + route);
        String ping6 =
                hosts.onClient("ping", "-6", "-c", "2", "-i", "0.2", "-W", "1", "-M", "do", "-s", "3000", "fd09::2");
        assertTrue(ping6.contains("too big") || ping6.contains("message too long"), ping6);
        assertClientReaches("10.9.0.2");
    }

    @Test
    void aPacketThatMayBeCutArrives() throws Exception {
        connect();
        assertClientReaches("-M dont -s 3000 10.9.0.2");
    }

    @Test
    void aClientThatWasKilledAndComesBackIsServedAtOnce() throws Exception {
        Program client = connect();
        client.kill();
        Program again = hosts.startClient(1);
        again.await("Up", 1);
        assertClientReaches("10.9.0.2");
        assertServerReaches("10.9.0.1");
    }

    @Test
    void aClientFindsAServerThatWasKilledAndComesBack() throws Exception {
        Program server = hosts.startServer();
        server.await("Listening", 1);
        Program client = hosts.startClient(1);
        client.await("Up", 1);
        server.kill();
        Program again = hosts.startServer();
        again.await("Listening", 1);
        // Something must be sent for the client to notice that nobody answers.
        hosts.onClient("ping", "-q", "-c", "1", "-W", "1", "10.9.0.2");
        client.await("Up", 2);
        assertClientReaches("10.9.0.2");
    }

    @Test
    void aTunnelThatIsBoundToADeviceUsesNoOther() throws Exception {
        Program server = hosts.startServer();
        server.await("Listening", 1);
        // The routes prefer the first WAN for the address that it dials; only a packet tied to the second takes that
        // one.
        hosts.onClient("ip", "route", "add", "10.1.0.0/24", "via", "10.2.0.2", "dev", "wan2", "metric", "10");
        // The server must answer from the address that was dialled; the client takes no packets from another.
        hosts.onServer("ip", "route", "add", "10.2.0.1/32", "dev", "wan2", "src", "10.1.0.2");
        Program ownWan = hosts.captureOnClient("wan2");
        Program otherWan = hosts.captureOnClient("wan1");
        Program client = hosts.startClient(1, "wan2");
        client.await("Up", 1);
        assertClientReaches("10.9.0.2");
        hosts.onClient("ip", "link", "set", "wan2", "down");
        hosts.onClient("ping", "-q", "-c", "3", "-i", "0.2", "-W", "1", "10.9.0.2");
        client.await("Down", 1);
        hosts.onClient("ip", "link", "set", "wan2", "up");
        hosts.onClient("ip", "route", "add", "10.1.0.0/24", "via", "10.2.0.2", "dev", "wan2", "metric", "10");
        client.await("Up", 2);
        assertClientReaches("10.9.0.2");
        ownWan.end();
        otherWan.end();
        // Every packet of both sessions, handshakes and pings, is here; and while the WAN was away none fled to the
        // other.
        assertTrue(ownWan.count(TO_SERVER) > 20 && ownWan.count(FROM_SERVER) > 20, ownWan::toString);
        assertEquals(0, otherWan.count("." + Namespaces.PORT), otherWan::toString);
    }
}
