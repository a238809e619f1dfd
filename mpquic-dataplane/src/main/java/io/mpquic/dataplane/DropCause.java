package io.mpquic.dataplane;

/** Why a packet was dropped. Every packet that does not get through is counted under one of these. */
public enum DropCause {
    /** From the host: the queue was full, and this was the oldest packet. */
    SEND_QUEUE_FULL(false),
    /** From the host: the path did not take it in time, or no session came in time. */
    SEND_QUEUE_TIME(false),
    /** From the host: packets have waited too long for a while, and by this one its sender learns to send less. */
    SEND_QUEUE_DELAY(false),
    /** From the host: longer than the path carries. Its sender was told, where it may be told. */
    SEND_TOO_BIG(false),
    /** From the host: neither IPv4 nor IPv6, or cut short. */
    SEND_NOT_IP(false),
    /** From the peer: neither IPv4 nor IPv6, or cut short. */
    RECEIVE_NOT_IP(true),
    /** From the peer: on a connection that has been replaced. */
    RECEIVE_NO_SESSION(true),
    /** From the peer: the host refused it; the interface is down, for one. */
    RECEIVE_HOST_REFUSED(true);

    private final boolean inbound;

    DropCause(boolean inbound) {
        this.inbound = inbound;
    }

    /** Whether the packet was on its way from the peer to this host. */
    public boolean isInbound() {
        return inbound;
    }
}
