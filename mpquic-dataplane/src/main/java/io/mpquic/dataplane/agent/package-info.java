/**
 * The thread of a tunnel and what it works with.
 *
 * <pre>
 *   TUN ──▶ HostReader ──▶ PacketRing ──▶ Outbound ──▶ QUIC ──▶ network
 *                                            │ packet too big
 *   TUN ◀──────────────────────────────── Inbound  ◀── QUIC ◀── network
 * </pre>
 *
 * <p>One worker does all of it: a packet never waits for another thread to wake up, and the packets of a flow keep their
 * order. It waits for its socket and its device in one call; where that cannot be,
 * {@link io.mpquic.dataplane.agent.TunWatcher} waits for the device. What belongs to one session is in
 * {@link io.mpquic.dataplane.agent.Session} and goes with it. The device and the ring live as long as the tunnel.
 */
package io.mpquic.dataplane.agent;
