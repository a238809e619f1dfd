package io.mpquic.cli.service;

import io.mpquic.cli.log.Event;
import io.mpquic.dataplane.TunnelEvent;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;

/**
 * How a tunnel is, in one line whose first word is its state:
 *
 * <pre>
 *   listening local=*:45001                              a server without a client
 *   connecting remote=vps.example.net:45001 attempt=2    a client dials
 *   up local=... remote=... since=... [max_packet_bytes=...]
 *   down reason="idle for 60 s" retry_ms=250             a client between two attempts
 *   waiting wan=enp7s3 reason="no carrier"               a client whose interface cannot be used
 * </pre>
 *
 * <p>Scripts read it, so words and keys stay as they are. One thread at a time.
 */
final class StatusText {
    private static final long NS_PER_MS = 1_000_000;

    private final InstantSource clock;
    private String listening = "";
    private String session = "";
    private String packetSize = "";
    private String now = "starting";

    StatusText(InstantSource clock) {
        this.clock = clock;
    }

    /** The line after an event. */
    String after(TunnelEvent event) {
        now = switch (event) {
            case TunnelEvent.PacketPathKnown _ -> now;
            case TunnelEvent.Listening opened -> {
                listening = Event.of("listening")
                        .withAddress("local", opened.local())
                        .toString();
                yield listening;
            }
            case TunnelEvent.Connecting connecting ->
                Event.of("connecting")
                        .with("remote", connecting.remote())
                        .with("attempt", connecting.attempt())
                        .toString();
            case TunnelEvent.Up up -> {
                session = Event.of("up")
                        .withAddress("local", up.local())
                        .withAddress("remote", up.remote())
                        .with("since", clock.instant().truncatedTo(ChronoUnit.SECONDS))
                        .toString();
                packetSize = "";
                yield session;
            }
            case TunnelEvent.PathMtu mtu -> {
                boolean isUp = now.equals(session + packetSize);
                packetSize = " max_packet_bytes=" + mtu.maxPacketBytes();
                yield isUp ? session + packetSize : now;
            }
            case TunnelEvent.Waiting waiting ->
                Event.of("waiting")
                        .with("wan", waiting.wan())
                        .withText("reason", waiting.reason())
                        .toString();
            case TunnelEvent.Resumed _ -> session + packetSize;
            case TunnelEvent.Down down -> down(down);
            case TunnelEvent.Replaced _, TunnelEvent.Closed _ -> now;
        };
        return now;
    }

    private String down(TunnelEvent.Down down) {
        if (down.retryInNs() >= 0) {
            return Event.of("down")
                    .withText("reason", down.reason())
                    .with("retry_ms", down.retryInNs() / NS_PER_MS)
                    .toString();
        }
        // A server that has lost its client listens for the next.
        return listening.isEmpty()
                ? Event.of("down").withText("reason", down.reason()).toString()
                : listening;
    }
}
