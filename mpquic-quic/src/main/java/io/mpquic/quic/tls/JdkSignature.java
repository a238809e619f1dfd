package io.mpquic.quic.tls;

import java.io.IOException;
import java.security.Signature;
import java.security.SignatureException;

/** A signature that the JDK computes: RSA, where it is the faster one, and keys that do not reveal their value. */
final class JdkSignature extends SignatureStream {
    private final Signature signature;

    JdkSignature(Signature signature) {
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
    public byte[] getSignature() throws HandshakeFault {
        try {
            return signature.sign();
        } catch (SignatureException e) {
            throw unusableKey(e);
        }
    }

    @Override
    public boolean verifySignature(byte[] value) {
        try {
            return signature.verify(value);
        } catch (SignatureException e) {
            return false;
        }
    }
}
