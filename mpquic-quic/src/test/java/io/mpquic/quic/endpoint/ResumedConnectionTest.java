package io.mpquic.quic.endpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.connection.QuicEvent;
import io.mpquic.quic.sim.LinkConditions;
import io.mpquic.quic.tls.SessionStore;
import io.mpquic.quic.tls.TlsClientConfig;
import io.mpquic.quic.tls.TlsServerConfig;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole connections that resume the session of an earlier one, also where packets get lost. */
class ResumedConnectionTest {
    @ParameterizedTest
    @ValueSource(ints = {0, 10, 30})
    void theSecondConnectionIsResumed(int lossPercent) {
        SessionStore sessions = SessionStore.inMemory(1);
        TlsServerConfig serverTls = TlsServerConfig.builder()
                .alpn("mpquic-ip")
                .identity(SimulatedPair.IDENTITY)
                .resumption(Duration.ofHours(1))
                .build();
        TlsClientConfig clientTls = TlsClientConfig.builder()
                .alpn("mpquic-ip")
                .serverName("mpquic-server")
                .insecure()
                .sessions(sessions)
                .build();
        for (int round = 0; round < 3; round++) {
            SplittableRandom random = new SplittableRandom(lossPercent + round);
            SimulatedPair pair = new SimulatedPair(
                    lossPercent + round,
                    LinkConditions.builder()
                            .delayMs(20)
                            .loss(lossPercent / 100.0)
                            .build(),
                    each -> ClientConfig.builder(clientTls, random.split()),
                    each -> ServerConfig.builder(serverTls, random.split()).statelessResetKey(SimulatedPair.RESET_KEY));
            pair.connect();
            pair.network.runFor(TimeUnit.SECONDS.toNanos(5));
            assertTrue(pair.connection.isEstablished());
            for (SimulatedPair.Side side : List.of(pair.client, pair.server)) {
                List<QuicEvent.HandshakeCompleted> done = side.eventsOf(QuicEvent.HandshakeCompleted.class);
                assertEquals(1, done.size());
                assertEquals(round > 0, done.getFirst().resumed());
            }
            assertEquals(
                    SimulatedPair.IDENTITY.chain(),
                    pair.client
                            .eventsOf(QuicEvent.HandshakeCompleted.class)
                            .getFirst()
                            .peerChain());
        }
    }
}
