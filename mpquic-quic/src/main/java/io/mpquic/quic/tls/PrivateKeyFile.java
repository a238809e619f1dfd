package io.mpquic.quic.tls;

import java.io.IOException;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.RSAPrivateKey;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.jspecify.annotations.Nullable;

/** Finds the private key in a PEM file, in any of the three forms that openssl has written over the years. */
final class PrivateKeyFile {
    private static final String FORMS = "PRIVATE KEY (PKCS#8), EC PRIVATE KEY or RSA PRIVATE KEY";
    private static final String[] ALGORITHMS = {"EC", "RSA", "Ed25519"};

    private PrivateKeyFile() {}

    /**
     * Takes the first private key of a file.
     *
     * @param file the file
     * @param publicKey the certificate's key: tells the curve when the private key itself does not
     */
    static PrivateKey parse(PemFile file, PublicKey publicKey) throws CredentialException {
        for (PemFile.Block block : file.blocks()) {
            String label = block.label();
            if (!label.endsWith("PRIVATE KEY")) {
                continue;
            }
            if (block.encrypted() || label.equals("ENCRYPTED PRIVATE KEY")) {
                throw file.fault("the key is encrypted, which is not supported; decrypt it: openssl pkey -in "
                        + file.path() + " -out plain.key");
            }
            byte @Nullable [] pkcs8 = toPkcs8(file, block, publicKey);
            if (pkcs8 == null) {
                throw file.fault(label + " is of a kind that is not supported; it must be " + FORMS);
            }
            return decode(file, pkcs8);
        }
        throw file.fault("no private key, only " + file.labels() + "; it must be " + FORMS);
    }

    private static byte @Nullable [] toPkcs8(PemFile file, PemFile.Block block, PublicKey publicKey)
            throws CredentialException {
        try {
            return switch (block.label()) {
                case "PRIVATE KEY" -> block.der();
                case "RSA PRIVATE KEY" ->
                    wrap(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE, RSAPrivateKey.getInstance(block.der()));
                case "EC PRIVATE KEY" -> {
                    ECPrivateKey key = ECPrivateKey.getInstance(block.der());
                    ASN1Encodable curve = key.getParametersObject();
                    yield wrap(X9ObjectIdentifiers.id_ecPublicKey, curve == null ? curveOf(publicKey) : curve, key);
                }
                default -> null;
            };
        } catch (IOException | RuntimeException e) {
            throw file.fault("block " + block.label() + " is damaged: " + e.getMessage());
        }
    }

    private static byte[] wrap(ASN1ObjectIdentifier algorithm, ASN1Encodable parameters, ASN1Encodable key)
            throws IOException {
        return new PrivateKeyInfo(new AlgorithmIdentifier(algorithm, parameters), key).getEncoded();
    }

    private static ASN1ObjectIdentifier curveOf(PublicKey publicKey) {
        boolean p384 = publicKey instanceof ECPublicKey ec
                && ec.getParams().getCurve().getField().getFieldSize() == 384;
        return p384 ? SECObjectIdentifiers.secp384r1 : SECObjectIdentifiers.secp256r1;
    }

    private static PrivateKey decode(PemFile file, byte[] pkcs8) throws CredentialException {
        PKCS8EncodedKeySpec spec = new PKCS8EncodedKeySpec(pkcs8);
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(spec);
            } catch (InvalidKeySpecException e) {
                // A key of another algorithm: the next one may fit.
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e);
            }
        }
        throw file.fault("the key is damaged or of a kind that is not supported; "
                + "it must be ECDSA on P-256 or P-384, Ed25519, or RSA");
    }
}
