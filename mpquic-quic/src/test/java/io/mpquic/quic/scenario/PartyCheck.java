package io.mpquic.quic.scenario;

import io.mpquic.quic.connection.CloseReason;
import io.mpquic.quic.connection.ConnectionProbe;
import io.mpquic.quic.connection.ConnectionStatistics;
import io.mpquic.quic.connection.QuicConnection;
import io.mpquic.quic.recovery.LossRecovery;
import io.mpquic.quic.recovery.RecoveryProbe;
import io.mpquic.quic.wire.TransportError;
import java.util.Map;

/** What must hold for one end after each step. */
final class PartyCheck {
    /** How much later than a deadline a punctual driver may look. */
    private static final long SLACK_NS = 100_000_000;
    /** Larger than any bound of the stack, but for the rings of sent packets. */
    private static final int MOST_ELEMENTS = 2_048;
    /** What an endpoint without connections may keep: tokens, above all. */
    private static final int MOST_AT_REST = 64;

    private static final int MOST_ARRAY = 1 << 17;
    /** What a stream takes from its application before the peer has it. */
    private static final int MOST_STREAM_BYTES = 1 << 20;

    private final Party party;
    private final Ledger ledger;
    private final Findings findings;
    private final Scenario scenario;

    PartyCheck(Party party, Ledger ledger, Findings findings, Scenario scenario) {
        this.party = party;
        this.ledger = ledger;
        this.findings = findings;
        this.scenario = scenario;
    }

    /**
     * After each step.
     *
     * @param behind whether the driver has not yet done what is due by the clock
     */
    void check(long nowNs, boolean behind) {
        for (ConnectionWatch watch : party.watches) {
            QuicConnection connection = watch.connection;
            if (connection != null && watch.isOpen()) {
                checkBytesInFlight(watch, connection);
                checkMessages(watch, connection);
                if (!behind) {
                    checkIdle(watch, connection, nowNs);
                }
            }
        }
    }

    private void checkBytesInFlight(ConnectionWatch watch, QuicConnection connection) {
        LossRecovery recovery = ConnectionProbe.recovery(connection);
        long counted = RecoveryProbe.outstandingBytes(recovery);
        findings.check(
                recovery.bytesInFlight() == counted,
                Invariant.BYTES_IN_FLIGHT,
                watch.name() + ": " + recovery.bytesInFlight() + " bytes in flight, but " + counted + " outstanding");
    }

    private void checkMessages(ConnectionWatch watch, QuicConnection connection) {
        ConnectionStatistics statistics = connection.statistics();
        // Those that wait when a connection ends count as dropped.
        int waiting = connection.isClosing() ? 0 : ConnectionProbe.queuedDatagrams(connection);
        long fates = statistics.datagramsSent() + statistics.datagramsDropped() + waiting;
        findings.check(
                ledger.acceptedOn(connection) == fates,
                Invariant.ACCOUNTING,
                watch.name() + " took " + ledger.acceptedOn(connection) + " messages, and knows the fate of " + fates);
        findings.check(
                ledger.deliveredOn(connection) == statistics.datagramsReceived(),
                Invariant.ACCOUNTING,
                watch.name() + " received " + statistics.datagramsReceived() + " messages, and delivered "
                        + ledger.deliveredOn(connection));
    }

    private void checkIdle(ConnectionWatch watch, QuicConnection connection, long nowNs) {
        long idleNs = connection.isEstablished()
                ? Math.min(scenario.ends().clientIdleNs(), scenario.ends().serverIdleNs())
                : Math.max(scenario.ends().clientIdleNs(), scenario.ends().serverIdleNs());
        // The first packet that asks for an answer starts the time again, once.
        long mostNs = 2 * Math.max(idleNs, 3 * ConnectionProbe.ptoNs(connection)) + scenario.mostLateNs() + SLACK_NS;
        findings.check(
                nowNs - watch.lastReceivedNs <= mostNs,
                Invariant.IDLE_TIMEOUT,
                watch.name() + " lives on " + (nowNs - watch.lastReceivedNs) / 1_000_000 + " ms after the last packet");
    }

    /** Now and then: the walk through all state takes time. */
    void checkBounds() {
        for (Map.Entry<String, Integer> size : StateSize.of(party.endpoint).entrySet()) {
            int most = mostOf(size.getKey());
            findings.check(size.getValue() <= most, Invariant.BOUNDED, party.side + ": " + size);
        }
    }

    private static int mostOf(String what) {
        if (what.startsWith("ByteRing.")) {
            return MOST_STREAM_BYTES;
        }
        return what.startsWith("SentPackets.") || what.endsWith("[]") ? MOST_ARRAY : MOST_ELEMENTS;
    }

    /** When all connections are gone. */
    void checkNothingIsLeft() {
        for (Map.Entry<String, Integer> size : StateSize.of(party.endpoint).entrySet()) {
            findings.check(
                    size.getKey().endsWith("[]") || size.getValue() <= MOST_AT_REST,
                    Invariant.BOUNDED,
                    party.side + " keeps without connections: " + size);
        }
        int ids = StateSize.of(party.endpoint).getOrDefault("ConnectionTable.byId", 0);
        findings.check(ids == 0, Invariant.BOUNDED, party.side + " keeps " + ids + " connection IDs");
    }

    /** At the end: why each connection ended. */
    void checkReasons(Party other, boolean restarted) {
        for (ConnectionWatch watch : party.watches) {
            CloseReason reason = watch.closed;
            if (reason != null) {
                findings.check(
                        fits(watch, reason, other, restarted),
                        Invariant.CLOSE_REASON,
                        watch.name() + " ended without cause: " + reason);
                findings.check(
                        watch.abandoned || watch.connection == null || watch.closedEvents == 1,
                        Invariant.CLOSE_REASON,
                        watch.name() + " told " + watch.closedEvents + " times that it ended");
            }
        }
    }

    private boolean fitsPeer(CloseReason reason, Party other) {
        if (reason.application()) {
            return other.hasClosed() && reason.errorCode() == Party.CLOSE_CODE;
        }
        // RFC 9000 §8.1.2: a token is good for the address and the process that it was made for.
        return reason.errorCode() == TransportError.INVALID_TOKEN
                ? scenario.ends().retry()
                : other.hasClosed() && reason.errorCode() == TransportError.APPLICATION_ERROR;
    }

    private boolean fits(ConnectionWatch watch, CloseReason reason, Party other, boolean restarted) {
        long earliestNs =
                Math.min(scenario.ends().clientIdleNs(), scenario.ends().serverIdleNs());
        return switch (reason.kind()) {
            case LOCAL -> party.hasClosed();
            case PEER -> fitsPeer(reason, other);
            case IDLE_TIMEOUT -> watch.closedNs - watch.lastReceivedNs >= earliestNs;
            case HANDSHAKE_TIMEOUT -> watch.closedNs - watch.openedNs >= 10_000_000_000L;
            case STATELESS_RESET ->
                party.side == Side.CLIENT
                        && (restarted || other.watches.stream().anyMatch(each -> !each.isOpen()));
            case PEER_FAULT, VERSION_NEGOTIATION, DEFECT -> false;
        };
    }
}
