package io.mpquic.quic.conformance;

import io.mpquic.quic.crypto.CipherSuite;
import io.mpquic.quic.crypto.KeySchedule;
import io.mpquic.quic.tls.TlsClientConfig;
import io.mpquic.quic.tls.TlsEngine;
import io.mpquic.quic.tls.TlsEvent;
import io.mpquic.quic.tls.TlsServerConfig;
import io.mpquic.quic.wire.ConnectionId;
import io.mpquic.quic.wire.CryptoFrame;
import io.mpquic.quic.wire.EncryptionLevel;
import io.mpquic.quic.wire.TransportException;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** TLS, the CRYPTO streams and the secrets of a {@link RawPeer}, which tells what is to be changed on their way out. */
final class PeerCrypto {
    private static final int CHUNK_BYTES = 900;

    /** The CRYPTO streams of one level, both ways. */
    private static final class Streams {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        int sentBytes;
        final TreeMap<Long, byte[]> waiting = new TreeMap<>();
        long takenBytes;
    }

    private final RawPeer peer;
    private final Map<EncryptionLevel, Streams> streams = new EnumMap<>(EncryptionLevel.class);
    private final Map<EncryptionLevel, ProtectionSecret> readSecrets = new EnumMap<>(EncryptionLevel.class);
    private final Map<EncryptionLevel, ProtectionSecret> writeSecrets = new EnumMap<>(EncryptionLevel.class);

    private @Nullable TlsEngine tls;

    PeerCrypto(RawPeer peer) {
        this.peer = peer;
        for (EncryptionLevel level : EncryptionLevel.values()) {
            streams.put(level, new Streams());
        }
    }

    boolean isStarted() {
        return tls != null;
    }

    /** Makes the first TLS message, which says these transport parameters. */
    void start(byte[] parameters) {
        tls = peer.client ? clientEngine() : serverEngine();
        try {
            tls.start(parameters);
        } catch (TransportException e) {
            throw new AssertionError(e);
        }
        drain();
    }

    private TlsEngine clientEngine() {
        return peer.clientTls != null
                ? peer.clientTls.newEngine()
                : TlsClientConfig.builder()
                        .alpn(peer.alpn)
                        .serverName("mpquic-server")
                        .insecure()
                        .build()
                        .newEngine();
    }

    private TlsEngine serverEngine() {
        return peer.serverTls != null
                ? peer.serverTls.newEngine()
                : TlsServerConfig.builder()
                        .alpn(peer.alpn)
                        .identity(Target.IDENTITY)
                        .build()
                        .newEngine();
    }

    void installInitialKeys(ConnectionId clientDestination) {
        CipherSuite suite = CipherSuite.TLS_AES_128_GCM_SHA256;
        ProtectionSecret ofClient = new ProtectionSecret(suite, KeySchedule.clientInitialSecret(clientDestination));
        ProtectionSecret ofServer = new ProtectionSecret(suite, KeySchedule.serverInitialSecret(clientDestination));
        readSecrets.put(EncryptionLevel.INITIAL, peer.client ? ofServer : ofClient);
        writeSecrets.put(EncryptionLevel.INITIAL, peer.client ? ofClient : ofServer);
    }

    @Nullable ProtectionSecret readSecret(EncryptionLevel level) {
        return readSecrets.get(level);
    }

    @Nullable ProtectionSecret writeSecret(EncryptionLevel level) {
        return writeSecrets.get(level);
    }

    /** The next piece of TLS data of a level; null when there is none. */
    byte @Nullable [] next(EncryptionLevel level) {
        Streams stream = streams.get(level);
        byte[] all = stream.out.toByteArray();
        int from = stream.sentBytes;
        if (from == all.length) {
            return null;
        }
        stream.sentBytes = Math.min(all.length, from + CHUNK_BYTES);
        return Arrays.copyOfRange(all, from, stream.sentBytes);
    }

    /** How many bytes of TLS data {@link #next} has handed out. */
    int sentBytes(EncryptionLevel level) {
        return streams.get(level).sentBytes;
    }

    /** Takes TLS data of the target, in any order. */
    void receive(EncryptionLevel level, CryptoFrame frame) {
        byte[] data = frame.data().toArray(ValueLayout.JAVA_BYTE);
        streams.get(level).waiting.merge(frame.offset(), data, (one, other) -> one.length > other.length ? one : other);
    }

    /** Hands TLS all that is in order by now. */
    void feed(EncryptionLevel level) {
        Streams stream = streams.get(level);
        while (!stream.waiting.isEmpty() && stream.waiting.firstKey() <= stream.takenBytes && tls != null) {
            var first = stream.waiting.pollFirstEntry();
            int known = (int) (stream.takenBytes - first.getKey());
            if (known >= first.getValue().length) {
                continue;
            }
            byte[] fresh = Arrays.copyOfRange(first.getValue(), known, first.getValue().length);
            stream.takenBytes += fresh.length;
            try {
                tls.receive(level, fresh);
            } catch (TransportException e) {
                peer.tlsFailure = e;
            }
            drain();
        }
    }

    private void drain() {
        for (TlsEvent event = tls == null ? null : tls.poll(); event != null; event = tls.poll()) {
            switch (event) {
                case TlsEvent.HandshakeData data ->
                    streams.get(data.level()).out.writeBytes(peer.tlsFilter.apply(data.level(), data.data()));
                case TlsEvent.SecretsAvailable secrets -> {
                    readSecrets.put(secrets.level(), new ProtectionSecret(secrets.suite(), secrets.readSecret()));
                    writeSecrets.put(secrets.level(), new ProtectionSecret(secrets.suite(), secrets.writeSecret()));
                }
                case TlsEvent.EarlySecret early -> {
                    ProtectionSecret secret = new ProtectionSecret(early.suite(), early.secret());
                    (peer.client ? writeSecrets : readSecrets).put(EncryptionLevel.ZERO_RTT, secret);
                }
                case TlsEvent.EarlyDataDecided decided -> peer.earlyDataAccepted = decided.accepted();
                case TlsEvent.PeerTransportParameters theirs -> peer.peerParameters = theirs.encoded();
                case TlsEvent.HandshakeComplete done -> peer.tlsComplete = true;
            }
        }
    }
}
