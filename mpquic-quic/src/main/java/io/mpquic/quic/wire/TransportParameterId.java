package io.mpquic.quic.wire;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The transport parameters this stack knows, with their numbers and ranges (RFC 9000 §18.2, RFC 9221 §3, RFC 9287 §3). */
enum TransportParameterId {
    ORIGINAL_DESTINATION_CONNECTION_ID(0x00, true),
    MAX_IDLE_TIMEOUT(0x01, 0, 0, VarInt.MAX),
    STATELESS_RESET_TOKEN(0x02, true),
    MAX_UDP_PAYLOAD_SIZE(0x03, 1200, TransportParameters.DEFAULT_MAX_UDP_PAYLOAD_SIZE, VarInt.MAX),
    INITIAL_MAX_DATA(0x04, 0, 0, VarInt.MAX),
    INITIAL_MAX_STREAM_DATA_BIDI_LOCAL(0x05, 0, 0, VarInt.MAX),
    INITIAL_MAX_STREAM_DATA_BIDI_REMOTE(0x06, 0, 0, VarInt.MAX),
    INITIAL_MAX_STREAM_DATA_UNI(0x07, 0, 0, VarInt.MAX),
    // RFC 9000 §4.6: more than 2^60 streams cannot have stream IDs.
    INITIAL_MAX_STREAMS_BIDI(0x08, 0, 0, StreamFrame.MAX_STREAMS),
    INITIAL_MAX_STREAMS_UNI(0x09, 0, 0, StreamFrame.MAX_STREAMS),
    ACK_DELAY_EXPONENT(0x0a, 0, TransportParameters.DEFAULT_ACK_DELAY_EXPONENT, 20),
    MAX_ACK_DELAY(0x0b, 0, TransportParameters.DEFAULT_MAX_ACK_DELAY_MS, (1 << 14) - 1),
    DISABLE_ACTIVE_MIGRATION(0x0c, false),
    PREFERRED_ADDRESS(0x0d, true),
    ACTIVE_CONNECTION_ID_LIMIT(0x0e, 2, TransportParameters.DEFAULT_ACTIVE_CONNECTION_ID_LIMIT, VarInt.MAX),
    INITIAL_SOURCE_CONNECTION_ID(0x0f, false),
    RETRY_SOURCE_CONNECTION_ID(0x10, true),
    MAX_DATAGRAM_FRAME_SIZE(0x20, 0, 0, VarInt.MAX),
    GREASE_QUIC_BIT(0x2ab2, false);

    private final long code;
    private final boolean serverOnly;
    private final long smallest;
    private final long defaultValue;
    private final long largest;

    /** A parameter that is no integer. */
    TransportParameterId(long code, boolean serverOnly) {
        this.code = code;
        this.serverOnly = serverOnly;
        this.smallest = 0;
        this.defaultValue = 0;
        this.largest = 0;
    }

    /** A parameter that is an integer. */
    TransportParameterId(long code, long smallest, long defaultValue, long largest) {
        this.code = code;
        this.serverOnly = false;
        this.smallest = smallest;
        this.defaultValue = defaultValue;
        this.largest = largest;
    }

    /** The parameter with a number, or null if it is unknown: reserved, or of an extension. */
    static @Nullable TransportParameterId ofCode(long code) {
        for (TransportParameterId id : values()) {
            if (id.code == code) {
                return id;
            }
        }
        return null;
    }

    long code() {
        return code;
    }

    boolean isServerOnly() {
        return serverOnly;
    }

    long defaultValue() {
        return defaultValue;
    }

    boolean permits(long value) {
        return value >= smallest && value <= largest;
    }

    void require(long value) {
        if (!permits(value)) {
            throw new IllegalArgumentException(this + " = " + value);
        }
    }

    /** The name in the RFC. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
