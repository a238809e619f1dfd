package io.mpquic.quic.tls;

import io.mpquic.quic.wire.TransportError;
import io.mpquic.quic.wire.TransportException;
import java.io.EOFException;
import java.io.IOException;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.TlsFatalAlert;

/** Carries a {@link TransportException} through BouncyCastle, which lets only its own kind of exception pass. */
final class HandshakeFault extends TlsFatalAlert {
    private static final long serialVersionUID = 1;

    private final TransportException fault;

    HandshakeFault(TransportException fault) {
        super(alertOf(fault), fault.reason());
        this.fault = fault;
    }

    private static short alertOf(TransportException fault) {
        long alert = fault.errorCode() - TransportError.CRYPTO_ERROR;
        return alert >= 0 && alert <= 0xff ? (short) alert : AlertDescription.internal_error;
    }

    /** Whatever went wrong, as a connection error: hostile input must never surface as anything else. */
    static TransportException unwrap(Throwable thrown) {
        return switch (thrown) {
            case HandshakeFault carried -> carried.fault;
            case TlsFatalAlert alert -> TlsAlert.of(alert.getAlertDescription(), describe(alert));
            // Truncated structures inside a message show up as the end of a stream.
            case EOFException e -> TlsAlert.DECODE_ERROR.because("a TLS message is cut short");
            case IOException e -> TlsAlert.INTERNAL_ERROR.because("TLS failed: " + e);
            default -> TlsAlert.INTERNAL_ERROR.because("TLS could not process a message: " + thrown);
        };
    }

    private static String describe(TlsFatalAlert alert) {
        String name = AlertDescription.getName(alert.getAlertDescription());
        String text = alert.getMessage();
        String prefix = AlertDescription.getText(alert.getAlertDescription()) + "; ";
        String detail = text != null && text.startsWith(prefix) ? ": " + text.substring(prefix.length()) : "";
        String cause = alert.getCause() == null ? "" : " (" + alert.getCause() + ")";
        return "TLS " + name + detail + cause;
    }
}
