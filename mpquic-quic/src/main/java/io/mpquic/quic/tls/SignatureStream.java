package io.mpquic.quic.tls;

import java.io.OutputStream;
import org.bouncycastle.tls.crypto.Tls13Verifier;
import org.bouncycastle.tls.crypto.TlsStreamSigner;

/** A signature in the making: what is written to it is signed or verified, whichever it was made for. */
abstract sealed class SignatureStream extends OutputStream implements TlsStreamSigner, Tls13Verifier
        permits JdkSignature, BouncySignature {
    @Override
    public final OutputStream getOutputStream() {
        return this;
    }

    /** Signs what was written. Only for a stream that was made with a private key. */
    @Override
    public abstract byte[] getSignature() throws HandshakeFault;

    /** Whether a signature is that of what was written; false for malformed ones too. */
    @Override
    public abstract boolean verifySignature(byte[] signature);

    static HandshakeFault unusableKey(Exception cause) {
        return new HandshakeFault(TlsAlert.INTERNAL_ERROR.because("the private key cannot sign: " + cause));
    }
}
