package io.mpquic.quic.interop;

import static io.mpquic.quic.interop.TestCertificate.SERVER;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.BitSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The foreign endpoints understand each other, so that a failure against mpquic is a failure of mpquic. */
class PeersSelfTest {
    private static final int DATAGRAMS = 200;

    static Stream<Arguments> pairs() {
        return Stream.of(
                Arguments.of(new KwikPeer(), new QuichePeer(), false),
                Arguments.of(new KwikPeer(), new QuichePeer(), true),
                Arguments.of(new QuichePeer(), new KwikPeer(), false),
                Arguments.of(new QuichePeer(), new KwikPeer(), true),
                Arguments.of(new KwikPeer(), new KwikPeer(), false),
                Arguments.of(new QuichePeer(), new QuichePeer(), false));
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
    void testDatagramsHaveEachSizeFromTheirHeaderToTheLargest() {
        BitSet sizes = new BitSet();
        for (int sequence = 0; sequence <= TestDatagram.LARGEST_BYTES - 8; sequence++) {
            sizes.set(TestDatagram.make(sequence).length);
        }
        assertEquals(8, sizes.nextSetBit(0));
        assertEquals(TestDatagram.LARGEST_BYTES + 1, sizes.length());
        assertEquals(TestDatagram.LARGEST_BYTES - 7, sizes.cardinality());
    }
}
