package io.mpquic.dataplane.agent;

import io.mpquic.dataplane.TunnelEvent;
import io.mpquic.quic.connection.QuicConnection;
import io.mpquic.quic.connection.QuicEvent;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The worker of a client: dials, carries packets while the session lasts, and dials again, for ever.
 *
 * <p>Each attempt looks the name up and opens a socket anew: so a WAN that came back with another address, or an
 * interface that was away, needs no case of its own.
 */
final class ClientAgent implements Lifecycle.Body {
    private final Settings settings;
    private final Settings.Client role;
    private final Duty duty;
    private final Waker waker;
    private final Pump pump;
    private final Tally tally;
    private final Consumer<TunnelEvent> events;
    private final Backoff backoff;
    private final NameLookup lookup;
    private @Nullable Session session;
    private long sessionNs;

    ClientAgent(
            Settings settings,
            Settings.Client role,
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
        this.lookup = new NameLookup(role.host());
    }

    @Override
    public void run() {
        while (duty.checkIn()) {
            events.accept(new TunnelEvent.Connecting(role.toString(), backoff.nextAttempt()));
            long begunNs = System.nanoTime();
            sessionNs = 0;
            String reason = attempt();
            if (!duty.checkIn()) {
                return;
            }
            long pauseNs = backoff.pauseNs(System.nanoTime() - begunNs, sessionNs);
            events.accept(new TunnelEvent.Down(reason, pauseNs));
            pause(pauseNs);
        }
    }

    /** Dials once and carries packets until the session is over; says why it is. */
    private String attempt() {
        try {
            InetAddress address = lookup.next(duty);
            try (Link link = Link.client(settings, role, address, pump.inbound(), this::onDatagram)) {
                waker.attach(link.driver());
                return drive(link, new InetSocketAddress(address, role.port()));
            } finally {
                waker.detach();
            }
        } catch (IOException e) {
            return Reasons.of(e);
        } finally {
            Session last = session;
            sessionNs = last == null ? 0 : last.ageNs(System.nanoTime());
            session = null;
            pump.onSessionOver();
        }
    }

    private String drive(Link link, InetSocketAddress remote) throws IOException {
        QuicConnection connection = link.endpoint().connect(remote, System.nanoTime());
        Session current = new Session(link, connection);
        PeerSilence silence = new PeerSilence(settings.peerSilenceNs());
        session = current;
        while (true) {
            long nowNs = pump.receive(link);
            for (QuicEvent event = connection.pollEvent(); event != null; event = connection.pollEvent()) {
                if (event instanceof QuicEvent.Closed closed) {
                    return closed.reason().describe();
                }
                onEvent(current, event, nowNs);
            }
            long unansweredNs = current.isBegun() ? connection.unansweredNs(nowNs) : 0;
            boolean silent = silence.isTooLong(unansweredNs, link.endpoint().packetsUnroutable());
            CloseCode end = reasonToEnd(current, silent);
            if (end != null) {
                connection.close(end.code(), end.words(), nowNs);
                link.driver().flush(nowNs);
                return end.words();
            }
            pump.send(link, current, silence.leftNs(unansweredNs));
        }
    }

    private void onEvent(Session current, QuicEvent event, long nowNs) {
        TunnelEvent meaning = current.onEvent(event, nowNs);
        if (meaning instanceof TunnelEvent.Up) {
            tally.count(Counter.SESSIONS, 1);
            pump.board().show(current, nowNs);
        }
        if (meaning != null) {
            events.accept(meaning);
        }
    }

    private @Nullable CloseCode reasonToEnd(Session current, boolean silent) {
        if (!duty.checkIn()) {
            return CloseCode.SHUTDOWN;
        }
        if (!current.isBegun()) {
            return null;
        }
        if (current.connection().isEstablished() && current.maxPacketBytes() == 0) {
            return CloseCode.NO_DATAGRAMS;
        }
        return silent ? CloseCode.SILENCE : null;
    }

    private void onDatagram(QuicConnection connection, MemorySegment buffer, long offset, int lengthBytes) {
        Session current = session;
        if (current != null && current.connection() == connection) {
            pump.inbound().packet(current, buffer, offset, lengthBytes);
        } else {
            pump.inbound().foreign(lengthBytes);
        }
    }

    private void pause(long pauseNs) {
        long deadlineNs = System.nanoTime() + pauseNs;
        for (long leftNs = pauseNs; leftNs > 0 && duty.checkIn(); leftNs = deadlineNs - System.nanoTime()) {
            LockSupport.parkNanos(this, leftNs);
        }
    }
}
