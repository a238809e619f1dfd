package io.mpquic.quic.tls;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PSSParameterSpec;
import org.jspecify.annotations.Nullable;

/**
 * The signature schemes for CertificateVerify (RFC 8446 §4.2.3), best first. Any private key of any provider of the JDK
 * can be used.
 */
@SuppressWarnings("ImmutableEnumChecker") // PSSParameterSpec is immutable, but not marked so
enum SignatureAlgorithm {
    ECDSA_SECP256R1_SHA256(0x0403, "SHA256withECDSA", null),
    ED25519(0x0807, "Ed25519", null),
    ECDSA_SECP384R1_SHA384(0x0503, "SHA384withECDSA", null),
    RSA_PSS_RSAE_SHA256(0x0804, "RSASSA-PSS", pss("SHA-256", 32)),
    RSA_PSS_RSAE_SHA384(0x0805, "RSASSA-PSS", pss("SHA-384", 48)),
    RSA_PSS_RSAE_SHA512(0x0806, "RSASSA-PSS", pss("SHA-512", 64));

    private final int id;
    private final String jcaName;
    private final @Nullable PSSParameterSpec parameters;

    SignatureAlgorithm(int id, String jcaName, @Nullable PSSParameterSpec parameters) {
        this.id = id;
        this.jcaName = jcaName;
        this.parameters = parameters;
    }

    /** RFC 8446 §4.2.3: the same hash in the mask, and a salt as long as the hash. */
    private static PSSParameterSpec pss(String hash, int hashBytes) {
        return new PSSParameterSpec(
                hash, "MGF1", new MGF1ParameterSpec(hash), hashBytes, PSSParameterSpec.TRAILER_FIELD_BC);
    }

    /** The scheme with this TLS number, or null when it is not one of these. */
    static @Nullable SignatureAlgorithm ofId(int id) {
        for (SignatureAlgorithm algorithm : values()) {
            if (algorithm.id == id) {
                return algorithm;
            }
        }
        return null;
    }

    /** Whether a key can be used with this scheme. In TLS 1.3 a scheme also fixes the curve. */
    boolean fits(PublicKey key) {
        return switch (this) {
            // The JDK knows one curve of each size only.
            case ECDSA_SECP256R1_SHA256 -> key instanceof ECPublicKey ec && fieldBits(ec) == 256;
            case ECDSA_SECP384R1_SHA384 -> key instanceof ECPublicKey ec && fieldBits(ec) == 384;
            case ED25519 ->
                key instanceof EdECPublicKey ed
                        && NamedParameterSpec.ED25519
                                .getName()
                                .equals(ed.getParams().getName());
            case RSA_PSS_RSAE_SHA256, RSA_PSS_RSAE_SHA384, RSA_PSS_RSAE_SHA512 ->
                key instanceof RSAPublicKey && "RSA".equals(key.getAlgorithm());
        };
    }

    /** Whether any scheme fits a key. */
    static boolean anyFits(PublicKey key) {
        for (SignatureAlgorithm algorithm : values()) {
            if (algorithm.fits(key)) {
                return true;
            }
        }
        return false;
    }

    private static int fieldBits(ECPublicKey key) {
        return key.getParams().getCurve().getField().getFieldSize();
    }

    /** The number that TLS knows the scheme by. */
    int id() {
        return id;
    }

    /** A stream that signs what is written to it. */
    SignatureStream signing(PrivateKey key) throws GeneralSecurityException {
        SignatureStream fast = BouncySignature.signing(this, key);
        if (fast != null) {
            return fast;
        }
        Signature signature = newSignature();
        signature.initSign(key);
        return new JdkSignature(signature);
    }

    /** A stream that compares what is written to it with a signature. */
    SignatureStream verifying(PublicKey key) throws GeneralSecurityException {
        try {
            SignatureStream fast = BouncySignature.verifying(this, key);
            if (fast != null) {
                return fast;
            }
        } catch (IllegalArgumentException e) {
            throw new InvalidKeyException(e);
        }
        Signature signature = newSignature();
        signature.initVerify(key);
        return new JdkSignature(signature);
    }

    private Signature newSignature() throws GeneralSecurityException {
        Signature signature = Signature.getInstance(jcaName);
        if (parameters != null) {
            signature.setParameter(parameters);
        }
        return signature;
    }
}
