package io.mpquic.quic.interop;

import static io.mpquic.quic.interop.TestCertificate.CLIENT;
import static io.mpquic.quic.interop.TestCertificate.SERVER;
import static io.mpquic.quic.interop.TestCertificate.STRANGER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Who trusts whom, between mpquic and another make. {@link InteropMatrixIT} has everything that goes well. */
abstract class InteropScenarios {
    static final int DATAGRAMS = 300;

    /** RFC 9001 §4.8: TLS alerts become errors from here on. */
    private static final long FIRST_CRYPTO_ERROR = 0x100;

    final MpquicPeer mpquic = new MpquicPeer();

    abstract Peer peer();

    static void assertAllWentWell(Peer.Close close, Peer.Report report) {
        assertEquals(new Peer.Report(Peer.ALPN, DATAGRAMS, 0, close), report);
    }

    @Test
    void ourServerAcceptsTheCertificateOfItsClient() throws Exception {
        try (Peer.Server server = mpquic.serve(SERVER, false, CLIENT)) {
            assertAllWentWell(Peer.Close.DONE_HERE, peer().connect(server.address(), SERVER, CLIENT, DATAGRAMS));
            assertAllWentWell(Peer.Close.DONE_BY_PEER, server.awaitClientGone());
        }
    }

    @Test
    void ourServerRefusesAClientWithoutACertificate() throws Exception {
        try (Peer.Server server = mpquic.serve(SERVER, false, CLIENT)) {
            assertThrows(Exception.class, () -> peer().connect(server.address(), SERVER, null, 1));
            Peer.Report refused = server.awaitClientGone();
            assertEquals("", refused.alpn());
            assertCryptoError(refused.close(), false);
        }
    }

    @Test
    void itsClientRefusesOurServerWhenItDoesNotTrustIt() throws Exception {
        try (Peer.Server server = mpquic.serve(SERVER, false, null)) {
            assertThrows(Exception.class, () -> peer().connect(server.address(), STRANGER, null, 1));
            Peer.Report refused = server.awaitClientGone();
            assertEquals("", refused.alpn());
            assertCryptoError(refused.close(), true);
        }
    }

    @Test
    void ourClientRefusesItsServerWhenItDoesNotTrustIt() throws Exception {
        try (Peer.Server server = peer().serve(SERVER, false, null)) {
            Exception refused =
                    assertThrows(Exception.class, () -> mpquic.connect(server.address(), STRANGER, null, 1));
            assertTrue(refused.getMessage().contains("closed here"), refused.getMessage());
        }
    }

    static void assertCryptoError(Peer.Close close, boolean byPeer) {
        assertEquals(byPeer, close.byPeer());
        assertTrue(
                !close.application()
                        && close.errorCode() >= FIRST_CRYPTO_ERROR
                        && close.errorCode() <= FIRST_CRYPTO_ERROR + 0xff,
                close.toString());
    }
}
