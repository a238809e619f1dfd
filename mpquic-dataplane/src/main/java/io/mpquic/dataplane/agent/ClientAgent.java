package io.mpquic.dataplane.agent;

import io.mpquic.dataplane.TunnelEvent;
import java.util.function.Consumer;

/**
 * The worker of a client: waits for its WAN, dials, carries packets while the session lasts, and dials again, for ever.
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
    private final WanWatch wan;
    private final Consumer<TunnelEvent> events;
    private final Backoff backoff;
    private final NameLookup lookup;
    private final FirstAnswer firstAnswer = new FirstAnswer();

    ClientAgent(
            Settings settings,
            Settings.Client role,
            Duty duty,
            Waker waker,
            Pump pump,
            Tally tally,
            WanWatch wan,
            Consumer<TunnelEvent> events) {
        this.settings = settings;
        this.role = role;
        this.duty = duty;
        this.waker = waker;
        this.pump = pump;
        this.tally = tally;
        this.wan = wan;
        this.events = events;
        this.backoff = new Backoff(settings.random());
        this.lookup = new NameLookup(role.host());
    }

    @Override
    public void run() {
        while (awaitWan()) {
            events.accept(new TunnelEvent.Connecting(role.toString(), backoff.nextAttempt()));
            long begunNs = System.nanoTime();
            Attempt.Outcome outcome = attempt();
            while (outcome.next() == Attempt.Next.AGAIN && duty.checkIn()) {
                outcome = attempt();
            }
            if (!duty.checkIn()) {
                return;
            }
            switch (outcome.next()) {
                case AFTER_PAUSE, AGAIN -> {
                    long pauseNs = backoff.pauseNs(System.nanoTime() - begunNs, outcome.sessionNs());
                    WanCondition before = wan.condition();
                    events.accept(new TunnelEvent.Down(outcome.reason(), pauseNs));
                    pause(pauseNs, before);
                }
                case AT_ONCE -> {
                    backoff.reset();
                    events.accept(new TunnelEvent.Down(outcome.reason(), 0));
                }
                case WITH_WAN -> events.accept(new TunnelEvent.Down(outcome.reason(), -1));
            }
        }
    }

    private Attempt.Outcome attempt() {
        long patienceNs = firstAnswer.patienceNs(System.nanoTime());
        Attempt.Outcome outcome =
                new Attempt(settings, role, duty, waker, pump, tally, wan, events, patienceNs).run(lookup);
        if (outcome.sessionNs() > 0) {
            firstAnswer.onSessionOver(outcome.smoothedRttNs(), System.nanoTime());
        }
        return outcome;
    }

    /** Waits until the WAN can be used, without a try; false when the tunnel is to end. */
    private boolean awaitWan() {
        String reported = "";
        while (duty.checkIn()) {
            if (!(wan.condition() instanceof WanCondition.Unusable(String reason))) {
                return true;
            }
            if (!reason.equals(reported)) {
                reported = reason;
                backoff.reset();
                events.accept(new TunnelEvent.Waiting(wan.device(), reason));
                continue;
            }
            pump.rest(Long.MAX_VALUE);
        }
        return false;
    }

    /** Waits for the next attempt, but no longer when the WAN has changed: what failed before may work now. */
    private void pause(long pauseNs, WanCondition before) {
        long deadlineNs = System.nanoTime() + pauseNs;
        for (long leftNs = pauseNs; leftNs > 0 && duty.checkIn(); leftNs = deadlineNs - System.nanoTime()) {
            if (!wan.condition().equals(before)) {
                backoff.reset();
                return;
            }
            pump.rest(leftNs);
        }
    }
}
