package io.mpquic.quic.connection;

/**
 * How much a server may send before it knows that the client is where it claims to be (RFC 9000 §8.1). A client has no
 * such limit.
 */
final class AmplificationLimit {
    // RFC 9000 §8.1: at most three times what was received.
    private static final int FACTOR = 3;

    private boolean validated;
    private long receivedBytes;
    private long sentBytes;

    AmplificationLimit(boolean validated) {
        this.validated = validated;
    }

    void received(int bytes) {
        receivedBytes += bytes;
    }

    void sent(int bytes) {
        sentBytes += bytes;
    }

    void validate() {
        validated = true;
    }

    boolean isValidated() {
        return validated;
    }

    /** How many bytes may be sent now. */
    long budgetBytes() {
        return validated ? Long.MAX_VALUE : Math.max(0, FACTOR * receivedBytes - sentBytes);
    }
}
