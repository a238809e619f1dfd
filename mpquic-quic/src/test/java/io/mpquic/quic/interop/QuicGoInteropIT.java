package io.mpquic.quic.interop;

import static io.mpquic.quic.interop.TestCertificate.CLIENT;
import static io.mpquic.quic.interop.TestCertificate.SERVER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** mpquic and quic-go. Needs the program that scripts/peers.sh builds. */
class QuicGoInteropIT extends InteropScenarios {
    private final ProgramPeer quicGo = ProgramPeer.orSkip("quic-go");

    @Override
    Peer peer() {
        return quicGo;
    }

    @Test
    void itsServerAcceptsTheCertificateOfOurClient() throws Exception {
        try (Peer.Server server = quicGo.serve(SERVER, false, CLIENT)) {
            assertAllWentWell(Peer.Close.DONE_HERE, mpquic.connect(server.address(), SERVER, CLIENT, DATAGRAMS));
            assertAllWentWell(Peer.Close.DONE_BY_PEER, server.awaitClientGone());
        }
    }

    /** quic-go changes its keys first after 100 packets. */
    @Test
    void ourClientFollowsItsKeyUpdate() throws Exception {
        try (Peer.Server server = quicGo.serve(SERVER, false, null)) {
            Peer.Task task = new Peer.Task(SERVER, null, 2 * DATAGRAMS, 0, Peer.Action.NONE);
            MpquicPeer.Outcome outcome = mpquic.exchange(server.address(), task);
            assertEquals(2 * DATAGRAMS, outcome.report().received());
            assertTrue(outcome.statistics().keyUpdates() > 0, outcome.toString());
        }
    }
}
