package io.mpquic.quic.conformance;

import io.mpquic.quic.crypto.CryptoProvider;
import io.mpquic.quic.crypto.HeaderProtection;
import io.mpquic.quic.crypto.PacketAead;
import io.mpquic.quic.crypto.PacketKeys;
import io.mpquic.quic.wire.ConnectionId;
import io.mpquic.quic.wire.EncryptionLevel;
import io.mpquic.quic.wire.Frame;
import io.mpquic.quic.wire.LongHeader;
import io.mpquic.quic.wire.MalformedPacketException;
import io.mpquic.quic.wire.PacketNumber;
import io.mpquic.quic.wire.PacketType;
import io.mpquic.quic.wire.TransportException;
import io.mpquic.quic.wire.WireReader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Opens the packets of the endpoint under test for a {@link RawPeer}. */
final class PacketReading {
    private PacketReading() {}

    static void read(RawPeer peer, Target.Sent sent) {
        byte[] bytes = sent.bytes().clone();
        int at = 0;
        while (at < bytes.length) {
            int end = readPacket(peer, sent, bytes, at);
            if (end < 0) {
                peer.unreadable.add(Arrays.copyOfRange(sent.bytes(), at, bytes.length));
                return;
            }
            at = end;
        }
    }

    /** Returns where the next packet starts; -1 when this one cannot be read. */
    private static int readPacket(RawPeer peer, Target.Sent sent, byte[] bytes, int at) {
        MemorySegment segment = MemorySegment.ofArray(bytes);
        if (bytes[at] >= 0) {
            return readShort(peer, sent, segment, at, bytes.length) ? bytes.length : -1;
        }
        try {
            LongHeader header = LongHeader.parse(new WireReader().wrap(segment, at, bytes.length - at), false);
            if (header instanceof LongHeader.Numbered numbered && readLong(peer, sent, segment, at, numbered)) {
                return (int) numbered.endOffset();
            }
            return -1;
        } catch (MalformedPacketException e) {
            return -1;
        }
    }

    private static boolean readLong(
            RawPeer peer, Target.Sent sent, MemorySegment bytes, int at, LongHeader.Numbered header) {
        EncryptionLevel level = levelOf(header);
        ProtectionSecret secret = peer.readSecret(level);
        if (secret == null || !header.hasSample()) {
            return false;
        }
        PacketKeys keys = secret.derive(CryptoProvider.jdk());
        int end = (int) header.endOffset();
        Opened opened = open(keys, keys, bytes, at, header.packetNumberOffset(), end, peer.largestRead(level));
        if (opened == null) {
            return false;
        }
        byte[] token = header instanceof LongHeader.Initial initial ? initial.token() : new byte[0];
        peer.onPacket(
                level,
                0,
                new RawPacket(
                        header.packetType(),
                        opened.number,
                        0,
                        header.dcid(),
                        header.scid(),
                        token,
                        opened.frames,
                        end - at,
                        (bytes.get(ValueLayout.JAVA_BYTE, at) >> 2) & 3,
                        opened.numberBytes,
                        sent));
        return true;
    }

    private static EncryptionLevel levelOf(LongHeader.Numbered header) {
        return switch (header) {
            case LongHeader.Initial initial -> EncryptionLevel.INITIAL;
            case LongHeader.ZeroRtt early -> EncryptionLevel.ZERO_RTT;
            case LongHeader.Handshake handshake -> EncryptionLevel.HANDSHAKE;
        };
    }

    private static boolean readShort(RawPeer peer, Target.Sent sent, MemorySegment bytes, int at, int end) {
        ProtectionSecret secret = peer.readSecret(EncryptionLevel.ONE_RTT);
        int numberOffset = at + 1 + peer.source.lengthBytes();
        if (secret == null || end - numberOffset < HeaderProtection.MINIMUM_BYTES_FROM_PACKET_NUMBER) {
            return false;
        }
        byte[] saved = bytes.toArray(ValueLayout.JAVA_BYTE);
        PacketKeys keys = secret.derive(CryptoProvider.jdk());
        for (int generation = 0; generation <= peer.readGeneration() + 1; generation++) {
            MemorySegment copy = MemorySegment.ofArray(saved.clone());
            PacketKeys mask = secret.derive(CryptoProvider.jdk());
            Opened opened = open(mask, keys, copy, at, numberOffset, end, peer.largestRead(EncryptionLevel.ONE_RTT));
            if (opened != null) {
                ConnectionId destination = ConnectionId.read(bytes, at + 1, peer.source.lengthBytes());
                int phase = (copy.get(ValueLayout.JAVA_BYTE, at) >> 2) & 1;
                if (phase != (generation & 1)) {
                    throw new AssertionError("generation " + generation + " of keys with phase " + phase);
                }
                peer.onPacket(
                        EncryptionLevel.ONE_RTT,
                        generation,
                        new RawPacket(
                                PacketType.ONE_RTT,
                                opened.number,
                                phase,
                                destination,
                                ConnectionId.EMPTY,
                                new byte[0],
                                opened.frames,
                                end - at,
                                (copy.get(ValueLayout.JAVA_BYTE, at) >> 3) & 3,
                                opened.numberBytes,
                                sent));
                return true;
            }
            keys = keys.nextPhase();
        }
        return false;
    }

    private record Opened(long number, int numberBytes, List<Frame> frames) {}

    private static @Nullable Opened open(
            PacketKeys mask,
            PacketKeys keys,
            MemorySegment bytes,
            int at,
            long numberOffset,
            int end,
            long largestRead) {
        int numberLength = HeaderProtection.unprotect(mask.headerMask(), bytes, at, numberOffset);
        long truncated = PacketNumber.read(bytes, numberOffset, numberLength);
        long number = PacketNumber.decode(truncated, numberLength, largestRead);
        int headerLength = (int) numberOffset - at + numberLength;
        int ciphertext = end - at - headerLength;
        if (!keys.aead().open(number, bytes, at, headerLength, ciphertext)) {
            return null;
        }
        WireReader reader = new WireReader().wrap(bytes, at + headerLength, ciphertext - PacketAead.TAG_BYTES);
        List<Frame> frames = new ArrayList<>();
        try {
            while (reader.remaining() > 0) {
                frames.add(Frame.parse(reader));
            }
        } catch (TransportException e) {
            throw new AssertionError("the endpoint sent a frame that cannot be read: " + e, e);
        }
        return new Opened(number, numberLength, frames);
    }
}
