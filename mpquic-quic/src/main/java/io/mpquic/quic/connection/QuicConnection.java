package io.mpquic.quic.connection;

import io.mpquic.quic.congestion.CongestionController;
import io.mpquic.quic.congestion.Pacer;
import io.mpquic.quic.recovery.EcnValidation;
import io.mpquic.quic.recovery.LossRecovery;
import io.mpquic.quic.recovery.PathMtuDiscovery;
import io.mpquic.quic.recovery.RttEstimator;
import io.mpquic.quic.stream.QuicStream;
import io.mpquic.quic.stream.StreamFrames;
import io.mpquic.quic.stream.StreamSet;
import io.mpquic.quic.wire.ConnectionId;
import io.mpquic.quic.wire.PacketNumberSpace;
import io.mpquic.quic.wire.StatelessResetToken;
import io.mpquic.quic.wire.TransportParameters;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * One QUIC version 1 connection (RFC 9000), without input and output of its own.
 *
 * <p>An endpoint feeds it with {@link #receive}, {@link #onTimeout} and the time, and sends what {@link #transmit} and
 * {@link #sealDatagram} build. An application polls {@link #pollEvent} and gets datagrams through its
 * {@link DatagramSink}. All times are nanoseconds of one monotonic clock. One thread owns a connection.
 */
public final class QuicConnection {
    /** Free bytes that {@link #sealDatagram} needs before a message. */
    public static final int HEADROOM_BYTES = DatagramSealer.HEADROOM_BYTES;

    /** Free bytes that {@link #sealDatagram} needs behind a message. */
    public static final int TAILROOM_BYTES = DatagramSealer.TAILROOM_BYTES;

    // RFC 9000 §18.2: the default; a shorter promise would cost acknowledgements.
    private static final long MAX_ACK_DELAY_NS = 25_000_000;

    final Counters counters = new Counters();
    final PacketSpaces spaces;
    final PendingFrames pending = new PendingFrames();
    final PingRequest ping = new PingRequest();
    final RttEstimator rtt;
    final CongestionController congestion;
    final Pacer pacer;
    final LossRecovery recovery;
    final Paths paths;
    final PathMtuDiscovery mtu;
    final PeerLimits peerLimits = new PeerLimits();
    final LocalConnectionIds localIds;
    final PeerConnectionIds peerIds;
    final SpinBit spin;
    final QuicBit quicBit;
    final Establishment establishment;
    final EarlyData early = new EarlyData(this);
    final Closing closing;
    final Tracing tracing;
    final KeyUpdates keyUpdates = new KeyUpdates(this);
    final StreamFrames streamFrames;
    final StreamSet streams;
    final TransportSettings settings;
    final IdleTimer idle;
    final DatagramQueue datagrams = new DatagramQueue();
    final Events events;
    final Delivery delivery = new Delivery(this);
    final Migration migration = new Migration(this);
    final PreferredPath preferred;
    final Reception reception;
    final Sending sending;

    private final boolean client;
    private final ConnectionTimers timers;

    private QuicConnection(
            ConnectionSetup setup, ConnectionId originalDestination, @Nullable Opening opening, long nowNs) {
        client = opening == null;
        settings = setup.settings();
        rtt = new RttEstimator(settings.initialRttNs());
        streams = new StreamSet(client, settings.streamLimits(), settings.streamMemory());
        streamFrames = new StreamFrames(streams, rtt::smoothedNs);
        events = new Events(this, streams);
        spaces = new PacketSpaces(MAX_ACK_DELAY_NS, setup.random());
        spin = new SpinBit(settings.spinBit(), client, setup.random());
        quicBit = new QuicBit(settings.greaseQuicBit(), setup.random());
        congestion = settings.congestion().create(TransportSettings.MIN_UDP_PAYLOAD_BYTES, rtt::smoothedNs);
        pacer = new Pacer(congestion, rtt::smoothedNs);
        recovery = new LossRecovery(rtt, congestion, delivery, client);
        mtu = new PathMtuDiscovery(settings.maxUdpPayloadBytes());
        tracing = new Tracing(setup.traces().open(client, originalDestination, setup.remote(), nowNs), nowNs);
        closing = new Closing(events.queue, this::ptoNs, tracing);
        idle = new IdleTimer(settings.idleTimeoutNs(), settings.keepAliveNs(), nowNs);
        timers = new ConnectionTimers(this, idle, nowNs + settings.handshakeTimeoutNs());
        localIds = new LocalConnectionIds(setup.registry(), this);
        ConnectionId peerSource = opening == null ? null : opening.source();
        peerIds = new PeerConnectionIds(
                peerSource == null ? originalDestination : peerSource, settings.activeConnectionIdLimit(), pending);
        paths = new Paths(this, setup.remote(), client, setup.random(), settings.initialRttNs());
        preferred = new PreferredPath(this, setup.remote());
        establishment = new Establishment(this, setup, client, originalDestination, peerSource);
        reception = new Reception(this, setup.sink(), nowNs);
        sending = new Sending(this);
        TransportParameters local = LocalParameters.of(settings, localIds, opening);
        if (opening != null && opening.addressProven()) {
            paths.validateByHandshake();
        }
        tracing.parametersSet(true, local);
        establishment.start(local);
    }

    /**
     * A connection to a server. The first packet waits in {@link #transmit} at once.
     *
     * @param firstDestination an unpredictable ID of 8 to 20 bytes (RFC 9000 §7.2)
     */
    public static QuicConnection client(ConnectionSetup setup, ConnectionId firstDestination, long nowNs) {
        return new QuicConnection(setup, firstDestination, null, nowNs);
    }

    /**
     * A connection that a client's first Initial packet opens; that packet is then to be given to {@link #receive}.
     */
    public static QuicConnection server(ConnectionSetup setup, Opening opening, long nowNs) {
        return new QuicConnection(setup, opening.destination(), opening, nowNs);
    }

    // ---- what the endpoint calls ----

    /**
     * Takes a UDP payload. It is decrypted in place.
     *
     * @param datagram memory that may be overwritten
     * @param from who sent it
     */
    public void receive(MemorySegment datagram, long offset, int lengthBytes, InetSocketAddress from, long nowNs) {
        receive(datagram, offset, lengthBytes, from, EcnValidation.NOT_ECT, nowNs);
    }

    /**
     * Takes a UDP payload, as above, from a socket that can tell its ECN codepoint.
     *
     * @param codepoint the two ECN bits of its IP header (RFC 3168 §5)
     */
    public void receive(
            MemorySegment datagram, long offset, int lengthBytes, InetSocketAddress from, int codepoint, long nowNs) {
        reception.receive(datagram, offset, lengthBytes, from, codepoint, nowNs);
    }

    /**
     * Asks whether a datagram of the peer that belongs to no connection resets this one (RFC 9000 §10.3.1).
     *
     * @param end where the datagram ends; it has at least 21 bytes
     * @return whether it does; the connection is over then
     */
    public boolean receiveStatelessReset(MemorySegment datagram, long end, long nowNs) {
        return reception.checkStatelessReset(StatelessResetToken.atEndOf(datagram, end), nowNs);
    }

    /** Does what is due by the clock; to be called when {@link #nextTimeoutNs} has come, harmless before. */
    public void onTimeout(long nowNs) {
        timers.onTimeout(nowNs);
    }

    /** When {@link #onTimeout} or {@link #transmit} is next to be called; in the past: at once; {@code Long.MAX_VALUE}: never. */
    public long nextTimeoutNs() {
        return Math.min(timers.nextTimeoutNs(), sending.egress.nextSendNs());
    }

    /**
     * Builds the next UDP payload. To be called until it returns 0, after each of the other calls.
     *
     * @param capacity room in {@code out} in bytes, at least {@link TransportSettings#maxUdpPayloadBytes}
     * @return its length in bytes; 0 when there is nothing to send now
     */
    public int transmit(MemorySegment out, long offset, int capacity, long nowNs) {
        return sending.transmit(out, offset, capacity, nowNs);
    }

    /** Where the payload goes that {@link #transmit} built last: while a path is proven, not always to {@link #remoteAddress}. */
    public InetSocketAddress transmitTo() {
        return sending.egress.sentOn().remote;
    }

    /** The ECN codepoint for the IP header of the payload that was built last, by any of the calls (RFC 9000 §13.4). */
    public int transmitEcn() {
        return recovery.ecn().codepoint();
    }

    /** Tells that the socket refused a payload as too large for the link: a probe of that size has failed. */
    public void onSendTooLarge(int lengthBytes) {
        mtu.onProbeRefused(lengthBytes);
        events.publishMaxDatagram();
    }

    /**
     * Builds a packet around a message, in place: {@link #HEADROOM_BYTES} before it and {@link #TAILROOM_BYTES} behind
     * it are overwritten, the message is encrypted.
     *
     * @param buffer where the message lies, from {@code offset} on
     * @throws IndexOutOfBoundsException if the buffer has less room around the message
     * @return SENT when the packet lies at {@link #sealedOffset}, otherwise nothing was touched
     */
    public SendResult sealDatagram(MemorySegment buffer, long offset, int lengthBytes, long nowNs) {
        return sending.seal(buffer, offset, lengthBytes, nowNs);
    }

    /** Where the packet starts that {@link #sealDatagram} built last. */
    public long sealedOffset() {
        return sending.sealer.sealedOffset();
    }

    /** How many bytes the packet has that {@link #sealDatagram} built last. */
    public int sealedLengthBytes() {
        return sending.sealer.sealedLength();
    }

    /** Gives the connection IDs back; the endpoint calls it when it forgets the connection. */
    public void releaseIds() {
        localIds.retireAll();
        tracing.forgotten();
    }

    // ---- what the application calls ----

    /** The next event, oldest first; null when there is none. */
    public @Nullable QuicEvent pollEvent() {
        return events.poll();
    }

    /** Opens a stream on which both ends send (RFC 9000 §2.1); null while the peer permits no more, or none yet. */
    public @Nullable QuicStream openBidirectional() {
        return isClosing() ? null : streams.open(false);
    }

    /** Opens a stream on which only this end sends (RFC 9000 §2.1); null while the peer permits no more, or none yet. */
    public @Nullable QuicStream openUnidirectional() {
        return isClosing() ? null : streams.open(true);
    }

    /** How many streams are open now, in either direction. */
    public int openStreams() {
        return streams.size();
    }

    /** The next stream that the peer has opened, in the order of their IDs for each kind; null when there is none. */
    public @Nullable QuicStream pollStream() {
        return streams.pollAccepted();
    }

    /** Whether the handshake is complete and the connection not over. */
    public boolean isEstablished() {
        return establishment.isComplete() && closing.isOpen();
    }

    /** What goes before the handshake is complete (0-RTT). */
    public EarlyData earlyData() {
        return early;
    }

    /** Whether this end is the client. */
    public boolean isClient() {
        return client;
    }

    /** Whether closing has begun, from either side. */
    public boolean isClosing() {
        return !closing.isOpen();
    }

    /** Whether all is over and the connection can be forgotten. */
    public boolean isClosed() {
        return closing.isClosed();
    }

    /** The peer's address now: that of a client may change (RFC 9000 §9). */
    public InetSocketAddress remoteAddress() {
        return paths.remote();
    }

    /** The largest message that a DATAGRAM frame can carry now, in bytes; 0: none can be sent (RFC 9221 §3). */
    public int maxDatagramBytes() {
        return events.maxDatagramBytes();
    }

    /** Whether the first discovery of the MTU of this path has ended (RFC 8899); false again after a move to another. */
    public boolean isPathMtuSettled() {
        return mtu.settled();
    }

    /**
     * Queues a copy of a message, for 0-RTT packets too. The other way, without a copy, is {@link #sealDatagram}.
     *
     * @return false when the queue is full or the message is too large now
     */
    public boolean offerDatagram(byte[] message) {
        return (isEstablished() || early.isOpen()) && message.length <= maxDatagramBytes() && datagrams.offer(message);
    }

    /** For how long the peer has owed an answer, in nanoseconds: 0 while nothing is outstanding or answers come. */
    public long unansweredNs(long nowNs) {
        return idle.unansweredNs(nowNs);
    }

    /**
     * Asks the peer for a sign of life over the path as it is now, for a caller who knows that this end's network was
     * away, or has another address: a server follows a client that moved (RFC 9000 §9). The question goes out with the
     * next {@link #transmit}, and is repeated as a lost packet is.
     *
     * @return the question, for {@link #isPathAnswered}
     * @throws IllegalStateException before the handshake is complete
     */
    public long probePath(long nowNs) {
        return migration.probe(nowNs);
    }

    /** Whether the peer has acknowledged something that was sent since the question was asked. */
    public boolean isPathAnswered(long question) {
        return spaces.application.largestAcknowledged >= question;
    }

    /**
     * Tells that this end has another local address from now on, since its socket was bound again, and that the peer is
     * to follow (RFC 9000 §9.2). Packets carry a connection ID that was not seen on the old path, the new path is
     * validated, and all that was learnt about the old one is forgotten. A client's call, after the handshake.
     *
     * <p>When it is refused, nothing has happened; {@link #probePath} then lets the peer see the new address as it sees
     * that of a client behind a NAT, without a new ID.
     *
     * @return false when it is refused: the handshake is not confirmed, the peer forbids it (disable_active_migration), or
     *     has given no connection ID to spare (RFC 9000 §9, §9.5)
     */
    public boolean migrate(long nowNs) {
        return migration.moveLocally(nowNs);
    }

    /**
     * Goes on under another of the peer's connection IDs and gives the one in use back, so that who watched before an idle
     * time cannot tell that it is the same connection after it (RFC 9000 §9.5). The next {@link #transmit} tells the peer.
     *
     * @return false when nothing was changed: the handshake is not confirmed, the peer has given no ID to spare, or none at
     *     all, or the connection is over
     */
    public boolean rotateConnectionId(long nowNs) {
        tracing.at(nowNs);
        return migration.rotateId();
    }

    /**
     * Begins to send with new keys (RFC 9001 §6.1). It happens unasked long before keys are worn out; this is for who wants
     * it sooner.
     *
     * @return false when it is not permitted now: the handshake is not confirmed, the last update is not yet acknowledged
     *     or its old keys are still kept, or the connection is over
     */
    public boolean updateKeys(long nowNs) {
        tracing.at(nowNs);
        return keyUpdates.update(nowNs);
    }

    /**
     * Ends the connection and tells the peer (RFC 9000 §10.2). The close goes out with the next {@link #transmit}.
     *
     * @param errorCode the application's own, 0 to 2^62-1
     */
    public void close(long errorCode, String reason, long nowNs) {
        tracing.at(nowNs);
        closing.closeByApplication(errorCode, reason, nowNs);
    }

    /** Counters and gauges now. */
    public ConnectionStatistics statistics() {
        return counters.snapshot(this);
    }

    // ---- what the concerns call ----

    long ptoNs() {
        return recovery.ptoNs(PacketNumberSpace.APPLICATION);
    }
}
