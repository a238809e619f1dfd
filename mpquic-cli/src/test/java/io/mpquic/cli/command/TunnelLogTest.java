package io.mpquic.cli.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mpquic.dataplane.TunnelEvent;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

class TunnelLogTest {
    private static final InetSocketAddress LOCAL = address("198.18.1.2", 38211);
    private static final InetSocketAddress REMOTE = address("203.0.113.7", 45001);

    private final TunnelLog log =
            new TunnelLog("mpq1", new InstanceLog("mpq1", Level.INFO, System.getLogger("io.mpquic.cli.test")));

    @Test
    void everyEventIsOneLineThatBeginsWithItsWord() {
        assertLine("listening instance=mpq1 local=203.0.113.7:45001", new TunnelEvent.Listening(REMOTE));
        assertLine("listening instance=mpq1 local=*:45001", new TunnelEvent.Listening(address("::", 45001)));
        assertLine(
                "connecting instance=mpq1 remote=vps.example.net:45001 attempt=2",
                new TunnelEvent.Connecting("vps.example.net:45001", 2));
        assertLine(
                "up instance=mpq1 local=198.18.1.2:38211 remote=203.0.113.7:45001 handshake_ms=41.3"
                        + " max_packet_bytes=1162 peer=\"CN=mpquic demo\"",
                new TunnelEvent.Up(LOCAL, REMOTE, 41_260_000, 1162, "CN=mpquic demo"));
        assertLine(
                "up instance=mpq1 local=198.18.1.2:38211 remote=[2001:db8:0:0:0:0:0:7]:45001 handshake_ms=1.0"
                        + " max_packet_bytes=1162",
                new TunnelEvent.Up(LOCAL, address("2001:db8::7", 45001), 1_000_000, 1162, null));
        assertLine("path_mtu instance=mpq1 max_packet_bytes=1414", new TunnelEvent.PathMtu(1414));
        assertLine(
                "replaced instance=mpq1 before=198.18.1.2:38211 now=203.0.113.7:45001",
                new TunnelEvent.Replaced(LOCAL, REMOTE));
        assertLine(
                "down instance=mpq1 reason=\"idle for 60 s\" retry_ms=250.0",
                new TunnelEvent.Down("idle for 60 s", 250_000_000));
        assertLine("down instance=mpq1 reason=closed", new TunnelEvent.Down("closed", -1));
        assertLine(
                "waiting instance=mpq1 wan=enp7s3 reason=\"no carrier\"",
                new TunnelEvent.Waiting("enp7s3", "no carrier"));
        assertLine("resumed instance=mpq1 wan=enp7s3", new TunnelEvent.Resumed("enp7s3"));
        assertLine("closed instance=mpq1", new TunnelEvent.Closed(null));
        assertLine(
                "failed instance=mpq1 cause=\"the interface was deleted\"",
                new TunnelEvent.Closed(new IOException("the interface was deleted")));
    }

    @Test
    void whatNeedsAHandIsMoreThanInformation() {
        assertEquals(Level.INFO, TunnelLog.level(new TunnelEvent.Listening(LOCAL)));
        assertEquals(Level.WARNING, TunnelLog.level(new TunnelEvent.Down("idle", -1)));
        assertEquals(Level.WARNING, TunnelLog.level(new TunnelEvent.Waiting("enp7s3", "down")));
        assertEquals(Level.INFO, TunnelLog.level(new TunnelEvent.Resumed("enp7s3")));
        assertEquals(Level.INFO, TunnelLog.level(new TunnelEvent.Closed(null)));
        assertEquals(Level.ERROR, TunnelLog.level(new TunnelEvent.Closed(new IOException("gone"))));
    }

    @Test
    void aReasonFromThePeerCannotForgeALine() {
        assertLine(
                "down instance=mpq1 reason=\"bye\\u000aup instance=mpq1\"",
                new TunnelEvent.Down("bye\nup instance=mpq1", -1));
    }

    private void assertLine(String expected, TunnelEvent event) {
        assertEquals(expected, log.line(event));
    }

    private static InetSocketAddress address(String literal, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(literal), port);
    }
}
