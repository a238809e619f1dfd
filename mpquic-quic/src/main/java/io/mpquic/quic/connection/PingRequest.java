package io.mpquic.quic.connection;

/** Whether a PING waits for the next 1-RTT packet. */
final class PingRequest {
    private boolean requested;

    void request() {
        requested = true;
    }

    boolean isRequested() {
        return requested;
    }

    boolean take() {
        boolean taken = requested;
        requested = false;
        return taken;
    }
}
