package io.mpquic.quic.conformance;

import io.mpquic.quic.crypto.CryptoProvider;
import io.mpquic.quic.crypto.HeaderProtection;
import io.mpquic.quic.crypto.PacketAead;
import io.mpquic.quic.crypto.PacketKeys;
import io.mpquic.quic.wire.ConnectionId;
import io.mpquic.quic.wire.Frame;
import io.mpquic.quic.wire.PacketType;
import io.mpquic.quic.wire.Version;
import io.mpquic.quic.wire.WireWriter;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** A packet in the making. Everything about it can be wrong; only both protections are always applied as they should. */
final class PacketDraft {
    private final PacketType type;
    private final ProtectionSecret secret;
    private long number;
    private int numberLength = 4;
    private int reserved;
    private int fixedBit = 0x40;
    private int phase;
    private boolean spin;
    private int generation;
    private int version = Version.V1;
    private ConnectionId destination;
    private ConnectionId source;
    private byte[] token = {};
    private byte[] payload = {};
    private int padToBytes;

    PacketDraft(PacketType type, ProtectionSecret secret, long number, ConnectionId destination, ConnectionId source) {
        this.type = type;
        this.secret = secret;
        this.number = number;
        this.destination = destination;
        this.source = source;
    }

    PacketDraft number(long value) {
        number = value;
        return this;
    }

    PacketDraft numberLength(int bytes) {
        numberLength = bytes;
        return this;
    }

    /** The two reserved bits, unprotected. */
    PacketDraft reserved(int bits) {
        reserved = bits;
        return this;
    }

    /** The latency spin bit of a 1-RTT packet. */
    PacketDraft spin(boolean set) {
        spin = set;
        return this;
    }

    PacketDraft withoutFixedBit() {
        fixedBit = 0;
        return this;
    }

    /** Which generation of 1-RTT keys protects it; the Key Phase bit follows. */
    PacketDraft generation(int value) {
        generation = value;
        phase = value & 1;
        return this;
    }

    PacketDraft destination(ConnectionId id) {
        destination = id;
        return this;
    }

    PacketDraft source(ConnectionId id) {
        source = id;
        return this;
    }

    PacketDraft token(byte[] bytes) {
        token = bytes;
        return this;
    }

    PacketDraft version(int value) {
        version = value;
        return this;
    }

    PacketDraft frames(Frame... frames) {
        return payload(RawBytes.frames(frames));
    }

    /** Appends to the payload. */
    PacketDraft payload(byte... bytes) {
        payload = RawBytes.join(payload, bytes);
        return this;
    }

    /** Appends PADDING up to this size of the packet. */
    PacketDraft padTo(int packetBytes) {
        padToBytes = packetBytes;
        return this;
    }

    byte[] build() {
        byte[] packet = new byte[1 + 4 + 2 + 40 + 8 + token.length + 8 + 4 + Math.max(payload.length, padToBytes) + 16];
        WireWriter writer = WireWriter.of(packet);
        boolean isLong = type != PacketType.ONE_RTT;
        int typeBits = type == PacketType.INITIAL ? 0 : type == PacketType.ZERO_RTT ? 1 : 2;
        if (isLong) {
            writer.writeByte(0x80 | fixedBit | typeBits << 4 | reserved << 2 | (numberLength - 1));
            writer.writeInt(version);
            writer.writeByte(destination.lengthBytes()).writeBytes(destination.bytes());
            writer.writeByte(source.lengthBytes()).writeBytes(source.bytes());
            if (type == PacketType.INITIAL) {
                writer.writeVarInt(token.length).writeBytes(token);
            }
        } else {
            writer.writeByte(fixedBit | (spin ? 0x20 : 0) | reserved << 3 | phase << 2 | (numberLength - 1));
            writer.writeBytes(destination.bytes());
        }
        int beforeLength = (int) writer.position();
        int headerLength = beforeLength + (isLong ? 2 : 0) + numberLength;
        byte[] padded =
                Arrays.copyOf(payload, Math.max(payload.length, padToBytes - headerLength - PacketAead.TAG_BYTES));
        if (isLong) {
            writer.writeVarInt(numberLength + padded.length + PacketAead.TAG_BYTES, 2);
        }
        final long numberOffset = writer.position();
        for (int i = numberLength - 1; i >= 0; i--) {
            writer.writeByte((int) (number >>> (8 * i)) & 0xff);
        }
        writer.writeBytes(padded);
        MemorySegment segment = MemorySegment.ofArray(packet);
        // New keys for each packet: the tests also go back in packet numbers, which the cipher would refuse.
        PacketKeys keys = secret.derive(CryptoProvider.jdk());
        for (int i = 0; i < generation; i++) {
            keys = keys.nextPhase();
        }
        keys.aead().seal(number, segment, 0, headerLength, padded.length);
        int size = headerLength + padded.length + PacketAead.TAG_BYTES;
        if (size - numberOffset >= HeaderProtection.MINIMUM_BYTES_FROM_PACKET_NUMBER) {
            HeaderProtection.protect(keys.headerMask(), segment, 0, numberOffset, numberLength);
        }
        return Arrays.copyOf(packet, size);
    }
}
