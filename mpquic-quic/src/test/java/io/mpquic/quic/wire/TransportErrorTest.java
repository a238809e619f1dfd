package io.mpquic.quic.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 9000 §20.1: error codes and their names, as logs show them. */
class TransportErrorTest {
    @ParameterizedTest
    @CsvSource({
        "0x00, NO_ERROR",
        "0x01, INTERNAL_ERROR",
        "0x02, CONNECTION_REFUSED",
        "0x03, FLOW_CONTROL_ERROR",
        "0x04, STREAM_LIMIT_ERROR",
        "0x05, STREAM_STATE_ERROR",
        "0x06, FINAL_SIZE_ERROR",
        "0x07, FRAME_ENCODING_ERROR",
        "0x08, TRANSPORT_PARAMETER_ERROR",
        "0x09, CONNECTION_ID_LIMIT_ERROR",
        "0x0a, PROTOCOL_VIOLATION",
        "0x0b, INVALID_TOKEN",
        "0x0c, APPLICATION_ERROR",
        "0x0d, CRYPTO_BUFFER_EXCEEDED",
        "0x0e, KEY_UPDATE_ERROR",
        "0x0f, AEAD_LIMIT_REACHED",
        "0x10, NO_VIABLE_PATH",
        "0x11, 0x11",
        "0xff, 0xff",
        "0x100, CRYPTO_ERROR(alert 0)",
        "0x128, CRYPTO_ERROR(alert 40)",
        "0x1ff, CRYPTO_ERROR(alert 255)",
        "0x200, 0x200"
    })
    void everyCodeHasItsName(String code, String name) {
        assertEquals(name, TransportError.name(Long.decode(code)));
    }

    @Test
    void aCodeBelow0IsShownAllTheSame() {
        assertEquals("0xffffffffffffffff", TransportError.name(-1));
    }

    @Test
    void anAlertOfTlsIsACryptoError() {
        assertEquals(0x128, TransportError.ofAlert(40));
    }

    @Test
    void aFaultSaysItsCodeByNameAndItsReason() {
        TransportException fault = new TransportException(TransportError.FLOW_CONTROL_ERROR, 0x08, "too much");
        assertEquals("FLOW_CONTROL_ERROR: too much", fault.getMessage());
        assertEquals("too much", fault.reason());
        assertEquals(0x08, fault.frameType());
        assertEquals(0, new TransportException(TransportError.FLOW_CONTROL_ERROR, "too much").frameType());
    }
}
