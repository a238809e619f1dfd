package io.mpquic.quic.connection;

import io.mpquic.quic.connection.ConnectionTrace.DropCause;
import io.mpquic.quic.crypto.HeaderMask;
import io.mpquic.quic.crypto.HeaderProtection;
import io.mpquic.quic.crypto.PacketAead;
import io.mpquic.quic.crypto.PacketKeys;
import io.mpquic.quic.wire.LongHeader;
import io.mpquic.quic.wire.MalformedPacketException;
import io.mpquic.quic.wire.PacketHeader;
import io.mpquic.quic.wire.PacketNumber;
import io.mpquic.quic.wire.PacketType;
import io.mpquic.quic.wire.StatelessResetToken;
import io.mpquic.quic.wire.TransportError;
import io.mpquic.quic.wire.TransportException;
import io.mpquic.quic.wire.WireReader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.nio.ByteOrder;

/**
 * The way in: takes a datagram apart into packets, removes header and packet protection in place, and hands each payload
 * on. What is malformed or fails authentication is dropped and counted (RFC 9001 §5.5).
 */
final class Ingress {
    /** RFC 9001 §5.4.2: the sample starts four bytes behind the packet number's first and has 16. */
    private static final int MIN_BYTES_FROM_PACKET_NUMBER = 4 + 16;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    /** RFC 9000 §10.3: the shortest stateless reset. */
    private static final int MIN_RESET_BYTES = 21;

    /** Behind first byte, version, and the ID's length (RFC 9000 §17.2). */
    private static final int LONG_DESTINATION_OFFSET = 6;

    private final QuicConnection connection;
    private final FrameDispatcher dispatcher;
    private final UndecryptablePackets undecryptable = new UndecryptablePackets();
    private final WireReader headerReader = new WireReader();
    private final WireReader payloadReader = new WireReader();
    private InetSocketAddress from;
    private int datagramBytes;
    private int codepoint;
    private long peersChoice;
    private boolean otherId;

    Ingress(QuicConnection connection, FrameDispatcher dispatcher) {
        this.connection = connection;
        this.dispatcher = dispatcher;
        from = connection.paths.remote();
    }

    /** Takes one UDP payload, with its ECN codepoint. */
    void receive(MemorySegment datagram, long offset, int length, InetSocketAddress sender, int ecn, long nowNs)
            throws TransportException {
        from = sender;
        datagramBytes = length;
        codepoint = ecn;
        takeApart(datagram, offset, length, nowNs);
    }

    private void takeApart(MemorySegment datagram, long offset, int length, long nowNs) throws TransportException {
        long end = offset + length;
        for (long at = offset; at < end && !connection.isClosed(); ) {
            int first = datagram.get(ValueLayout.JAVA_BYTE, at);
            if (!PacketHeader.isLong(first)) {
                receiveShort(datagram, at, end, nowNs);
                return;
            }
            at = receiveLong(datagram, at, end, nowNs);
        }
    }

    InetSocketAddress from() {
        return from;
    }

    int datagramBytes() {
        return datagramBytes;
    }

    /** Whether the packet carries another of this end's IDs than the newest one before it. */
    boolean isOtherId() {
        return otherId;
    }

    /** Tries the packets again that came before their keys. */
    void retryUndecryptable(long nowNs) throws TransportException {
        if (undecryptable.isEmpty()) {
            return;
        }
        // RFC 9000 §9.3, §13.4.1: each counts as it came, wherever and however the keys did.
        for (UndecryptablePackets.Kept kept : undecryptable.drain()) {
            from = kept.from();
            datagramBytes = kept.datagramBytes();
            codepoint = kept.codepoint();
            takeApart(kept.packet(), 0, (int) kept.packet().byteSize(), nowNs);
        }
    }

    /** Returns where the next packet of the datagram starts; {@code end} when there is none. */
    private long receiveLong(MemorySegment datagram, long at, long end, long nowNs) throws TransportException {
        LongHeader header;
        try {
            headerReader.wrap(datagram, at, end - at);
            header = LongHeader.parse(headerReader, !connection.settings.greaseQuicBit());
        } catch (MalformedPacketException e) {
            drop(end - at, DropCause.MALFORMED);
            return end;
        }
        return switch (header) {
            case LongHeader.VersionNegotiation negotiation -> {
                connection.establishment.onVersionNegotiation(negotiation, nowNs);
                yield end;
            }
            case LongHeader.Retry retry -> {
                connection.establishment.onRetry(retry, datagram.asSlice(at, end - at), nowNs);
                yield end;
            }
            case LongHeader.ZeroRtt zeroRtt -> {
                if (connection.early.mayRead()) {
                    yield openLong(connection.spaces.application, datagram, at, zeroRtt, nowNs);
                }
                drop(zeroRtt.endOffset() - at, DropCause.NO_KEYS);
                yield zeroRtt.endOffset();
            }
            case LongHeader.Initial initial -> {
                // RFC 9000 §14.1: a server takes Initial packets only from datagrams of full size.
                if (!connection.isClient() && datagramBytes < TransportSettings.MIN_UDP_PAYLOAD_BYTES) {
                    drop(initial.endOffset() - at, DropCause.UNEXPECTED);
                    yield initial.endOffset();
                }
                yield openLong(connection.spaces.initial, datagram, at, initial, nowNs);
            }
            case LongHeader.Handshake handshake ->
                openLong(connection.spaces.handshake, datagram, at, handshake, nowNs);
        };
    }

    private long openLong(PacketSpace space, MemorySegment datagram, long at, LongHeader.Numbered header, long nowNs)
            throws TransportException {
        long packetEnd = header.endOffset();
        if (space.isDiscarded() || !header.hasSample() || !connection.establishment.accepts(header)) {
            drop(packetEnd - at, space.isDiscarded() ? DropCause.NO_KEYS : DropCause.UNEXPECTED);
            return packetEnd;
        }
        PacketKeys keys = space.readKeys;
        if (keys == null) {
            keepForLater(datagram, at, packetEnd);
            return packetEnd;
        }
        long numberOffset = header.packetNumberOffset();
        int numberLength = HeaderProtection.unprotect(keys.headerMask(), datagram, at, numberOffset);
        long packetNumber = packetNumber(space, datagram, numberOffset, numberLength);
        int headerLength = (int) (numberOffset - at) + numberLength;
        int ciphertext = (int) (packetEnd - at) - headerLength;
        if (ciphertext < PacketAead.TAG_BYTES) {
            drop(packetEnd - at, DropCause.MALFORMED);
            return packetEnd;
        }
        // RFC 9000 §12.3: a duplicate is told from a forgery only behind the AEAD, or the time would tell its number.
        boolean authentic = keys.aead().open(packetNumber, datagram, at, headerLength, ciphertext);
        if (!authentic || space.received.isDuplicate(packetNumber)) {
            drop(packetEnd - at, authentic ? DropCause.DUPLICATE : DropCause.UNDECRYPTABLE);
            if (!authentic) {
                connection.spaces.forgeries.add();
            }
            return packetEnd;
        }
        checkReserved(datagram.get(ValueLayout.JAVA_BYTE, at) & PacketHeader.LONG_RESERVED_BITS);
        connection.establishment.onLongPacketAuthenticated(space, header.scid(), nowNs);
        deliver(
                space,
                header.packetType(),
                at + LONG_DESTINATION_OFFSET,
                datagram,
                at + headerLength,
                ciphertext,
                packetNumber,
                nowNs);
        return packetEnd;
    }

    private void receiveShort(MemorySegment datagram, long at, long end, long nowNs) throws TransportException {
        PacketSpace space = connection.spaces.application;
        long packetNumberOffset = at + 1 + connection.localIds.first().lengthBytes();
        OneRttKeys keys = space.oneRttKeys;
        // RFC 9001 §5.7: 1-RTT packets wait until the handshake is complete, even where the keys are there before.
        if (keys == null || !connection.establishment.isComplete()) {
            keepForLater(datagram, at, end);
            return;
        }
        boolean longEnough = end - packetNumberOffset >= MIN_BYTES_FROM_PACKET_NUMBER;
        boolean wellFormed = longEnough && !connection.quicBit.refuses(datagram.get(ValueLayout.JAVA_BYTE, at));
        // Opening in place may overwrite what could be a stateless reset token: it is read before.
        boolean maybeReset = end - at >= MIN_RESET_BYTES;
        long tokenHigh = maybeReset ? datagram.get(LONG, end - StatelessResetToken.LENGTH_BYTES) : 0;
        long tokenLow = maybeReset ? datagram.get(LONG, end - Long.BYTES) : 0;
        if (!wellFormed || !openShort(space, keys, datagram, at, packetNumberOffset, end, nowNs)) {
            drop(end - at, wellFormed ? DropCause.UNDECRYPTABLE : DropCause.MALFORMED);
            // RFC 9000 §10.3.1: what cannot be opened may be a stateless reset.
            if (maybeReset) {
                connection.reception.checkStatelessReset(new StatelessResetToken(tokenHigh, tokenLow), nowNs);
            }
        }
    }

    private boolean openShort(
            PacketSpace space,
            OneRttKeys keys,
            MemorySegment datagram,
            long at,
            long packetNumberOffset,
            long end,
            long nowNs)
            throws TransportException {
        HeaderMask mask = keys.readMask();
        int pnLength = HeaderProtection.unprotect(mask, datagram, at, packetNumberOffset);
        long packetNumber = packetNumber(space, datagram, packetNumberOffset, pnLength);
        int first = datagram.get(ValueLayout.JAVA_BYTE, at);
        int headerLength = (int) (packetNumberOffset - at) + pnLength;
        int ciphertext = (int) (end - at) - headerLength;
        int keyPhase = (first & PacketHeader.KEY_PHASE_BIT) == 0 ? 0 : 1;
        if (ciphertext < PacketAead.TAG_BYTES) {
            return false;
        }
        long generation = keys.readGeneration();
        if (!keys.open(
                datagram,
                at,
                headerLength,
                ciphertext,
                packetNumber,
                keyPhase,
                space.received.largestReported(),
                nowNs,
                connection.ptoNs())) {
            return false;
        }
        if (keys.readGeneration() != generation) {
            connection.tracing.keysUpdated(false, keys.readGeneration());
        }
        // RFC 9000 §12.3: behind the AEAD, as what only seems to have a known number may be a stateless reset.
        if (space.received.isDuplicate(packetNumber)) {
            drop(end - at, DropCause.DUPLICATE);
            return true;
        }
        checkReserved(first & PacketHeader.SHORT_RESERVED_BITS);
        if (packetNumber > space.received.largest()) {
            connection.spin.onNewestPacket((first & PacketHeader.SPIN_BIT) != 0);
        }
        connection.early.onOneRttPacket(nowNs);
        deliver(space, PacketType.ONE_RTT, at + 1, datagram, at + headerLength, ciphertext, packetNumber, nowNs);
        return true;
    }

    private static long packetNumber(PacketSpace space, MemorySegment datagram, long offset, int lengthBytes) {
        long truncated = PacketNumber.read(datagram, offset, lengthBytes);
        return PacketNumber.decode(truncated, lengthBytes, space.received.largest());
    }

    // RFC 9000 §17.2, §17.3.1: these bits are 0 once both protections are removed.
    private static void checkReserved(int bits) throws TransportException {
        if (bits != 0) {
            throw new TransportException(TransportError.PROTOCOL_VIOLATION, "reserved header bits are not 0");
        }
    }

    private void deliver(
            PacketSpace space,
            PacketType type,
            long destinationOffset,
            MemorySegment datagram,
            long payloadOffset,
            int ciphertext,
            long packetNumber,
            long nowNs)
            throws TransportException {
        int payload = ciphertext - PacketAead.TAG_BYTES;
        // RFC 9000 §12.4: a packet holds at least one frame.
        if (payload == 0) {
            throw new TransportException(TransportError.PROTOCOL_VIOLATION, "a packet without a frame");
        }
        int beforeDestination = type == PacketType.ONE_RTT ? 1 : LONG_DESTINATION_OFFSET;
        int packetBytes = (int) (payloadOffset - destinationOffset) + beforeDestination + ciphertext;
        connection.tracing.packetReceived(type, packetNumber, packetBytes, datagram, payloadOffset, payload);
        payloadReader.wrap(datagram, payloadOffset, payload);
        long id = datagram.get(LONG, destinationOffset);
        otherId = id != peersChoice;
        boolean ackEliciting = dispatcher.dispatch(space, type, destinationOffset, payloadReader, nowNs);
        // RFC 9000 §9.3: only the newest packet tells where the peer is, and a probe does not (§9.1).
        boolean newest = packetNumber > space.received.largest() && dispatcher.sawMoreThanProbe();
        space.received.onPacketReceived(packetNumber, ackEliciting, nowNs);
        space.received.onCodepoint(codepoint, nowNs);
        connection.reception.onPacketProcessed(from, datagramBytes, newest, otherId, nowNs);
        if (newest) {
            peersChoice = id;
        }
    }

    private void keepForLater(MemorySegment datagram, long at, long end) {
        if (!undecryptable.keep(datagram, at, (int) (end - at), from, datagramBytes, codepoint)) {
            drop(end - at, DropCause.NO_KEYS);
        }
    }

    private void drop(long packetBytes, DropCause cause) {
        connection.counters.packetsDropped++;
        connection.tracing.packetDropped(packetBytes, cause);
    }
}
