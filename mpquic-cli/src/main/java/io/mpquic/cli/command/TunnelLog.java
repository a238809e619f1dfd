package io.mpquic.cli.command;

import io.mpquic.cli.log.Event;
import io.mpquic.dataplane.PacketPath;
import io.mpquic.dataplane.Tunnel;
import io.mpquic.dataplane.TunnelEvent;
import io.mpquic.dataplane.TunnelListener;
import java.lang.System.Logger.Level;

/** Writes what happens to a tunnel into the log, one line an event. */
final class TunnelLog implements TunnelListener {
    private final String instance;
    private final InstanceLog log;

    TunnelLog(String instance, InstanceLog log) {
        this.instance = instance;
        this.log = log;
    }

    @Override
    public void onEvent(Tunnel tunnel, TunnelEvent event) {
        log.write(level(event), line(event));
    }

    static Level level(TunnelEvent event) {
        return switch (event) {
            case TunnelEvent.PacketPathKnown _,
                    TunnelEvent.Listening _,
                    TunnelEvent.Connecting _,
                    TunnelEvent.Up _,
                    TunnelEvent.PathMtu _,
                    TunnelEvent.Replaced _,
                    TunnelEvent.Resumed _ -> Level.INFO;
            case TunnelEvent.Waiting _, TunnelEvent.Down _ -> Level.WARNING;
            case TunnelEvent.Closed closed -> closed.failure() == null ? Level.INFO : Level.ERROR;
        };
    }

    String line(TunnelEvent event) {
        Event line = switch (event) {
            case TunnelEvent.PacketPathKnown known -> packetPath(known.path());
            case TunnelEvent.Listening listening -> of("listening").withAddress("local", listening.local());
            case TunnelEvent.Connecting connecting ->
                of("connecting").with("remote", connecting.remote()).with("attempt", connecting.attempt());
            case TunnelEvent.Up up -> up(up);
            case TunnelEvent.PathMtu mtu -> of("path_mtu").with("max_packet_bytes", mtu.maxPacketBytes());
            case TunnelEvent.Replaced replaced ->
                of("replaced").withAddress("before", replaced.before()).withAddress("now", replaced.now());
            case TunnelEvent.Waiting waiting ->
                of("waiting").with("wan", waiting.wan()).with("reason", waiting.reason());
            case TunnelEvent.Resumed resumed -> of("resumed").with("wan", resumed.wan());
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

    private Event packetPath(PacketPath path) {
        return of("packet_path")
                .with("crypto", path.crypto())
                .with("socket", path.linuxSocket() ? "linux" : "jdk")
                .with("udp_gso", onOrOff(path.udpSegmentation()))
                .with("udp_gro", onOrOff(path.udpCoalescing()))
                .with("tun_offload", onOrOff(path.tunOffload()))
                .with("receive_buffer_bytes", path.receiveBufferBytes())
                .with("send_buffer_bytes", path.sendBufferBytes());
    }

    private static String onOrOff(boolean on) {
        return on ? "on" : "off";
    }

    private Event up(TunnelEvent.Up up) {
        Event line = of("up").withAddress("local", up.local())
                .withAddress("remote", up.remote())
                .withMs("handshake_ms", up.handshakeNs())
                .with("max_packet_bytes", up.maxPacketBytes());
        return up.peerCertificateName() == null ? line : line.with("peer", up.peerCertificateName());
    }

    private Event down(TunnelEvent.Down down) {
        Event line = of("down").with("reason", down.reason());
        return down.retryInNs() < 0 ? line : line.withMs("retry_ms", down.retryInNs());
    }
}
