package io.mpquic.quic.tls;

import java.util.Hashtable;
import java.util.List;
import java.util.Vector;
import org.bouncycastle.tls.ProtocolName;
import org.bouncycastle.tls.SignatureAndHashAlgorithm;
import org.bouncycastle.tls.SignatureScheme;
import org.jspecify.annotations.Nullable;

/** What both roles put into, and find in, the extensions of the hello messages. */
@SuppressWarnings("JdkObsolete") // the collections that BouncyCastle's interface is made of
final class TlsExtensions {
    /** RFC 9001 §8.2. */
    static final Integer QUIC_TRANSPORT_PARAMETERS = 0x39;

    private TlsExtensions() {}

    /** The schemes for CertificateVerify. */
    static Vector<SignatureAndHashAlgorithm> signatureAlgorithms() {
        Vector<SignatureAndHashAlgorithm> algorithms = new Vector<>();
        for (SignatureAlgorithm algorithm : SignatureAlgorithm.values()) {
            algorithms.add(SignatureScheme.getSignatureAndHashAlgorithm(algorithm.id()));
        }
        return algorithms;
    }

    /**
     * The schemes that certificates may be signed with: also those of the common certification authorities, which TLS
     * 1.3 does not take for itself (RFC 8446 §4.2.3).
     */
    static Vector<SignatureAndHashAlgorithm> certificateSignatureAlgorithms() {
        Vector<SignatureAndHashAlgorithm> algorithms = signatureAlgorithms();
        for (int scheme : new int[] {
            SignatureScheme.ecdsa_secp521r1_sha512,
            SignatureScheme.rsa_pkcs1_sha256,
            SignatureScheme.rsa_pkcs1_sha384,
            SignatureScheme.rsa_pkcs1_sha512
        }) {
            algorithms.add(SignatureScheme.getSignatureAndHashAlgorithm(scheme));
        }
        return algorithms;
    }

    static Vector<ProtocolName> protocolNames(List<String> alpn) {
        Vector<ProtocolName> names = new Vector<>();
        for (String protocol : alpn) {
            names.add(ProtocolName.asUtf8Encoding(protocol));
        }
        return names;
    }

    /** Finds the peer's transport parameters. RFC 9001 §8.2: without them the handshake ends. */
    static byte[] transportParameters(@Nullable Hashtable<?, ?> extensions) throws HandshakeFault {
        Object encoded = extensions == null ? null : extensions.get(QUIC_TRANSPORT_PARAMETERS);
        if (encoded == null) {
            throw new HandshakeFault(
                    TlsAlert.MISSING_EXTENSION.because("the peer sent no quic_transport_parameters extension"));
        }
        return ((byte[]) encoded).clone();
    }
}
