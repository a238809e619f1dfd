package io.mpquic.dataplane.agent;

import io.mpquic.dataplane.TunnelEvent;
import io.mpquic.quic.connection.QuicConnection;
import io.mpquic.quic.connection.QuicEvent;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One attempt of a client: a socket, a handshake, and the session that comes of it. The worker's thread. */
final class Attempt {

    /** When the next attempt is to begin. */
    enum Next {
        /** Now, as a part of this one: the server has not answered, but may the next time. */
        AGAIN,
        /** After the pause that is due. */
        AFTER_PAUSE,
        /** Now: the WAN has changed, and the server is not to blame. */
        AT_ONCE,
        /** When the WAN can be used. */
        WITH_WAN
    }

    /**
     * What came of it.
     *
     * @param reason why it is over, in words
     * @param sessionNs how long its session lasted, in nanoseconds; 0 when there was none
     * @param smoothedRttNs the round-trip time of the session's path, in nanoseconds; 0 when there was none
     */
    record Outcome(String reason, Next next, long sessionNs, long smoothedRttNs) {}

    /** Why it is over, and when the next one begins. */
    private record End(String reason, Next next) {}

    private final Settings settings;
    private final Settings.Client role;
    private final Duty duty;
    private final Waker waker;
    private final Pump pump;
    private final Tally tally;
    private final WanWatch wan;
    private final Consumer<TunnelEvent> events;
    private final WanGuard guard;
    private final PeerSilence silence;
    private final long patienceNs;
    private @Nullable Session session;
    private long question;

    /**
     * Prepares an attempt.
     *
     * @param patienceNs how long the server may be without any answer, in nanoseconds
     */
    Attempt(
            Settings settings,
            Settings.Client role,
            Duty duty,
            Waker waker,
            Pump pump,
            Tally tally,
            WanWatch wan,
            Consumer<TunnelEvent> events,
            long patienceNs) {
        this.settings = settings;
        this.role = role;
        this.duty = duty;
        this.waker = waker;
        this.pump = pump;
        this.tally = tally;
        this.wan = wan;
        this.events = events;
        // Before there is a socket: what changes while it is opened then counts as a change.
        this.guard = new WanGuard(wan.condition(), settings.peerSilenceNs());
        this.silence = new PeerSilence(settings.peerSilenceNs());
        this.patienceNs = patienceNs;
    }

    /** Dials once and carries packets until the session is over. */
    Outcome run(NameLookup lookup) {
        End end;
        try {
            InetAddress address = lookup.next(duty);
            try (Link link = Link.client(settings, role, address, pump.inbound(), this::onDatagram)) {
                waker.attach(link.driver());
                end = drive(link, new InetSocketAddress(address, role.port()));
            } finally {
                waker.detach();
            }
        } catch (IOException e) {
            end = new End(Reasons.of(e), Next.AFTER_PAUSE);
        }
        Session last = session;
        session = null;
        pump.onSessionOver();
        if (last == null || !last.isBegun()) {
            return new Outcome(end.reason(), end.next(), 0, 0);
        }
        long rttNs = last.connection().statistics().smoothedRttNs();
        return new Outcome(end.reason(), end.next(), last.ageNs(System.nanoTime()), rttNs);
    }

    private End drive(Link link, InetSocketAddress remote) throws IOException {
        long dialledNs = System.nanoTime();
        QuicConnection connection = link.endpoint().connect(remote, dialledNs);
        Session current = new Session(link, connection);
        session = current;
        while (true) {
            long nowNs = pump.receive(link);
            for (QuicEvent event = connection.pollEvent(); event != null; event = connection.pollEvent()) {
                if (event instanceof QuicEvent.Closed closed) {
                    return new End(closed.reason().describe(), Next.AFTER_PAUSE);
                }
                onEvent(current, event, nowNs);
            }
            End lost = lookAtWan(link, current, nowNs);
            if (lost != null) {
                return lost;
            }
            long unansweredNs = current.isBegun() && guard.isSteady() ? connection.unansweredNs(nowNs) : 0;
            boolean silent = silence.isTooLong(unansweredNs, link.endpoint().packetsUnroutable());
            CloseCode end = reasonToEnd(current, silent);
            if (end != null) {
                return close(link, current, end, Next.AFTER_PAUSE, nowNs);
            }
            long answerLeftNs = answerLeftNs(current, nowNs - dialledNs);
            if (answerLeftNs == 0) {
                // Not closed: nobody is there to hear it, and a server that just starts is not to be bothered twice.
                return new End(CloseCode.SILENCE.words(), Next.AGAIN);
            }
            long leftNs = Math.min(silence.leftNs(unansweredNs), guard.leftNs(nowNs));
            pump.send(link, current, Math.min(leftNs, answerLeftNs));
        }
    }

    /** How long the server may be without any answer yet, in nanoseconds; 0: that is over. */
    private long answerLeftNs(Session current, long dialledForNs) {
        boolean answered =
                current.isBegun() || current.connection().statistics().packetsReceived() > 0;
        return answered ? Long.MAX_VALUE : Math.max(0, patienceNs - dialledForNs);
    }

    private static End close(Link link, Session current, CloseCode code, Next next, long nowNs) throws IOException {
        current.connection().close(code.code(), code.words(), nowNs);
        link.driver().flush(nowNs);
        return new End(code.words(), next);
    }

    /** Does what the WAN's condition asks for; says how the attempt ends when it is the end of it. */
    private @Nullable End lookAtWan(Link link, Session current, long nowNs) throws IOException {
        QuicConnection connection = current.connection();
        WanCondition condition = wan.condition();
        WanGuard.Action action = guard.look(condition, current.isBegun(), connection.isPathAnswered(question), nowNs);
        switch (action) {
            case GO_ON -> {}
            case REPORT_LOSS -> events.accept(new TunnelEvent.Waiting(wan.device(), guard.reason()));
            case REPORT_RETURN -> events.accept(new TunnelEvent.Resumed(wan.device()));
            case ASK_PATH -> {
                if (condition instanceof WanCondition.Usable usable) {
                    current.onWanChanged(usable, nowNs);
                }
                question = connection.probePath(nowNs);
                link.driver().flush(nowNs);
            }
            case REDIAL -> {
                return close(link, current, CloseCode.WAN_CHANGED, Next.AT_ONCE, nowNs);
            }
            case WAIT -> {
                // Nobody hears a word of it: the server finds out by its own silence limit, or by the next session.
                return new End("WAN " + wan.device() + ": " + guard.reason(), Next.WITH_WAN);
            }
        }
        return null;
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
}
