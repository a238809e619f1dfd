package io.mpquic.quic.tls;

/** A group for the key exchange of TLS 1.3 (RFC 8446 §4.2.7). */
public enum KeyExchangeGroup {
    /** X25519 and ML-KEM-768 together, safe against quantum computers. Its ClientHello needs two Initial packets. */
    X25519MLKEM768(0x11ec),
    /** Curve25519. */
    X25519(0x001d),
    /** NIST P-256. */
    SECP256R1(0x0017),
    /** NIST P-384. */
    SECP384R1(0x0018);

    private final int id;

    KeyExchangeGroup(int id) {
        this.id = id;
    }

    /** The number that TLS knows the group by. */
    public int id() {
        return id;
    }
}
