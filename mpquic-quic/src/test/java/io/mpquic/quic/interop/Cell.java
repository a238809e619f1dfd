package io.mpquic.quic.interop;

import static io.mpquic.quic.interop.TestCertificate.LARGE;
import static io.mpquic.quic.interop.TestCertificate.SERVER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.connection.ConnectionStatistics;
import io.mpquic.quic.crypto.CipherSuite;
import java.io.IOException;
import java.nio.file.Path;

/** One pair of endpoints in one scenario: a cell of the table. */
record Cell(Make make, Role role, Scenario scenario) {
    /** Which part is ours. */
    enum Role {
        OUR_CLIENT("our client, its server"),
        OUR_SERVER("its client, our server");

        final String title;

        Role(String title) {
            this.title = title;
        }
    }

    /** Where what our side saw is kept while the cell is not known to pass. */
    Path folder(Path table) {
        return table.resolve(
                (make.title + "-" + role.name() + "-" + scenario.name()).toLowerCase(java.util.Locale.ROOT));
    }

    /**
     * How often the two may try. Kwik stops sending on a stream now and then, in about one of fifteen transfers, with
     * credit in hand and whatever the other end is: ngtcp2 and quic-go see it too.
     */
    int attempts() {
        return make == Make.KWIK && scenario == Scenario.STREAMS ? 4 : 1;
    }

    /** How long one of them may take: RFC 9002's timers under loss, on a machine that does something else as well. */
    long limitS() {
        return attempts() > 1 ? 8 : 25;
    }

    /** Fails when the two do not manage. */
    void run(CellLog log) throws IOException {
        CipherSuite[] suites = scenario == Scenario.CHACHA20
                ? new CipherSuite[] {CipherSuite.TLS_CHACHA20_POLY1305_SHA256}
                : CipherSuite.values();
        MpquicPeer ours = new MpquicPeer(log, suites);
        TestCertificate identity = scenario == Scenario.LARGE_CHAIN ? LARGE : SERVER;
        Peer.Task task = scenario.task(identity, make);
        Peer theirs = make.peer();
        boolean retry = scenario == Scenario.RETRY;
        switch (role) {
            case OUR_CLIENT -> {
                try (Peer.Server server = theirs.serve(identity, retry, null);
                        Relay relay = new Relay(server.address(), scenario.condition, ordinalSeed())) {
                    MpquicPeer.Outcome here = ours.exchange(
                            scenario.action == Peer.Action.MOVE ? server.address() : relay.address(), task);
                    check(task, here.report(), here.statistics(), relay);
                    if (scenario.closeArrives()) {
                        assertWentWell(task, Peer.Close.DONE_BY_PEER, server.awaitClientGone());
                    }
                }
            }
            case OUR_SERVER -> {
                try (MpquicPeer.MpquicServer server = ours.serve(identity, retry, null);
                        Relay relay = new Relay(server.address(), scenario.condition, ordinalSeed())) {
                    Peer.Report there = theirs.connect(
                            scenario.action == Peer.Action.MOVE ? server.address() : relay.address(), task);
                    assertWentWell(task, Peer.Close.DONE_HERE, there);
                    if (scenario.closeArrives()) {
                        MpquicPeer.Outcome here = server.awaitOutcome();
                        assertWentWell(task, Peer.Close.DONE_BY_PEER, here.report());
                        checkConditions(here.statistics(), relay);
                    } else {
                        checkConditions(null, relay);
                    }
                }
            }
        }
    }

    /** The same losses in each run of a cell, and other ones in another. */
    private long ordinalSeed() {
        return 1 + make.ordinal() * 100L + role.ordinal() * 50L + scenario.ordinal();
    }

    private void check(Peer.Task task, Peer.Report report, ConnectionStatistics statistics, Relay relay) {
        assertWentWell(task, Peer.Close.DONE_HERE, report);
        checkConditions(statistics, relay);
    }

    private static void assertWentWell(Peer.Task task, Peer.Close close, Peer.Report report) {
        assertEquals(Peer.ALPN, report.alpn());
        assertEquals(task.datagrams(), report.received());
        assertEquals(0, report.corrupt());
        assertEquals(close, report.close());
    }

    /** That what the cell is about has happened, as seen by the network and by our side. */
    private void checkConditions(@org.jspecify.annotations.Nullable ConnectionStatistics ours, Relay relay) {
        switch (scenario) {
            case HANDSHAKE, CHACHA20, STREAMS, DATAGRAMS, LARGE_CHAIN -> {}
            case VERSION_NEGOTIATION -> assertTrue(relay.negotiationSeen(), "no version was offered");
            case RETRY -> assertTrue(relay.retrySeen(), "no Retry came");
            case REBINDING -> assertTrue(relay.answeredAfterRebinding(), "nothing came to the new port");
            case MIGRATION -> {
                if (role == Role.OUR_SERVER && ours != null) {
                    assertTrue(ours.migrations() > 0, "the client did not move");
                }
            }
            case LOSS -> assertTrue(relay.lost() > 0, "nothing was lost");
            case CORRUPTION -> assertTrue(relay.damaged() > 0, "nothing was damaged");
        }
    }
}
