package io.mpquic.quic.tls;

import io.mpquic.quic.wire.EncryptionLevel;
import java.util.HexFormat;

/**
 * The secrets of one encryption level as the state machine gives them. It has no text form: secrets do not belong into
 * messages.
 *
 * @param clientRandom the random number of the ClientHello, by which key logs tell connections apart
 * @param client what protects the client's packets
 * @param server what protects the server's packets
 * @param master what the secrets of later sessions follow from
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record HandshakeSecrets(byte[] clientRandom, byte[] client, byte[] server, byte[] master) {
    void writeTo(KeyLog log, EncryptionLevel level) {
        if (level == EncryptionLevel.HANDSHAKE) {
            write(log, "CLIENT_HANDSHAKE_TRAFFIC_SECRET", clientRandom, client);
            write(log, "SERVER_HANDSHAKE_TRAFFIC_SECRET", clientRandom, server);
        } else {
            write(log, "CLIENT_TRAFFIC_SECRET_0", clientRandom, client);
            write(log, "SERVER_TRAFFIC_SECRET_0", clientRandom, server);
        }
    }

    static void write(KeyLog log, String label, byte[] clientRandom, byte[] secret) {
        HexFormat hex = HexFormat.of();
        log.log(label + " " + hex.formatHex(clientRandom) + " " + hex.formatHex(secret));
    }

    @Override
    public String toString() {
        return "HandshakeSecrets";
    }
}
