package io.mpquic.quic.endpoint;

/**
 * When a server asks a client to prove its address by a Retry packet, which costs the client a round trip and the server
 * no memory (RFC 9000 §8.1.2) and a hundredth of the time that the first flight of a handshake takes.
 */
public enum RetryPolicy {
    /** Never: for networks where addresses cannot be forged. */
    NEVER,
    /** While more clients come than usual: who forges addresses then keeps no honest client out. */
    WHEN_BUSY,
    /** Always. */
    ALWAYS
}
