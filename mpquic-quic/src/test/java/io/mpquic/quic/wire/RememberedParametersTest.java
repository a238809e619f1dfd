package io.mpquic.quic.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.mpquic.quic.conformance.Requirement;
import org.junit.jupiter.api.Test;

/** RFC 9000 §7.4.1: which of a server's parameters hold for 0-RTT. */
class RememberedParametersTest {
    private static TransportParameters.Builder everything() {
        return TransportParameters.builder()
                .originalDestinationConnectionId(new ConnectionId(new byte[8]))
                .initialSourceConnectionId(new ConnectionId(new byte[7]))
                .retrySourceConnectionId(new ConnectionId(new byte[6]))
                .statelessResetToken(new StatelessResetToken(1, 2))
                .ackDelayExponent(7)
                .maxAckDelayMs(70)
                .maxIdleTimeoutMs(1)
                .maxUdpPayloadSize(1_300)
                .disableActiveMigration(true)
                .activeConnectionIdLimit(5)
                .initialMaxData(10)
                .initialMaxStreamDataBidiLocal(11)
                .initialMaxStreamDataBidiRemote(12)
                .initialMaxStreamDataUni(13)
                .initialMaxStreamsBidi(14)
                .initialMaxStreamsUni(15)
                .maxDatagramFrameSize(16);
    }

    private static TransportParameters remembered() {
        return TransportParameters.builder()
                .maxIdleTimeoutMs(1)
                .maxUdpPayloadSize(1_300)
                .disableActiveMigration(true)
                .activeConnectionIdLimit(5)
                .initialMaxData(10)
                .initialMaxStreamDataBidiLocal(11)
                .initialMaxStreamDataBidiRemote(12)
                .initialMaxStreamDataUni(13)
                .initialMaxStreamsBidi(14)
                .initialMaxStreamsUni(15)
                .maxDatagramFrameSize(16)
                .build();
    }

    @Requirement({"9000-7.4.1-2", "9000-7.4.1-4"})
    @Test
    void whatBelongsToOneConnectionIsForgottenAndTheRestIsKept() throws Exception {
        RememberedParameters kept = RememberedParameters.of(everything().build());
        assertEquals(remembered(), kept.values());
        assertEquals(remembered(), RememberedParameters.parse(kept.encode()).values());
    }

    @Requirement({"9000-7.4.1-5", "9000-7.4.1-6"})
    @Test
    void aLimitThatIsLowerNowIsNamed() {
        RememberedParameters kept = RememberedParameters.of(everything().build());
        assertNull(kept.loweredIn(everything().build()));
        assertNull(kept.loweredIn(
                everything().maxIdleTimeoutMs(0).maxUdpPayloadSize(1_200).build()));
        assertLowered("active_connection_id_limit", everything().activeConnectionIdLimit(4));
        assertLowered("initial_max_data", everything().initialMaxData(9));
        assertLowered("initial_max_stream_data_bidi_local", everything().initialMaxStreamDataBidiLocal(10));
        assertLowered("initial_max_stream_data_bidi_remote", everything().initialMaxStreamDataBidiRemote(11));
        assertLowered("initial_max_stream_data_uni", everything().initialMaxStreamDataUni(12));
        assertLowered("initial_max_streams_bidi", everything().initialMaxStreamsBidi(13));
        assertLowered("initial_max_streams_uni", everything().initialMaxStreamsUni(14));
        assertLowered("max_datagram_frame_size", everything().maxDatagramFrameSize(15));
    }

    private static void assertLowered(String name, TransportParameters.Builder now) {
        assertEquals(name, RememberedParameters.of(everything().build()).loweredIn(now.build()));
    }
}
