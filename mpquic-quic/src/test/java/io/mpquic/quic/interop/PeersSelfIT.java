package io.mpquic.quic.interop;

import static io.mpquic.quic.interop.TestCertificate.CLIENT;
import static io.mpquic.quic.interop.TestCertificate.SERVER;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** quic-go and the endpoints in Java understand each other. Needs the program that scripts/peers.sh builds. */
class PeersSelfIT {
    private static final int DATAGRAMS = 200;

    private static QuicGoPeer quicGo;

    @BeforeAll
    static void findQuicGo() {
        quicGo = QuicGoPeer.orSkip();
    }

    static Stream<Arguments> pairs() {
        return Stream.of(
                Arguments.of(new KwikPeer(), quicGo, false),
                Arguments.of(new QuichePeer(), quicGo, true),
                Arguments.of(quicGo, new KwikPeer(), true),
                Arguments.of(quicGo, new QuichePeer(), false),
                Arguments.of(quicGo, quicGo, true));
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void eachDatagramComesBackAndTheCloseArrives(Peer client, Peer server, boolean retry) throws Exception {
        try (Peer.Server echo = server.serve(SERVER, retry, null)) {
            Peer.Report here = client.connect(echo.address(), SERVER, null, DATAGRAMS);
            assertEquals(new Peer.Report(Peer.ALPN, DATAGRAMS, 0, Peer.Close.DONE_HERE), here);
            Peer.Report there = echo.awaitClientGone();
            assertEquals(new Peer.Report(Peer.ALPN, DATAGRAMS, 0, Peer.Close.DONE_BY_PEER), there);
        }
    }

    @Test
    void aServerThatAsksForACertificateGetsIt() throws Exception {
        try (Peer.Server echo = new QuichePeer().serve(SERVER, false, CLIENT)) {
            Peer.Report here = quicGo.connect(echo.address(), SERVER, CLIENT, 1);
            assertEquals(new Peer.Report(Peer.ALPN, 1, 0, Peer.Close.DONE_HERE), here);
        }
    }
}
