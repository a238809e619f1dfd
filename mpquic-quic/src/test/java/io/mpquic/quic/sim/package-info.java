/**
 * A network in virtual time for tests of endpoints that do no input and output themselves. Everything it does follows
 * from one seed: a test that fails prints the seed, and the seed repeats the failure.
 *
 * <ul>
 *   <li>{@link io.mpquic.quic.sim.SimulatedNetwork}: nodes, links, time; NAT rebinding, injected datagrams, actions of a
 *       script at their time, digests of what happened.
 *   <li>{@link io.mpquic.quic.sim.LinkConditions}: what one direction does to datagrams: delay, jitter, a {@link
 *       io.mpquic.quic.sim.Bottleneck} with its queue, loss by a {@link io.mpquic.quic.sim.LossModel}, reordering,
 *       duplication, {@link io.mpquic.quic.sim.Damage}, ECN marks, a largest size, black holes. They can be replaced
 *       while datagrams are under way: an MTU step is a new set of conditions.
 *   <li>{@link io.mpquic.quic.sim.UnpunctualNode}: a driver that wakes late or is suspended, a clock that jumps.
 *   <li>{@link io.mpquic.quic.sim.DatagramFilter}: a test's own choice of datagrams to drop.
 * </ul>
 *
 * <pre>{@code
 * SimulatedNetwork network = new SimulatedNetwork(seed);
 * UnpunctualNode client = new UnpunctualNode(new ClientNode(...), new SplittableRandom(seed));
 * network.attach(CLIENT, client);
 * network.attach(SERVER, new ServerNode(...));
 * LinkConditions road = LinkConditions.builder().delayMs(30).jitterMs(5).loss(LossModel.bursts(0.02, 4))
 *         .rate(10_000_000, 60_000).ecn(0.01, false).build();
 * network.linkBothWays(CLIENT, SERVER, road);
 * network.at(seconds(2), () -> network.rebind(CLIENT, OTHER_PORT));
 * network.at(seconds(4), () -> client.suspend(network.nowNs(), seconds(30), true, false));
 * network.afterEachStep(() -> assertTrue(client.isSane(), network.toString()));
 * network.runFor(seconds(60));
 * }</pre>
 */
package io.mpquic.quic.sim;
