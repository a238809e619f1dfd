package io.mpquic.quic.tls;

import java.math.BigInteger;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.EdECPublicKey;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import org.bouncycastle.crypto.CryptoException;
import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.Signer;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.digests.SHA384Digest;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.params.Ed25519PublicKeyParameters;
import org.bouncycastle.crypto.signers.DSADigestSigner;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.Ed25519Signer;
import org.bouncycastle.crypto.signers.HMacDSAKCalculator;
import org.bouncycastle.math.ec.ECCurve;
import org.bouncycastle.math.ec.custom.sec.SecP256R1Curve;
import org.bouncycastle.math.ec.custom.sec.SecP384R1Curve;
import org.jspecify.annotations.Nullable;

/**
 * A signature on an elliptic curve that BouncyCastle computes: three to five times as fast as the JDK's on processors
 * without AVX-512. Its curves are set up here from the JDK's parameters, since the tables that list all curves cost a
 * noticeable part of a cold start.
 */
final class BouncySignature extends SignatureStream {
    private static final int ED25519_KEY_BYTES = 32;

    private final Signer signer;

    private BouncySignature(Signer signer) {
        this.signer = signer;
    }

    /** A signature by a private key, or null when BouncyCastle is not the one to make it. */
    static @Nullable SignatureStream signing(SignatureAlgorithm algorithm, PrivateKey key) {
        if (key instanceof ECPrivateKey ec && isOnCurveOf(algorithm, ec.getParams())) {
            return of(ecdsa(algorithm), true, new ECPrivateKeyParameters(ec.getS(), domain(algorithm)));
        }
        if (key instanceof EdECPrivateKey ed && algorithm == SignatureAlgorithm.ED25519) {
            return ed.getBytes()
                    .filter(bytes -> bytes.length == ED25519_KEY_BYTES)
                    .map(bytes -> of(new Ed25519Signer(), true, new Ed25519PrivateKeyParameters(bytes)))
                    .orElse(null);
        }
        return null;
    }

    /**
     * A check with a public key, or null when BouncyCastle is not the one to make it.
     *
     * @throws IllegalArgumentException when the key is not a point of its curve
     */
    static @Nullable SignatureStream verifying(SignatureAlgorithm algorithm, PublicKey key) {
        if (key instanceof ECPublicKey ec && isOnCurveOf(algorithm, ec.getParams())) {
            ECDomainParameters domain = domain(algorithm);
            ECPoint point = ec.getW();
            return of(
                    ecdsa(algorithm),
                    false,
                    new ECPublicKeyParameters(
                            domain.getCurve().validatePoint(point.getAffineX(), point.getAffineY()), domain));
        }
        if (key instanceof EdECPublicKey ed && algorithm == SignatureAlgorithm.ED25519) {
            return of(new Ed25519Signer(), false, new Ed25519PublicKeyParameters(encode(ed)));
        }
        return null;
    }

    private static SignatureStream of(Signer signer, boolean sign, AsymmetricKeyParameter key) {
        signer.init(sign, key);
        return new BouncySignature(signer);
    }

    private static boolean isOnCurveOf(SignatureAlgorithm algorithm, ECParameterSpec curve) {
        int fieldBits = curve.getCurve().getField().getFieldSize();
        return switch (algorithm) {
            case ECDSA_SECP256R1_SHA256 -> fieldBits == 256;
            case ECDSA_SECP384R1_SHA384 -> fieldBits == 384;
            case ED25519, RSA_PSS_RSAE_SHA256, RSA_PSS_RSAE_SHA384, RSA_PSS_RSAE_SHA512 -> false;
        };
    }

    /** Nonces come from the message (RFC 6979), so no weakness of a random generator can give the key away. */
    private static Signer ecdsa(SignatureAlgorithm algorithm) {
        return new DSADigestSigner(new ECDSASigner(new HMacDSAKCalculator(digest(algorithm))), digest(algorithm));
    }

    private static Digest digest(SignatureAlgorithm algorithm) {
        return algorithm == SignatureAlgorithm.ECDSA_SECP256R1_SHA256 ? new SHA256Digest() : new SHA384Digest();
    }

    private static ECDomainParameters domain(SignatureAlgorithm algorithm) {
        return algorithm == SignatureAlgorithm.ECDSA_SECP256R1_SHA256 ? P256.DOMAIN : P384.DOMAIN;
    }

    private static ECDomainParameters domain(ECCurve curve, String generatorX, String generatorY) {
        return new ECDomainParameters(
                curve,
                curve.createPoint(new BigInteger(generatorX, 16), new BigInteger(generatorY, 16)),
                curve.getOrder(),
                curve.getCofactor());
    }

    /** RFC 8032 §5.1.2: y in little-endian order, and the lowest bit of x on top. */
    private static byte[] encode(EdECPublicKey key) {
        byte[] bigEndian = key.getPoint().getY().toByteArray();
        byte[] encoded = new byte[ED25519_KEY_BYTES];
        for (int i = 0; i < Math.min(bigEndian.length, ED25519_KEY_BYTES); i++) {
            encoded[i] = bigEndian[bigEndian.length - 1 - i];
        }
        if (key.getPoint().isXOdd()) {
            encoded[ED25519_KEY_BYTES - 1] |= (byte) 0x80;
        }
        return encoded;
    }

    @Override
    public void write(int oneByte) {
        signer.update((byte) oneByte);
    }

    @Override
    public void write(byte[] bytes, int offset, int lengthBytes) {
        signer.update(bytes, offset, lengthBytes);
    }

    @Override
    public byte[] getSignature() throws HandshakeFault {
        try {
            return signer.generateSignature();
        } catch (CryptoException e) {
            throw unusableKey(e);
        }
    }

    @Override
    public boolean verifySignature(byte[] signature) {
        return signer.verifySignature(signature);
    }

    /** NIST P-256, set up when first needed (its base point: SEC 2, section 2.4.2). */
    private static final class P256 {
        static final ECDomainParameters DOMAIN = domain(
                new SecP256R1Curve(),
                "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
                "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5");
    }

    /** NIST P-384, set up when first needed (its base point: SEC 2, section 2.5.1). */
    private static final class P384 {
        static final ECDomainParameters DOMAIN = domain(
                new SecP384R1Curve(),
                "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a38" + "5502f25dbf55296c3a545e3872760ab7",
                "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c0"
                        + "0a60b1ce1d7e819d7a431d7c90ea0e5f");
    }
}
