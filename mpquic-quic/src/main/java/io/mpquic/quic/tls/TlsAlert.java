package io.mpquic.quic.tls;

import io.mpquic.quic.wire.TransportError;
import io.mpquic.quic.wire.TransportException;

/** The TLS alerts that this package raises itself (RFC 8446 §6.2). QUIC carries them as error codes. */
enum TlsAlert {
    UNEXPECTED_MESSAGE(10),
    HANDSHAKE_FAILURE(40),
    BAD_CERTIFICATE(42),
    UNSUPPORTED_CERTIFICATE(43),
    CERTIFICATE_EXPIRED(45),
    ILLEGAL_PARAMETER(47),
    UNKNOWN_CA(48),
    DECODE_ERROR(50),
    INTERNAL_ERROR(80),
    MISSING_EXTENSION(109),
    CERTIFICATE_REQUIRED(116),
    NO_APPLICATION_PROTOCOL(120);

    /** Type of the CRYPTO frame, which carries every TLS message (RFC 9000 §19.6). */
    static final long CRYPTO_FRAME_TYPE = 0x06;

    private final int code;

    TlsAlert(int code) {
        this.code = code;
    }

    /** The alert as a connection error. RFC 9001 §4.8: the code is 0x100 plus the alert's. */
    TransportException because(String reason) {
        return of(code, reason);
    }

    /** Any alert as a connection error. */
    static TransportException of(int alertCode, String reason) {
        return new TransportException(TransportError.ofAlert(alertCode), CRYPTO_FRAME_TYPE, reason);
    }

    /** A breach of a rule that belongs to QUIC rather than to TLS. */
    static TransportException protocolViolation(String reason) {
        return new TransportException(TransportError.PROTOCOL_VIOLATION, CRYPTO_FRAME_TYPE, reason);
    }
}
