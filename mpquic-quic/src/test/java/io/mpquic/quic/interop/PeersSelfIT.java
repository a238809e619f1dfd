package io.mpquic.quic.interop;

import static io.mpquic.quic.interop.TestCertificate.CLIENT;
import static io.mpquic.quic.interop.TestCertificate.SERVER;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The peers understand each other, so that a failure against mpquic is a failure of mpquic. Needs the programs that
 * scripts/peers.sh builds.
 */
class PeersSelfIT {
    private static final int DATAGRAMS = 200;

    private static final int STREAM_BYTES = 1_000_000;

    private static ProgramPeer quicGo;
    private static ProgramPeer aioquic;
    private static ProgramPeer ngtcp2;
    private static ProgramPeer openSsl;

    @BeforeAll
    static void findPrograms() {
        quicGo = ProgramPeer.orSkip("quic-go");
        aioquic = ProgramPeer.orSkip("aioquic");
        ngtcp2 = ProgramPeer.orSkip("ngtcp2");
        openSsl = ProgramPeer.orSkip("openssl");
    }

    static Stream<Arguments> pairs() {
        return Stream.of(
                Arguments.of(new KwikPeer(), quicGo, false),
                Arguments.of(new QuichePeer(), quicGo, true),
                Arguments.of(quicGo, new KwikPeer(), true),
                Arguments.of(quicGo, new QuichePeer(), false),
                Arguments.of(quicGo, quicGo, true),
                Arguments.of(aioquic, ngtcp2, true),
                Arguments.of(ngtcp2, aioquic, true));
    }

    static Stream<Arguments> actors() {
        return Stream.of(
                Arguments.of(new KwikPeer(), openSsl, Peer.Action.NONE),
                Arguments.of(new QuichePeer(), openSsl, Peer.Action.NONE),
                Arguments.of(openSsl, new KwikPeer(), Peer.Action.NONE),
                Arguments.of(openSsl, new QuichePeer(), Peer.Action.NONE),
                Arguments.of(openSsl, quicGo, Peer.Action.NONE),
                Arguments.of(openSsl, ngtcp2, Peer.Action.RESUME),
                Arguments.of(ngtcp2, openSsl, Peer.Action.RESUME),
                Arguments.of(ngtcp2, openSsl, Peer.Action.UPDATE_KEYS),
                Arguments.of(aioquic, quicGo, Peer.Action.UPDATE_KEYS),
                Arguments.of(aioquic, ngtcp2, Peer.Action.MOVE));
    }

    @ParameterizedTest
    @MethodSource("actors")
    void theBytesOfAStreamComeBackBeforeAndAfterAnAction(Peer client, Peer server, Peer.Action action)
            throws Exception {
        twice(() -> {
            try (Peer.Server echo = server.serve(SERVER, false, null)) {
                Peer.Report here = client.connect(echo.address(), new Peer.Task(SERVER, null, 0, STREAM_BYTES, action));
                assertEquals(Peer.Close.DONE_HERE, here.close());
                assertEquals(action == Peer.Action.RESUME, here.resumed());
                assertEquals(Peer.Close.DONE_BY_PEER, echo.awaitClientGone().close());
            }
        });
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void eachDatagramComesBackAndTheCloseArrives(Peer client, Peer server, boolean retry) throws Exception {
        twice(() -> {
            try (Peer.Server echo = server.serve(SERVER, retry, null)) {
                Peer.Report here = client.connect(echo.address(), SERVER, null, DATAGRAMS);
                assertEquals(new Peer.Report(Peer.ALPN, DATAGRAMS, 0, Peer.Close.DONE_HERE), here);
                Peer.Report there = echo.awaitClientGone();
                assertEquals(new Peer.Report(Peer.ALPN, DATAGRAMS, 0, Peer.Close.DONE_BY_PEER), there);
            }
        });
    }

    /** What two programs of others do with each other. */
    private interface Meeting {
        void hold() throws Exception;
    }

    /**
     * Nothing of ours takes part here: it is shown that our use of the programs is right. Kwik has been seen to refuse its own
     * Retry token once in many runs, so one failure proves nothing; two in a row do.
     */
    private static void twice(Meeting meeting) throws Exception {
        try {
            meeting.hold();
        } catch (IOException | AssertionError first) {
            System.err.println("once more, after: " + first);
            meeting.hold();
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
