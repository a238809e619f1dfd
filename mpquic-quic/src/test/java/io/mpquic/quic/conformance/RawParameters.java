package io.mpquic.quic.conformance;

import io.mpquic.quic.wire.ConnectionId;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/** Transport parameters as a test wants them: wrong, missing, twice. */
final class RawParameters {
    static final int ORIGINAL_DESTINATION = 0x00;
    static final int MAX_IDLE_TIMEOUT = 0x01;
    static final int STATELESS_RESET_TOKEN = 0x02;
    static final int MAX_UDP_PAYLOAD_SIZE = 0x03;
    static final int MAX_DATA = 0x04;
    static final int MAX_STREAM_DATA_BIDI_LOCAL = 0x05;
    static final int MAX_STREAM_DATA_BIDI_REMOTE = 0x06;
    static final int MAX_STREAM_DATA_UNI = 0x07;
    static final int MAX_STREAMS_BIDI = 0x08;
    static final int MAX_STREAMS_UNI = 0x09;
    static final int ACK_DELAY_EXPONENT = 0x0a;
    static final int MAX_ACK_DELAY = 0x0b;
    static final int DISABLE_ACTIVE_MIGRATION = 0x0c;
    static final int PREFERRED_ADDRESS = 0x0d;
    static final int ACTIVE_CONNECTION_ID_LIMIT = 0x0e;
    static final int INITIAL_SOURCE = 0x0f;
    static final int RETRY_SOURCE = 0x10;
    static final int MAX_DATAGRAM_FRAME_SIZE = 0x20;

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Entry(long id, byte[] value) {}

    private final List<Entry> entries = new ArrayList<>();

    /** What a peer says when a test has nothing else in mind. */
    static RawParameters plain(RawPeer peer) {
        RawParameters plain = new RawParameters()
                .add(INITIAL_SOURCE, peer.source)
                .add(MAX_IDLE_TIMEOUT, RawBytes.varInt(60_000))
                .add(ACTIVE_CONNECTION_ID_LIMIT, RawBytes.varInt(4))
                .add(MAX_DATAGRAM_FRAME_SIZE, RawBytes.varInt(65_535));
        if (!peer.client) {
            plain.add(ORIGINAL_DESTINATION, peer.originalDestination);
            plain.add(STATELESS_RESET_TOKEN, RawPeer.RESET_TOKEN);
        }
        return plain;
    }

    RawParameters add(long id, byte... value) {
        entries.add(new Entry(id, value));
        return this;
    }

    RawParameters add(long id, ConnectionId value) {
        return add(id, value.bytes());
    }

    RawParameters set(long id, byte... value) {
        return remove(id).add(id, value);
    }

    RawParameters setInteger(long id, long value) {
        return set(id, RawBytes.varInt(value));
    }

    RawParameters remove(long id) {
        entries.removeIf(entry -> entry.id() == id);
        return this;
    }

    byte[] encode() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (Entry entry : entries) {
            out.writeBytes(RawBytes.varInt(entry.id()));
            out.writeBytes(RawBytes.varInt(entry.value().length));
            out.writeBytes(entry.value());
        }
        return out.toByteArray();
    }
}
