package io.mpquic.quic.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.wire.EncryptionLevel;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Secrets for Wireshark, in the format of NSS. */
class KeyLogTest {
    @Test
    void bothEndsLogTheSameSecretsAndTheyAreThoseOfTheConnection() {
        List<String> ofClient = new ArrayList<>();
        List<String> ofServer = new ArrayList<>();
        HandshakePair pair = new HandshakePair(
                        HandshakeTest.client().keyLog(ofClient::add).build(),
                        HandshakeTest.server().keyLog(ofServer::add).build())
                .run();
        HandshakeTest.assertComplete(pair);
        assertEquals(ofServer, ofClient);
        assertEquals(
                List.of(
                        "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
                        "SERVER_HANDSHAKE_TRAFFIC_SECRET",
                        "CLIENT_TRAFFIC_SECRET_0",
                        "SERVER_TRAFFIC_SECRET_0"),
                ofClient.stream().map(line -> line.split(" ")[0]).toList());
        assertEquals(secret(pair.client.secrets(EncryptionLevel.HANDSHAKE).writeSecret()), field(ofClient.get(0), 2));
        assertEquals(secret(pair.client.secrets(EncryptionLevel.ONE_RTT).readSecret()), field(ofClient.get(3), 2));
        byte[] hello = pair.client.all(TlsEvent.HandshakeData.class).getFirst().data();
        String random = HexFormat.of().formatHex(hello, 6, 38);
        assertTrue(ofClient.stream().allMatch(line -> field(line, 1).equals(random)));
    }

    private static String secret(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static String field(String line, int index) {
        return line.split(" ")[index];
    }
}
