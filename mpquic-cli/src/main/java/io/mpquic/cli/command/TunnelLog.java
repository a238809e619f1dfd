package io.mpquic.cli.command;

import io.mpquic.cli.log.Event;
import io.mpquic.dataplane.Tunnel;
import io.mpquic.dataplane.TunnelEvent;
import io.mpquic.dataplane.TunnelListener;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;

/** Writes what happens to a tunnel into the log, one line an event. */
final class TunnelLog implements TunnelListener {
    private final String instance;
    private final System.Logger logger;

    TunnelLog(String instance, System.Logger logger) {
        this.instance = instance;
        this.logger = logger;
    }

    @Override
    public void onEvent(Tunnel tunnel, TunnelEvent event) {
        logger.log(level(event), line(event));
    }

    static Level level(TunnelEvent event) {
        return switch (event) {
            case TunnelEvent.Listening _,
                    TunnelEvent.Connecting _,
                    TunnelEvent.Up _,
                    TunnelEvent.PathMtu _,
                    TunnelEvent.Replaced _ -> Level.INFO;
            case TunnelEvent.Down _ -> Level.WARNING;
            case TunnelEvent.Closed closed -> closed.failure() == null ? Level.INFO : Level.ERROR;
        };
    }

    String line(TunnelEvent event) {
        Event line = switch (event) {
            case TunnelEvent.Listening listening -> of("listening").with("local", text(listening.local()));
            case TunnelEvent.Connecting connecting ->
                of("connecting").with("remote", connecting.remote()).with("attempt", connecting.attempt());
            case TunnelEvent.Up up -> up(up);
            case TunnelEvent.PathMtu mtu -> of("path_mtu").with("max_packet_bytes", mtu.maxPacketBytes());
            case TunnelEvent.Replaced replaced ->
                of("replaced").with("before", text(replaced.before())).with("now", text(replaced.now()));
            case TunnelEvent.Down down -> down(down);
            case TunnelEvent.Closed closed ->
                closed.failure() == null
                        ? of("closed")
                        : of("failed")
                                .with("cause", String.valueOf(closed.failure().getMessage()));
        };
        return line.toString();
    }

    private Event of(String word) {
        return Event.of(word).with("instance", instance);
    }

    private Event up(TunnelEvent.Up up) {
        Event line = of("up").with("local", text(up.local()))
                .with("remote", text(up.remote()))
                .withMs("handshake_ms", up.handshakeNs())
                .with("max_packet_bytes", up.maxPacketBytes());
        return up.peerCertificateName() == null ? line : line.with("peer", up.peerCertificateName());
    }

    private Event down(TunnelEvent.Down down) {
        Event line = of("down").with("reason", down.reason());
        return down.retryInNs() < 0 ? line : line.withMs("retry_ms", down.retryInNs());
    }

    /** Address and port as one types them, {@code *} for any address; a name is never looked up for it. */
    static String text(InetSocketAddress address) {
        if (!address.isUnresolved() && address.getAddress().isAnyLocalAddress()) {
            return "*:" + address.getPort();
        }
        String host = address.isUnresolved()
                ? address.getHostString()
                : address.getAddress().getHostAddress();
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
    }
}
