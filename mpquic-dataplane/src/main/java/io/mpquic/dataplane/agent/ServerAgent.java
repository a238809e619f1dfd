package io.mpquic.dataplane.agent;

import io.mpquic.dataplane.PacketPath;
import io.mpquic.dataplane.TunnelEvent;
import io.mpquic.quic.connection.QuicConnection;
import io.mpquic.quic.connection.QuicEvent;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The worker of a server: listens, and carries packets with whichever client came last. A new session replaces the one
 * before at once: its client has restarted or moved, and waits.
 */
final class ServerAgent implements Lifecycle.Body {
    private final Settings settings;
    private final Settings.Server role;
    private final Duty duty;
    private final Waker waker;
    private final Pump pump;
    private final Tally tally;
    private final Consumer<TunnelEvent> events;
    private final Backoff backoff;
    private @Nullable Link link;
    private @Nullable Session session;
    private int port;

    ServerAgent(
            Settings settings,
            Settings.Server role,
            Duty duty,
            Waker waker,
            Pump pump,
            Tally tally,
            Consumer<TunnelEvent> events) {
        this.settings = settings;
        this.role = role;
        this.duty = duty;
        this.waker = waker;
        this.pump = pump;
        this.tally = tally;
        this.events = events;
        this.backoff = new Backoff(settings.random());
        this.port = role.port();
    }

    @Override
    public void run() {
        while (duty.checkIn()) {
            long begunNs = System.nanoTime();
            String reason = listen();
            if (!duty.checkIn()) {
                return;
            }
            long tookNs = System.nanoTime() - begunNs;
            long pauseNs = backoff.pauseNs(tookNs, tookNs);
            events.accept(new TunnelEvent.Down(reason, pauseNs));
            long deadlineNs = System.nanoTime() + pauseNs;
            for (long leftNs = pauseNs; leftNs > 0 && duty.checkIn(); leftNs = deadlineNs - System.nanoTime()) {
                pump.rest(leftNs);
            }
        }
    }

    /** Serves with one socket until it fails; says why it did. */
    private String listen() {
        try (Link opened = Link.server(settings, role, port, pump.tun(), pump.inbound()::flush, this::onDatagram)) {
            link = opened;
            waker.attach(opened.driver());
            // A port that the system chose stays the same when the socket is opened again.
            port = opened.localAddress().getPort();
            announce(opened);
            serve(opened);
            return CloseCode.SHUTDOWN.words();
        } catch (IOException e) {
            return Reasons.of(e);
        } finally {
            waker.detach();
            session = null;
            link = null;
            pump.onSessionOver();
        }
    }

    private void announce(Link opened) {
        PacketPath path = opened.packetPath();
        if (pump.board().show(path)) {
            events.accept(new TunnelEvent.PacketPathKnown(path));
        }
        events.accept(new TunnelEvent.Listening(opened.localAddress()));
    }

    private void serve(Link opened) throws IOException {
        while (true) {
            long nowNs = pump.receive(opened);
            acceptWaiting(nowNs);
            pollEvents(nowNs);
            if (!duty.checkIn()) {
                if (session != null) {
                    session.connection().close(CloseCode.SHUTDOWN.code(), CloseCode.SHUTDOWN.words(), nowNs);
                }
                opened.driver().flush(nowNs);
                return;
            }
            pump.send(opened, session, Long.MAX_VALUE);
        }
    }

    private void acceptWaiting(long nowNs) {
        Link opened = link;
        if (opened == null) {
            return;
        }
        for (QuicConnection c = opened.endpoint().pollAccepted();
                c != null;
                c = opened.endpoint().pollAccepted()) {
            adopt(opened, c, nowNs);
        }
    }

    /** Makes a connection whose handshake is complete the session, unless it is that already or is over. */
    private void adopt(Link opened, QuicConnection connection, long nowNs) {
        Session before = session;
        if (!connection.isEstablished() || (before != null && before.connection() == connection)) {
            return;
        }
        if (connection.maxDatagramBytes() == 0) {
            connection.close(CloseCode.NO_DATAGRAMS.code(), CloseCode.NO_DATAGRAMS.words(), nowNs);
            return;
        }
        if (before != null) {
            events.accept(new TunnelEvent.Replaced(before.remoteAddress(), connection.remoteAddress()));
            before.connection().close(CloseCode.REPLACED.code(), CloseCode.REPLACED.words(), nowNs);
            pump.onSessionOver();
        }
        session = new Session(opened, connection);
        tally.count(Counter.SESSIONS, 1);
        pollEvents(nowNs);
    }

    private void pollEvents(long nowNs) {
        Session current = session;
        if (current == null) {
            return;
        }
        QuicConnection connection = current.connection();
        for (QuicEvent event = connection.pollEvent(); event != null; event = connection.pollEvent()) {
            if (event instanceof QuicEvent.Closed closed) {
                session = null;
                pump.onSessionOver();
                events.accept(new TunnelEvent.Down(closed.reason().describe(), -1));
                return;
            }
            TunnelEvent meaning = current.onEvent(event, nowNs);
            if (meaning instanceof TunnelEvent.Up) {
                pump.board().show(current, nowNs);
            }
            if (meaning != null) {
                events.accept(meaning);
            }
        }
    }

    private void onDatagram(QuicConnection connection, MemorySegment buffer, long offset, int lengthBytes) {
        Session current = session;
        if (current == null || current.connection() != connection) {
            // The first packets of a new session may come in the same turn as the end of its handshake.
            long nowNs = System.nanoTime();
            acceptWaiting(nowNs);
            Link opened = link;
            if (opened != null) {
                adopt(opened, connection, nowNs);
            }
            current = session;
        }
        if (current != null && current.connection() == connection) {
            pump.inbound().packet(current, buffer, offset, lengthBytes);
        } else {
            pump.inbound().foreign(lengthBytes);
        }
    }
}
