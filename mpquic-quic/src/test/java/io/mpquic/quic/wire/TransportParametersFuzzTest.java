package io.mpquic.quic.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Whatever a peer sends as transport parameters is understood or the peer's fault (RFC 9000 §7.4). */
class TransportParametersFuzzTest {
    @FuzzTest
    void transportParameters(byte[] encoded) {
        parse(encoded, true);
        parse(encoded, false);
    }

    /** What was understood can be written again and is the same then. */
    static void parse(byte[] encoded, boolean fromServer) {
        try {
            TransportParameters parameters = TransportParameters.parse(encoded, fromServer);
            assertEquals(parameters, TransportParameters.parse(parameters.encode(), fromServer));
        } catch (TransportException fault) {
            assertEquals(TransportError.TRANSPORT_PARAMETER_ERROR, fault.errorCode());
        }
    }
}
