package io.mpquic.cli.service;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mpquic.dataplane.TunnelEvent;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

class StatusTextTest {
    static final InetSocketAddress LOCAL = address("198.18.1.2", 38211);
    static final InetSocketAddress REMOTE = address("203.0.113.7", 45001);
    static final TunnelEvent.Up UP = new TunnelEvent.Up(LOCAL, REMOTE, 1_000_000, 1162, null);
    static final InstantSource NOON = InstantSource.fixed(Instant.parse("2026-01-31T12:00:00.987Z"));

    private static final String UP_TEXT =
            "up local=198.18.1.2:38211 remote=203.0.113.7:45001" + " since=2026-01-31T12:00:00Z";

    private final StatusText text = new StatusText(NOON);

    @Test
    void aClientIsConnectingThenUpThenDown() {
        assertText(
                "connecting remote=vps.example.net:45001 attempt=2",
                new TunnelEvent.Connecting("vps.example.net:45001", 2));
        assertText(UP_TEXT, UP);
        assertText(UP_TEXT + " max_packet_bytes=1414", new TunnelEvent.PathMtu(1414));
        assertText(UP_TEXT + " max_packet_bytes=1300", new TunnelEvent.PathMtu(1300));
        assertText("down reason=\"idle for 60 s\" retry_ms=250", new TunnelEvent.Down("idle for 60 s", 250_400_000));
    }

    @Test
    void aReasonIsInQuotesAlways() {
        assertText("down reason=\"closed\" retry_ms=0", new TunnelEvent.Down("closed", 0));
        assertText("waiting wan=enp7s3 reason=\"down\"", new TunnelEvent.Waiting("enp7s3", "down"));
        assertText("down reason=\"a \\\"b\\\"\\u000ac\" retry_ms=0", new TunnelEvent.Down("a \"b\"\nc", 0));
    }

    @Test
    void aSessionThatOutlivedItsWanIsUpSinceItBegan() {
        text.after(UP);
        text.after(new TunnelEvent.PathMtu(1414));
        assertText("waiting wan=enp7s3 reason=\"no carrier\"", new TunnelEvent.Waiting("enp7s3", "no carrier"));
        assertText("waiting wan=enp7s3 reason=\"no carrier\"", new TunnelEvent.PathMtu(1300));
        assertText(UP_TEXT + " max_packet_bytes=1300", new TunnelEvent.Resumed("enp7s3"));
    }

    @Test
    void aClientThatHasLostItsWanIsDownUntilItWaits() {
        assertText("down reason=\"WAN enp7s3: no carrier\"", new TunnelEvent.Down("WAN enp7s3: no carrier", -1));
    }

    @Test
    void aServerWithoutAClientListens() {
        String listening = "listening local=*:45001";
        assertText(listening, new TunnelEvent.Listening(address("::", 45001)));
        assertText(UP_TEXT, UP);
        assertText(UP_TEXT, new TunnelEvent.Replaced(LOCAL, REMOTE));
        assertText(listening, new TunnelEvent.Down("closed", -1));
        assertText("down reason=\"broken\" retry_ms=3000", new TunnelEvent.Down("broken", 3_000_000_000L));
    }

    private void assertText(String expected, TunnelEvent event) {
        assertEquals(expected, text.after(event));
    }

    private static InetSocketAddress address(String literal, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(literal), port);
    }
}
