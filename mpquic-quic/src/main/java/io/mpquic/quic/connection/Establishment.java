package io.mpquic.quic.connection;

import io.mpquic.quic.crypto.RetryIntegrity;
import io.mpquic.quic.tls.TlsEvent;
import io.mpquic.quic.wire.ConnectionId;
import io.mpquic.quic.wire.CryptoFrame;
import io.mpquic.quic.wire.EncryptionLevel;
import io.mpquic.quic.wire.HandshakeDoneFrame;
import io.mpquic.quic.wire.LongHeader;
import io.mpquic.quic.wire.NewTokenFrame;
import io.mpquic.quic.wire.RememberedParameters;
import io.mpquic.quic.wire.TransportError;
import io.mpquic.quic.wire.TransportException;
import io.mpquic.quic.wire.TransportParameters;
import io.mpquic.quic.wire.Version;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * From the first packet to the confirmed handshake (RFC 9000 §7, RFC 9001 §4.1): connection IDs are agreed on and
 * authenticated, Retry and Version Negotiation answered, keys come and go.
 */
final class Establishment implements Handshake.Observer {
    private final QuicConnection connection;
    private final boolean client;
    private final Handshake handshake;
    private final ConnectionId originalDestination;
    private @Nullable ConnectionId peerSource;
    private @Nullable ConnectionId retrySource;
    private final NewTokens newTokens;
    private byte[] token;
    private TlsEvent.@Nullable HandshakeComplete outcome;
    private boolean confirmed;
    private boolean keysCame;
    private long cryptoNs;

    /**
     * Prepares an establishment.
     *
     * @param originalDestination the Destination Connection ID of the client's first Initial packet
     * @param peerSource the peer's Source Connection ID where it is known already, on a server
     */
    Establishment(
            QuicConnection connection,
            ConnectionSetup setup,
            boolean client,
            ConnectionId originalDestination,
            @Nullable ConnectionId peerSource) {
        this.connection = connection;
        this.client = client;
        this.originalDestination = originalDestination;
        this.peerSource = peerSource;
        newTokens = setup.newTokens();
        token = setup.token().clone();
        handshake = new Handshake(client, setup.tls(), connection.spaces, setup.crypto(), this);
    }

    void start(TransportParameters local) {
        handshake.installInitialKeys(originalDestination);
        try {
            handshake.start(local.encode());
        } catch (TransportException e) {
            throw new IllegalStateException("TLS cannot start", e);
        }
    }

    boolean isComplete() {
        return handshake.isComplete();
    }

    boolean isConfirmed() {
        return confirmed;
    }

    byte[] token() {
        return token;
    }

    /** What TLS agreed on, once; null before, and after it was taken. */
    TlsEvent.@Nullable HandshakeComplete takeOutcome() {
        TlsEvent.HandshakeComplete taken = outcome;
        outcome = null;
        return taken;
    }

    /** Whether keys have come since the last call, so that packets that waited for them can be tried again. */
    boolean takeKeysCame() {
        boolean came = keysCame;
        keysCame = false;
        return came;
    }

    /** Whether a long header's connection IDs are those of this connection (RFC 9000 §7.2). */
    boolean accepts(LongHeader header) {
        // RFC 9000 §17.2.2: only clients send tokens.
        if (client && header instanceof LongHeader.Initial initial && initial.token().length > 0) {
            return false;
        }
        boolean firstOfClient =
                !client && (header instanceof LongHeader.Initial || header instanceof LongHeader.ZeroRtt);
        boolean toUs = connection.localIds.contains(header.dcid())
                || (firstOfClient && header.dcid().equals(originalDestination));
        // RFC 9000 §7.2: once the peer has chosen its ID, other ones are not of this connection.
        return toUs && (peerSource == null || peerSource.equals(header.scid()));
    }

    void onLongPacketAuthenticated(PacketSpace space, ConnectionId source, long nowNs) {
        if (peerSource == null) {
            peerSource = source;
            connection.peerIds.replaceInitial(source);
            connection.paths.onIdsRetired();
        }
        if (!client && space == connection.spaces.handshake) {
            // RFC 9000 §8.1: only who saw our Initial packets can protect a Handshake packet.
            connection.paths.validateByHandshake();
            // RFC 9001 §4.9.1: the server needs Initial keys no longer.
            discard(connection.spaces.initial, nowNs);
        }
    }

    void onPacketSent(PacketSpace space, long nowNs) {
        // RFC 9001 §4.9.1: the client needs Initial keys no longer once it sends Handshake packets.
        if (client && space == connection.spaces.handshake && !connection.spaces.initial.isDiscarded()) {
            discard(connection.spaces.initial, nowNs);
        }
    }

    void onCrypto(PacketSpace space, CryptoFrame frame, long nowNs) throws TransportException {
        cryptoNs = nowNs;
        handshake.onCrypto(space, frame);
        // RFC 9001 §4.1.2: for the server, complete is confirmed.
        if (!client && handshake.isComplete() && !confirmed) {
            connection.pending.add(new HandshakeDoneFrame());
            confirm(nowNs);
            // RFC 9000 §8.1.3: the handshake has proven the address for the next connection, too.
            issueToken(nowNs);
        }
    }

    /** A server gives the client a token for the address that it has proven now. */
    void issueToken(long nowNs) {
        byte[] issued = newTokens.issue(connection.paths.remote(), nowNs);
        if (issued != null) {
            connection.pending.add(new NewTokenFrame(issued));
        }
    }

    void onHandshakeDone(HandshakeDoneFrame frame, long nowNs) throws TransportException {
        if (!client) {
            // RFC 9000 §19.20
            throw new TransportException(
                    TransportError.PROTOCOL_VIOLATION, frame.type(), "HANDSHAKE_DONE from a client");
        }
        if (!confirmed) {
            confirm(nowNs);
        }
    }

    private void confirm(long nowNs) {
        confirmed = true;
        connection.preferred.onConfirmed(nowNs);
        connection.recovery.handshakeConfirmed();
        // RFC 9001 §4.9.2
        discard(connection.spaces.handshake, nowNs);
    }

    private void discard(PacketSpace space, long nowNs) {
        space.discard();
        connection.recovery.discardSpace(space.id, nowNs);
    }

    void onNewToken(NewTokenFrame frame) throws TransportException {
        if (!client) {
            // RFC 9000 §19.7
            throw new TransportException(TransportError.PROTOCOL_VIOLATION, frame.type(), "NEW_TOKEN from a client");
        }
        newTokens.received(connection.preferred.firstAddress(), frame.token());
    }

    // RFC 9000 §6.2: only as the answer to the very first packet, and not when it lists the version in use.
    void onVersionNegotiation(LongHeader.VersionNegotiation packet, long nowNs) {
        boolean forUs = client
                && peerSource == null
                && retrySource == null
                && connection.localIds.contains(packet.dcid())
                && packet.scid().equals(originalDestination);
        if (forUs && !packet.supported().contains(Version.V1)) {
            connection.closing.end(
                    new CloseReason(CloseReason.Kind.VERSION_NEGOTIATION, false, 0, "it offers " + packet.supported()),
                    nowNs);
        } else {
            connection.counters.packetsDropped++;
        }
    }

    // RFC 9000 §17.2.5: one Retry, before anything else came, and only with a true integrity tag.
    void onRetry(LongHeader.Retry packet, MemorySegment bytes, long nowNs) {
        if (!client
                || peerSource != null
                || retrySource != null
                || packet.token().length == 0
                || packet.scid().equals(originalDestination)
                || !connection.localIds.contains(packet.dcid())
                || !RetryIntegrity.verify(originalDestination, bytes.toArray(ValueLayout.JAVA_BYTE))) {
            connection.counters.packetsDropped++;
            return;
        }
        retrySource = packet.scid();
        token = packet.token();
        connection.peerIds.replaceInitial(packet.scid());
        connection.paths.onIdsRetired();
        connection.recovery.discardSpace(connection.spaces.initial.id, nowNs);
        connection.spaces.initial.cryptoOut.rewind();
        handshake.installInitialKeys(packet.scid());
        connection.early.onRetry(nowNs);
    }

    @Override
    public void onPeerParameters(TransportParameters parameters) throws TransportException {
        // RFC 9000 §7.3: the IDs in the handshake's packets are authenticated by the parameters.
        requireEqual("initial_source_connection_id", parameters.initialSourceConnectionId(), peerSource);
        if (client) {
            requireEqual(
                    "original_destination_connection_id",
                    parameters.originalDestinationConnectionId(),
                    originalDestination);
            requireEqual("retry_source_connection_id", parameters.retrySourceConnectionId(), retrySource);
        }
        connection.early.check(parameters);
        PeerParameters.take(connection, parameters);
    }

    private static void requireEqual(String name, @Nullable ConnectionId claimed, @Nullable ConnectionId seen)
            throws TransportException {
        if (!Objects.equals(claimed, seen)) {
            throw new TransportException(
                    TransportError.TRANSPORT_PARAMETER_ERROR, name + " is " + claimed + ", but packets had " + seen);
        }
    }

    @Override
    public void onEarlyKeys(@Nullable RememberedParameters parameters) {
        keysCame = true;
        connection.early.onKeys(parameters);
    }

    @Override
    public void onEarlyDataDecided(boolean accepted) {
        connection.early.onDecided(accepted, cryptoNs);
    }

    @Override
    public void onKeysAvailable(EncryptionLevel level) {
        keysCame = true;
        if (level == EncryptionLevel.HANDSHAKE) {
            connection.recovery.handshakeKeysAvailable();
        }
    }

    @Override
    public void onTlsComplete(TlsEvent.HandshakeComplete complete) {
        keysCame = true;
        outcome = complete;
    }
}
