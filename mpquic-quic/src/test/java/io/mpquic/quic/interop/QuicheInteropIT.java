package io.mpquic.quic.interop;

import static io.mpquic.quic.interop.TestCertificate.CLIENT;
import static io.mpquic.quic.interop.TestCertificate.SERVER;

import org.junit.jupiter.api.Test;

/** mpquic and quiche. */
class QuicheInteropIT extends InteropScenarios {
    @Override
    Peer peer() {
        return new QuichePeer();
    }

    @Test
    void itsServerAcceptsTheCertificateOfOurClient() throws Exception {
        try (Peer.Server server = peer().serve(SERVER, false, CLIENT)) {
            assertAllWentWell(Peer.Close.DONE_HERE, mpquic.connect(server.address(), SERVER, CLIENT, DATAGRAMS));
            assertAllWentWell(Peer.Close.DONE_BY_PEER, server.awaitClientGone());
        }
    }
}
