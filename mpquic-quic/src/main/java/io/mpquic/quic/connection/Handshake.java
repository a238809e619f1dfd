package io.mpquic.quic.connection;

import io.mpquic.quic.crypto.CipherSuite;
import io.mpquic.quic.crypto.CryptoProvider;
import io.mpquic.quic.crypto.KeySchedule;
import io.mpquic.quic.crypto.PacketKeys;
import io.mpquic.quic.tls.TlsEngine;
import io.mpquic.quic.tls.TlsEvent;
import io.mpquic.quic.wire.ConnectionId;
import io.mpquic.quic.wire.CryptoFrame;
import io.mpquic.quic.wire.EncryptionLevel;
import io.mpquic.quic.wire.RememberedParameters;
import io.mpquic.quic.wire.TransportException;
import io.mpquic.quic.wire.TransportParameters;
import org.jspecify.annotations.Nullable;

/** Carries TLS messages in CRYPTO frames and installs the keys that come of them (RFC 9001 §4). */
final class Handshake {
    /** What the connection does with the outcome. */
    interface Observer {
        void onPeerParameters(TransportParameters parameters) throws TransportException;

        void onEarlyKeys(@Nullable RememberedParameters parameters);

        void onEarlyDataDecided(boolean accepted);

        void onKeysAvailable(EncryptionLevel level);

        void onTlsComplete(TlsEvent.HandshakeComplete complete);
    }

    private static final CipherSuite INITIAL_SUITE = CipherSuite.TLS_AES_128_GCM_SHA256;

    private final boolean client;
    private final TlsEngine tls;
    private final PacketSpaces spaces;
    private final CryptoProvider provider;
    private final Observer observer;
    private boolean complete;

    Handshake(boolean client, TlsEngine tls, PacketSpaces spaces, CryptoProvider provider, Observer observer) {
        this.client = client;
        this.tls = tls;
        this.spaces = spaces;
        this.provider = provider;
        this.observer = observer;
    }

    /** Whether TLS has finished on this end: the peer's Finished is verified (RFC 9001 §4.1.1). */
    boolean isComplete() {
        return complete;
    }

    // RFC 9001 §5.2: Initial keys come from the ID that the client chose for the server.
    void installInitialKeys(ConnectionId clientDestination) {
        byte[] fromClient = KeySchedule.clientInitialSecret(clientDestination);
        byte[] fromServer = KeySchedule.serverInitialSecret(clientDestination);
        spaces.initial.readKeys = PacketKeys.derive(provider, INITIAL_SUITE, client ? fromServer : fromClient);
        spaces.initial.writeKeys = PacketKeys.derive(provider, INITIAL_SUITE, client ? fromClient : fromServer);
    }

    void start(byte[] transportParameters) throws TransportException {
        tls.start(transportParameters);
        drain();
    }

    void onCrypto(PacketSpace space, CryptoFrame frame) throws TransportException {
        space.cryptoIn.insert(frame.offset(), frame.data());
        for (byte[] data = space.cryptoIn.poll(); data != null; data = space.cryptoIn.poll()) {
            tls.receive(levelOf(space), data);
            drain();
        }
    }

    private static EncryptionLevel levelOf(PacketSpace space) {
        return switch (space.id) {
            case INITIAL -> EncryptionLevel.INITIAL;
            case HANDSHAKE -> EncryptionLevel.HANDSHAKE;
            case APPLICATION -> EncryptionLevel.ONE_RTT;
        };
    }

    private void drain() throws TransportException {
        for (TlsEvent event = tls.poll(); event != null; event = tls.poll()) {
            switch (event) {
                case TlsEvent.HandshakeData data ->
                    spaces.of(data.level()).cryptoOut.append(data.data());
                case TlsEvent.SecretsAvailable secrets -> install(secrets);
                case TlsEvent.EarlySecret early -> install(early);
                case TlsEvent.EarlyDataDecided decided -> observer.onEarlyDataDecided(decided.accepted());
                case TlsEvent.PeerTransportParameters parameters ->
                    observer.onPeerParameters(TransportParameters.parse(parameters.encoded(), client));
                case TlsEvent.HandshakeComplete done -> {
                    complete = true;
                    observer.onTlsComplete(done);
                }
            }
        }
    }

    // RFC 9001 §5.6: only the client protects packets with these keys.
    private void install(TlsEvent.EarlySecret early) {
        PacketKeys keys = PacketKeys.derive(provider, early.suite(), early.secret());
        if (client) {
            spaces.application.writeKeys = keys;
        } else {
            spaces.application.readKeys = keys;
        }
        observer.onEarlyKeys(early.parameters());
    }

    private void install(TlsEvent.SecretsAvailable secrets) {
        PacketKeys read = PacketKeys.derive(provider, secrets.suite(), secrets.readSecret());
        PacketKeys write = PacketKeys.derive(provider, secrets.suite(), secrets.writeSecret());
        PacketSpace space = spaces.of(secrets.level());
        if (secrets.level() == EncryptionLevel.ONE_RTT) {
            space.oneRttKeys = new OneRttKeys(read, write, spaces.forgeries);
            space.writeKeys = null; // RFC 9001 §4.9.3: the client needs those of 0-RTT packets no longer
        } else {
            space.readKeys = read;
            space.writeKeys = write;
        }
        observer.onKeysAvailable(secrets.level());
    }
}
