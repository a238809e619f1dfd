/**
 * The threads of a tunnel and what they share.
 *
 * <pre>
 *              reader                     worker                       writer
 *   TUN ──▶ TunReader ──▶ PacketRing ──▶ Outbound ──▶ QUIC ──▶ network
 *                                          │ packet too big
 *   TUN ◀── TunWriter ◀── PacketRing ◀── Inbound  ◀── QUIC ◀── network
 * </pre>
 *
 * <p>The worker owns the endpoint, its socket and the session. What belongs to one session is in
 * {@link io.mpquic.dataplane.agent.Session} and goes with it. The other two threads, the device and the rings live as
 * long as the tunnel.
 */
package io.mpquic.dataplane.agent;
