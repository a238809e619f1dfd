package io.mpquic.quic.wire;

/** Transport error codes (RFC 9000 §20.1). */
public final class TransportError {
    /** The connection ends without an error. */
    public static final long NO_ERROR = 0x00;
    /** A bug of ours, or resources ran out. */
    public static final long INTERNAL_ERROR = 0x01;
    /** The server refuses to accept a connection. */
    public static final long CONNECTION_REFUSED = 0x02;
    /** More data than the advertised limits permit. */
    public static final long FLOW_CONTROL_ERROR = 0x03;
    /** A stream beyond the advertised number of streams. */
    public static final long STREAM_LIMIT_ERROR = 0x04;
    /** A frame for a stream whose state does not permit it. */
    public static final long STREAM_STATE_ERROR = 0x05;
    /** A final size that contradicts what was received. */
    public static final long FINAL_SIZE_ERROR = 0x06;
    /** A frame that is badly formatted. */
    public static final long FRAME_ENCODING_ERROR = 0x07;
    /** Transport parameters that are badly formatted, missing, or forbidden. */
    public static final long TRANSPORT_PARAMETER_ERROR = 0x08;
    /** More connection IDs than active_connection_id_limit permits. */
    public static final long CONNECTION_ID_LIMIT_ERROR = 0x09;
    /** A rule of the protocol without a more specific code was broken. */
    public static final long PROTOCOL_VIOLATION = 0x0a;
    /** A token in an Initial packet is invalid. */
    public static final long INVALID_TOKEN = 0x0b;
    /** The application closed the connection; the reason is hidden while the handshake runs. */
    public static final long APPLICATION_ERROR = 0x0c;
    /** More CRYPTO data out of order than can be kept. */
    public static final long CRYPTO_BUFFER_EXCEEDED = 0x0d;
    /** A key update that breaks the rules of RFC 9001 §6. */
    public static final long KEY_UPDATE_ERROR = 0x0e;
    /** The confidentiality or integrity limit of the AEAD was reached. */
    public static final long AEAD_LIMIT_REACHED = 0x0f;
    /** No path can carry the connection. */
    public static final long NO_VIABLE_PATH = 0x10;

    /** First of the 256 codes that carry a TLS alert (RFC 9001 §4.8). */
    public static final long CRYPTO_ERROR = 0x100;

    private TransportError() {}

    /** The code that carries a TLS alert: {@code 0x100 + alert}. */
    public static long ofAlert(int alert) {
        return CRYPTO_ERROR + alert;
    }

    /** The name of a code, for log lines and errors. */
    public static String name(long code) {
        if (code >= CRYPTO_ERROR && code <= CRYPTO_ERROR + 0xff) {
            return "CRYPTO_ERROR(alert " + (code - CRYPTO_ERROR) + ")";
        }
        if (code < 0 || code > NO_VIABLE_PATH) {
            return "0x" + Long.toHexString(code);
        }
        return switch ((int) code) {
            case (int) NO_ERROR -> "NO_ERROR";
            case (int) INTERNAL_ERROR -> "INTERNAL_ERROR";
            case (int) CONNECTION_REFUSED -> "CONNECTION_REFUSED";
            case (int) FLOW_CONTROL_ERROR -> "FLOW_CONTROL_ERROR";
            case (int) STREAM_LIMIT_ERROR -> "STREAM_LIMIT_ERROR";
            case (int) STREAM_STATE_ERROR -> "STREAM_STATE_ERROR";
            case (int) FINAL_SIZE_ERROR -> "FINAL_SIZE_ERROR";
            case (int) FRAME_ENCODING_ERROR -> "FRAME_ENCODING_ERROR";
            case (int) TRANSPORT_PARAMETER_ERROR -> "TRANSPORT_PARAMETER_ERROR";
            case (int) CONNECTION_ID_LIMIT_ERROR -> "CONNECTION_ID_LIMIT_ERROR";
            case (int) PROTOCOL_VIOLATION -> "PROTOCOL_VIOLATION";
            case (int) INVALID_TOKEN -> "INVALID_TOKEN";
            case (int) APPLICATION_ERROR -> "APPLICATION_ERROR";
            case (int) CRYPTO_BUFFER_EXCEEDED -> "CRYPTO_BUFFER_EXCEEDED";
            case (int) KEY_UPDATE_ERROR -> "KEY_UPDATE_ERROR";
            case (int) AEAD_LIMIT_REACHED -> "AEAD_LIMIT_REACHED";
            case (int) NO_VIABLE_PATH -> "NO_VIABLE_PATH";
            default -> throw new IllegalStateException("unnamed code " + code);
        };
    }
}
