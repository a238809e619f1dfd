package io.mpquic.quic.tls;

import java.io.IOException;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.security.SignatureException;
import org.bouncycastle.tls.crypto.Tls13Verifier;
import org.bouncycastle.tls.crypto.TlsStreamSigner;

/** Feeds what the state machine signs or verifies to a signature of the JDK. */
final class SignatureStream extends OutputStream implements TlsStreamSigner, Tls13Verifier {
    private final Signature signature;

    SignatureStream(Signature signature) {
        this.signature = signature;
    }

    @Override
    public void write(int oneByte) throws IOException {
        write(new byte[] {(byte) oneByte}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int lengthBytes) throws IOException {
        try {
            signature.update(bytes, offset, lengthBytes);
        } catch (SignatureException e) {
            throw new IOException(e);
        }
    }

    @Override
    public OutputStream getOutputStream() {
        return this;
    }

    @Override
    public byte[] getSignature() throws IOException {
        try {
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new HandshakeFault(TlsAlert.INTERNAL_ERROR.because("the private key could not sign: " + e));
        }
    }

    @Override
    public boolean verifySignature(byte[] value) {
        try {
            return signature.verify(value);
        } catch (SignatureException e) {
            return false; // malformed is as wrong as any other value
        }
    }
}
