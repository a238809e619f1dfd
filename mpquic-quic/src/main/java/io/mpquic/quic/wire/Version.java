package io.mpquic.quic.wire;

/** Version numbers (RFC 9000 §15). */
public final class Version {
    /** QUIC version 1. */
    public static final int V1 = 0x00000001;

    /** What stands in the version field of a Version Negotiation packet (RFC 9000 §17.2.1). */
    public static final int NEGOTIATION = 0x00000000;

    private Version() {}

    /** Whether a version exists only to exercise version negotiation: {@code 0x?a?a?a?a} (RFC 9000 §15). */
    public static boolean isReserved(int version) {
        return (version & 0x0f0f0f0f) == 0x0a0a0a0a;
    }
}
