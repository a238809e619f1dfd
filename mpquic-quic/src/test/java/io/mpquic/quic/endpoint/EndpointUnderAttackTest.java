package io.mpquic.quic.endpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.connection.CloseReason;
import io.mpquic.quic.connection.QuicConnection;
import io.mpquic.quic.connection.QuicEvent;
import io.mpquic.quic.scenario.StateSize;
import io.mpquic.quic.sim.LinkConditions;
import io.mpquic.quic.sim.SimulatedNetwork;
import io.mpquic.quic.tls.TlsClientConfig;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A server with three live connections, and somebody who sees all that is sent, and sends ten thousand datagrams made of
 * it from hundreds of addresses, those of the clients among them (RFC 9000 §21). {@code -Dmpquic.attack.runs=N} makes it a
 * campaign.
 */
class EndpointUnderAttackTest {
    private static final int RUNS = Integer.getInteger("mpquic.attack.runs", 2);
    private static final int FIRST_SEED = Integer.getInteger("mpquic.attack.seed", 1);
    private static final int ATTACKS = 10_000;
    private static final int STRANGERS = 300;
    private static final int CLIENTS = 3;
    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long SAY_EVERY_NS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final int SECONDS = 20;
    /** What an attacker remembers of what it has seen. */
    private static final int SEEN = 400;

    private record Client(InetSocketAddress address, SimulatedPair.Side side, QuicConnection connection) {}

    private static final LinkConditions LINK =
            LinkConditions.builder().delayMs(10).build();

    private SimulatedPair pair;
    private SimulatedNetwork network;
    private SplittableRandom random;
    private final List<Client> clients = new ArrayList<>();
    private final List<InetSocketAddress> strangers = new ArrayList<>();
    private final List<byte[]> seen = new ArrayList<>();
    private int said;
    private boolean attacking;

    static IntStream seeds() {
        return IntStream.range(FIRST_SEED, FIRST_SEED + RUNS);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void liveConnectionsGoOnAndMemoryIsBounded(int seed) {
        random = new SplittableRandom(seed);
        pair = new SimulatedPair(seed, LINK);
        network = pair.network;
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(connected(new InetSocketAddress("192.0.2." + (10 + i), 40_000 + i)));
        }
        collectFirstPackets();
        for (int i = 0; i < STRANGERS; i++) {
            strangers.add(stranger(i));
            network.link(strangers.getLast(), SimulatedPair.SERVER, LinkConditions.perfect());
        }
        talk(5 * SECOND_NS);
        Map<String, Integer> before = StateSize.of(pair.server.endpoint);

        long startNs = network.nowNs();
        for (int i = 0; i < ATTACKS; i++) {
            network.at(startNs + random.nextLong(SECONDS * SECOND_NS), this::attack);
        }
        for (int second = 0; second < SECONDS; second++) {
            talk(SECOND_NS);
            checkBounds();
        }
        int saidUnderAttack = said;
        checkDelivered(saidUnderAttack);

        talk(120 * SECOND_NS);
        checkDelivered(said);
        checkForgotten(before, StateSize.of(pair.server.endpoint));
    }

    private static InetSocketAddress stranger(int i) {
        return i % 4 == 0
                ? new InetSocketAddress("2001:db8:" + Integer.toHexString(i) + "::1", 1_000 + i)
                : new InetSocketAddress("203.0." + (100 + i / 200) + "." + i % 200, 1_000 + i);
    }

    private QuicEndpoint newClient(List<byte[]> received) {
        TlsClientConfig tls = TlsClientConfig.builder()
                .alpn("mpquic-ip")
                .serverName("mpquic-server")
                .insecure()
                .build();
        return QuicEndpoint.client(ClientConfig.builder(tls, random.split())
                .sink((connection, buffer, offset, length) ->
                        received.add(buffer.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE)))
                .build());
    }

    private Client connected(InetSocketAddress address) {
        List<byte[]> received = new ArrayList<>();
        SimulatedPair.Side side = new SimulatedPair.Side(newClient(received), received);
        network.attach(address, side);
        network.linkBothWays(address, SimulatedPair.SERVER, LINK);
        network.dropIf(address, SimulatedPair.SERVER, (index, datagram, nowNs) -> remember(datagram));
        network.dropIf(SimulatedPair.SERVER, address, (index, datagram, nowNs) -> remember(datagram));
        QuicConnection connection = side.endpoint.connect(SimulatedPair.SERVER, network.nowNs());
        network.runUntil("it is established", connection::isEstablished, SECOND_NS);
        return new Client(address, side, connection);
    }

    private boolean remember(byte[] datagram) {
        if (attacking) {
            return false;
        }
        byte[] fresh = datagram.clone();
        if (seen.size() < SEEN) {
            seen.add(fresh);
        } else if (random.nextInt(5) == 0) {
            seen.set(random.nextInt(SEEN), fresh);
        }
        return false;
    }

    /** Of clients that never say more. */
    private void collectFirstPackets() {
        QuicEndpoint silent = newClient(new ArrayList<>());
        MemorySegment buffer = Arena.ofAuto().allocate(65_527);
        for (int i = 0; i < SEEN / 4; i++) {
            silent.connect(SimulatedPair.SERVER, network.nowNs());
            int length = silent.transmit(buffer, 0, 65_527, network.nowNs());
            remember(buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
        }
    }

    private void talk(long durationNs) {
        for (long endNs = network.nowNs() + durationNs; network.nowNs() < endNs; ) {
            byte[] message = ByteBuffer.allocate(200).putInt(said).array();
            for (Client client : clients) {
                assertTrue(client.connection.offerDatagram(message));
            }
            for (QuicConnection each : pair.server.endpoint.connections()) {
                if (each.isEstablished()) {
                    each.offerDatagram(message);
                }
            }
            said++;
            network.runFor(SAY_EVERY_NS);
        }
    }

    // ---- the attack ----

    private void attack() {
        byte[] made = mutated(seen.get(random.nextInt(seen.size())));
        attacking = true;
        if (random.nextInt(4) == 0) {
            network.inject(
                    SimulatedPair.SERVER, clients.get(random.nextInt(CLIENTS)).address(), made);
        } else {
            boolean forged = random.nextInt(3) == 0;
            network.inject(
                    forged ? clients.get(random.nextInt(CLIENTS)).address() : anyStranger(),
                    SimulatedPair.SERVER,
                    made);
        }
        attacking = false;
    }

    private InetSocketAddress anyStranger() {
        return strangers.get(random.nextInt(STRANGERS));
    }

    private byte[] mutated(byte[] genuine) {
        byte[] copy = genuine.clone();
        switch (random.nextInt(8)) {
            case 0 -> {
                for (int i = random.nextInt(5); i >= 0; i--) {
                    copy[random.nextInt(copy.length)] ^= (byte) (1 << random.nextInt(8));
                }
                return copy;
            }
            case 1 -> {
                // In the header: lengths of IDs, of tokens, of packets.
                copy[random.nextInt(Math.min(40, copy.length))] = (byte) random.nextInt();
                return copy;
            }
            case 2 -> {
                return Arrays.copyOf(copy, random.nextInt(copy.length + 1));
            }
            case 3 -> {
                ByteBuffer.wrap(copy).put(0, (byte) (copy[0] | 0x80));
                if (copy.length >= 5) {
                    ByteBuffer.wrap(copy).putInt(1, random.nextBoolean() ? 0 : random.nextInt());
                }
                return copy;
            }
            case 4 -> {
                return joined(seen.get(random.nextInt(seen.size())), copy);
            }
            case 5 -> {
                // The second half first: packets of one datagram in another order, where the cut meets their border.
                int cut = random.nextInt(copy.length);
                return joined(Arrays.copyOfRange(copy, cut, copy.length), Arrays.copyOf(copy, cut));
            }
            default -> {
                return copy;
            }
        }
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, Math.min(first.length + second.length, 3_000));
        System.arraycopy(second, 0, both, first.length, both.length - first.length);
        return both;
    }

    // ---- what must hold ----

    private void checkBounds() {
        int most = CLIENTS + Connections.MAX_UNESTABLISHED;
        assertTrue(pair.server.endpoint.connections().size() <= most);
        StateSize.of(pair.server.endpoint)
                .forEach((field, size) -> assertTrue(size <= 65_536, field + " has " + size + " elements"));
        for (Client client : clients) {
            assertTrue(client.connection.isEstablished(), () -> client.side.events.toString());
        }
    }

    private void checkDelivered(int messages) {
        Set<Integer> arrived = new HashSet<>();
        for (Client client : clients) {
            arrived.clear();
            for (byte[] datagram : client.side.datagrams) {
                assertTrue(arrived.add(ByteBuffer.wrap(datagram).getInt()), "a datagram came twice");
            }
            assertTrue(arrived.size() >= messages * 9 / 10, arrived.size() + " of " + messages + " came");
        }
        assertTrue(pair.server.datagrams.size() >= CLIENTS * messages * 9 / 10);
        assertTrue(pair.server.datagrams.size() <= CLIENTS * messages);
    }

    private void checkForgotten(Map<String, Integer> before, Map<String, Integer> after) {
        assertEquals(CLIENTS, pair.server.endpoint.connections().size());
        after.forEach((field, size) -> assertTrue(
                size <= 2 * before.getOrDefault(field, 0) + 64, field + ": " + before.get(field) + ", now " + size));
        List<QuicEvent> events = new ArrayList<>(pair.server.events);
        clients.forEach(client -> events.addAll(client.side.events));
        for (QuicEvent event : events) {
            if (event instanceof QuicEvent.Closed(CloseReason reason)) {
                assertFalse(reason.kind() == CloseReason.Kind.DEFECT, reason::toString);
            }
        }
        clients.forEach(client -> assertTrue(client.connection.isEstablished()));
    }
}
