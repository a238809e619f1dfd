package io.mpquic.quic.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.connection.CloseReason;
import io.mpquic.quic.tls.TlsClientConfig;
import io.mpquic.quic.tls.TlsServerConfig;
import io.mpquic.quic.wire.AckFrame;
import io.mpquic.quic.wire.AckRanges;
import io.mpquic.quic.wire.ConnectionCloseFrame;
import io.mpquic.quic.wire.ConnectionId;
import io.mpquic.quic.wire.CryptoFrame;
import io.mpquic.quic.wire.EncryptionLevel;
import io.mpquic.quic.wire.Frame;
import io.mpquic.quic.wire.HandshakeDoneFrame;
import io.mpquic.quic.wire.LongHeader;
import io.mpquic.quic.wire.MalformedPacketException;
import io.mpquic.quic.wire.PacketType;
import io.mpquic.quic.wire.PingFrame;
import io.mpquic.quic.wire.TransportException;
import io.mpquic.quic.wire.WireReader;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A QUIC peer, client or server, that does what a test says. It shakes hands with our own TLS engine, and reads all that
 * the {@link Target} sends; beyond that it sends nothing on its own, no acknowledgement, no retransmission.
 */
final class RawPeer {
    static final byte[] RESET_TOKEN = RawBytes.hex("000102030405060708090a0b0c0d0e0f");
    private static final int INITIAL_DATAGRAM_BYTES = 1200;
    private static final int HANDSHAKE_ROUNDS = 12;

    final Target target;
    final boolean client;
    /** All packets that could be read since the test last cleared them. */
    final List<RawPacket> received = new ArrayList<>();
    /** UDP payloads that begin with nothing readable: Version Negotiation, Retry, stateless resets. */
    final List<byte[]> unreadable = new ArrayList<>();

    ConnectionId source = new ConnectionId(RawBytes.hex("5001020304050607"));
    /** Where this peer sends to: changes with the first packet of a server. */
    ConnectionId destination = new ConnectionId(RawBytes.hex("d001020304050607"));

    ConnectionId originalDestination = destination;
    String alpn = Target.ALPN;
    UnaryOperator<RawParameters> parameters = plain -> plain;
    /** Changes TLS messages on their way out. */
    BiFunction<EncryptionLevel, byte[], byte[]> tlsFilter = (level, data) -> data;

    /** What it shakes hands with when a test has wishes. */
    @Nullable TlsClientConfig clientTls;

    @Nullable TlsServerConfig serverTls;

    byte[] token = {};
    boolean sendsHandshakeDone = true;
    byte @Nullable [] peerParameters;
    boolean tlsComplete;
    boolean earlyDataAccepted;

    @Nullable TransportException tlsFailure;

    private final PeerCrypto crypto = new PeerCrypto(this);
    private final Map<EncryptionLevel, Long> nextNumber = new EnumMap<>(EncryptionLevel.class);
    private final Map<EncryptionLevel, AckRanges> toAcknowledge = new EnumMap<>(EncryptionLevel.class);
    /** Which generation of keys protects the 1-RTT packets of this peer, and of the target. */
    int writeGeneration;

    private int readGeneration;

    private RawPeer(Target target, boolean client) {
        this.target = target;
        this.client = client;
        for (EncryptionLevel level : EncryptionLevel.values()) {
            nextNumber.put(level, 0L);
            toAcknowledge.put(level, new AckRanges());
        }
    }

    /** A client against our server. */
    static RawPeer client(Target server) {
        return new RawPeer(server, true);
    }

    /** A server against our client, which has sent its first flight. */
    static RawPeer server(Target client) {
        return new RawPeer(client, false);
    }

    /** A peer of this role against an endpoint of the other; not yet shaking hands. */
    static RawPeer of(boolean client) {
        return client ? client(Target.server()) : server(Target.client());
    }

    /** A peer of this role that has shaken hands, with nothing outstanding on either side. */
    static RawPeer connected(boolean client) {
        return of(client).handshake();
    }

    // ---- the handshake

    /** Makes keys and the first TLS message, without sending anything. */
    RawPeer prepare() {
        if (!client) {
            LongHeader first = firstHeader();
            originalDestination = first.dcid();
            destination = first.scid();
        }
        crypto.installInitialKeys(originalDestination);
        crypto.start(parameters.apply(RawParameters.plain(this)).encode());
        readOutbox();
        return this;
    }

    private LongHeader firstHeader() {
        try {
            return LongHeader.parse(WireReader.of(target.outbox.element().bytes()));
        } catch (MalformedPacketException e) {
            throw new AssertionError(e);
        }
    }

    void installInitialKeys(ConnectionId clientDestination) {
        crypto.installInitialKeys(clientDestination);
    }

    /** Shakes hands until both ends are done and nothing is outstanding. */
    RawPeer handshake() {
        tryHandshake();
        assertTrue(tlsComplete, "TLS is not complete: " + target.closeReason() + ", " + tlsFailure);
        assertTrue(target.connection().isEstablished(), "not established: " + target.closeReason());
        settle();
        return this;
    }

    /** Shakes hands as far as it goes. */
    RawPeer tryHandshake() {
        if (!crypto.isStarted()) {
            prepare();
        }
        boolean doneSent = false;
        for (int i = 0; i < HANDSHAKE_ROUNDS && target.closeReason() == null; i++) {
            sendHandshakeData();
            if (tlsComplete && !client && sendsHandshakeDone && !doneSent) {
                doneSent = true;
                send(packet(EncryptionLevel.ONE_RTT).frames(HandshakeDoneFrame.INSTANCE));
            }
        }
        return this;
    }

    /** Sends what TLS wants to send, each level in a datagram of its own, acknowledgements with it. */
    void sendHandshakeData() {
        for (EncryptionLevel level : EncryptionLevel.values()) {
            sendHandshakeDataOf(level);
        }
    }

    void sendHandshakeDataOf(EncryptionLevel level) {
        for (byte[] chunk = nextCrypto(level); chunk != null; chunk = nextCrypto(level)) {
            long offset = crypto.sentBytes(level) - chunk.length;
            PacketDraft draft = packet(level).frames(new CryptoFrame(offset, MemorySegment.ofArray(chunk)));
            acknowledge(level, draft);
            send(level == EncryptionLevel.INITIAL ? draft.padTo(INITIAL_DATAGRAM_BYTES) : draft);
        }
    }

    /** The next piece of TLS data of a level; null when there is none. */
    byte @Nullable [] nextCrypto(EncryptionLevel level) {
        return crypto.next(level);
    }

    /** How many bytes of TLS data {@link #nextCrypto} has handed out. */
    int cryptoSentBytes(EncryptionLevel level) {
        return crypto.sentBytes(level);
    }

    private void acknowledge(EncryptionLevel level, PacketDraft draft) {
        AckRanges ranges = toAcknowledge.get(spaceOf(level));
        if (!ranges.isEmpty()) {
            draft.frames(new AckFrame(ranges, 0, null));
        }
    }

    /** Acknowledges all 1-RTT packets of the target until it has nothing more to say, and forgets what it said. */
    RawPeer settle() {
        target.advanceMs(30); // longer than it may hold back an acknowledgement
        readOutbox();
        for (int i = 0; i < 4; i++) {
            acknowledgeAll();
        }
        received.clear();
        unreadable.clear();
        return this;
    }

    /** As if nothing with application data had come so far: it is not acknowledged. */
    void forgetApplicationData() {
        received.clear();
        toAcknowledge.put(EncryptionLevel.ONE_RTT, new AckRanges());
    }

    /** Acknowledges all that came in 1-RTT packets. */
    RawPeer acknowledgeAll() {
        AckRanges ranges = toAcknowledge.get(EncryptionLevel.ONE_RTT);
        if (!ranges.isEmpty()) {
            send(packet(EncryptionLevel.ONE_RTT).frames(new AckFrame(ranges, 0, null)));
        }
        return this;
    }

    // ---- what the peer sends

    /** A packet with the next number of its space. */
    PacketDraft packet(EncryptionLevel level) {
        long number = nextNumber.get(spaceOf(level));
        nextNumber.put(spaceOf(level), number + 1);
        return packet(level, number);
    }

    /** A packet with a number of the test's choice; the count goes on from where it was. */
    PacketDraft packet(EncryptionLevel level, long number) {
        ProtectionSecret secret = crypto.writeSecret(level);
        assertNotNull(secret, "no keys for " + level);
        PacketDraft draft = new PacketDraft(typeOf(level), secret, number, destination, source);
        if (level == EncryptionLevel.INITIAL) {
            draft.token(token);
        }
        return level == EncryptionLevel.ONE_RTT ? draft.generation(writeGeneration) : draft;
    }

    PacketDraft oneRtt(Frame... frames) {
        return packet(EncryptionLevel.ONE_RTT).frames(frames);
    }

    /** The number that the next packet of a level gets. */
    long peekNumber(EncryptionLevel level) {
        return nextNumber.get(spaceOf(level));
    }

    void skipNumbers(EncryptionLevel level, long count) {
        nextNumber.merge(level, count, Long::sum);
    }

    /** 0-RTT packets are numbered with 1-RTT packets. */
    private static EncryptionLevel spaceOf(EncryptionLevel level) {
        return level == EncryptionLevel.ZERO_RTT ? EncryptionLevel.ONE_RTT : level;
    }

    private static PacketType typeOf(EncryptionLevel level) {
        return switch (level) {
            case INITIAL -> PacketType.INITIAL;
            case ZERO_RTT -> PacketType.ZERO_RTT;
            case HANDSHAKE -> PacketType.HANDSHAKE;
            case ONE_RTT -> PacketType.ONE_RTT;
        };
    }

    /** Sends packets in one datagram, and reads what comes back at once. */
    RawPeer send(PacketDraft... packets) {
        return send(RawBytes.join(Arrays.stream(packets).map(PacketDraft::build).toArray(byte[][]::new)));
    }

    RawPeer send(byte[] datagram) {
        target.deliver(datagram);
        readOutbox();
        return this;
    }

    RawPeer advanceMs(long ms) {
        target.advanceMs(ms);
        readOutbox();
        return this;
    }

    // ---- what the peer reads

    void readOutbox() {
        for (Target.Sent sent = target.outbox.poll(); sent != null; sent = target.outbox.poll()) {
            PacketReading.read(this, sent);
        }
    }

    @Nullable ProtectionSecret readSecret(EncryptionLevel level) {
        return crypto.readSecret(level);
    }

    long largestRead(EncryptionLevel level) {
        return toAcknowledge.get(spaceOf(level)).largest();
    }

    int readGeneration() {
        return readGeneration;
    }

    /** A packet was opened: takes its TLS data. */
    void onPacket(EncryptionLevel level, int generation, RawPacket packet) {
        received.add(packet);
        readGeneration = Math.max(readGeneration, generation);
        toAcknowledge.get(spaceOf(level)).add(packet.number(), packet.number());
        if (client && level == EncryptionLevel.INITIAL) {
            destination = packet.source();
        }
        packet.all(CryptoFrame.class).forEach(frame -> crypto.receive(level, frame));
        crypto.feed(level);
    }

    // ---- what tests ask

    /** All frames of a kind among the packets received, oldest first. */
    <T extends Frame> List<T> frames(Class<T> kind) {
        return received.stream().flatMap(packet -> packet.all(kind).stream()).toList();
    }

    /** The target has closed the connection for a fault of this peer, and said so in a frame that can be read. */
    void assertClosedWith(long errorCode) {
        CloseReason reason = target.closeReason();
        assertNotNull(reason, "not closed");
        assertEquals(CloseReason.Kind.PEER_FAULT, reason.kind(), reason.toString());
        List<ConnectionCloseFrame> closes = frames(ConnectionCloseFrame.class);
        assertFalse(closes.isEmpty(), "no CONNECTION_CLOSE, but " + reason);
        for (ConnectionCloseFrame close : closes) {
            assertEquals(Long.toHexString(errorCode), Long.toHexString(close.errorCode()), close.toString());
            assertFalse(close.application());
        }
    }

    /** The connection lives, and answers. */
    void assertAlive() {
        assertEquals(null, target.closeReason());
        received.clear();
        long number = peekNumber(EncryptionLevel.ONE_RTT);
        send(oneRtt(PingFrame.INSTANCE));
        advanceMs(30);
        assertTrue(
                frames(AckFrame.class).stream().anyMatch(ack -> ack.ranges().contains(number)),
                "a PING is not acknowledged");
    }
}
