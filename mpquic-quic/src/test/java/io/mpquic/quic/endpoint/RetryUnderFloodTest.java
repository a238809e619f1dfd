package io.mpquic.quic.endpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.sim.LinkConditions;
import java.net.InetSocketAddress;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** RFC 9000 §8.1.2, §17.2.5.1: a server lets clients prove their address first, always or when first packets flood it. */
class RetryUnderFloodTest {
    private static final InetSocketAddress SPOOFED = new InetSocketAddress("203.0.113.9", 9);
    private static final int INITIAL_BYTES = 1200;
    private static final long DELAY_MS = 10;

    private final SplittableRandom random = new SplittableRandom(5);

    private static SimulatedPair pair(RetryPolicy policy) {
        LinkConditions link = LinkConditions.builder().delayMs(DELAY_MS).build();
        SimulatedPair pair = new SimulatedPair(1, link, client -> client, server -> server.retry(policy));
        pair.network.link(SimulatedPair.SERVER, SPOOFED, LinkConditions.perfect());
        return pair;
    }

    /** An Initial packet, but for its content, which is noise. */
    private byte[] initial() {
        byte[] packet = new byte[INITIAL_BYTES];
        random.nextBytes(packet);
        byte[] head = {(byte) 0xc3, 0, 0, 0, 1, 8};
        System.arraycopy(head, 0, packet, 0, head.length);
        packet[14] = 8;
        packet[23] = 0; // no token
        int rest = INITIAL_BYTES - 26;
        packet[24] = (byte) (0x40 | rest >> 8);
        packet[25] = (byte) rest;
        return packet;
    }

    @Test
    void aHandshakeWithARetryTakesOneRoundTripMore() {
        SimulatedPair with = pair(RetryPolicy.ALWAYS);
        SimulatedPair without = pair(RetryPolicy.NEVER);
        with.connect();
        without.connect();
        long moreNs = with.network.nowNs() - without.network.nowNs();
        assertEquals(TimeUnit.MILLISECONDS.toNanos(2 * DELAY_MS), moreNs);
    }

    @Test
    void underAFloodFromSpoofedAddressesAnHonestClientConnectsAtOnceAndTheFloodCostsNoState() {
        SimulatedPair pair = pair(RetryPolicy.WHEN_BUSY);
        long startNs = pair.network.nowNs();
        long packetEveryNs = TimeUnit.SECONDS.toNanos(1) / 20_000;
        for (int i = 0; i < 40_000; i++) {
            pair.network.at(
                    startNs + i * packetEveryNs, () -> pair.network.inject(SPOOFED, SimulatedPair.SERVER, initial()));
        }
        pair.network.runFor(TimeUnit.MILLISECONDS.toNanos(500));
        long askedNs = pair.network.nowNs();
        pair.connect();
        long tookNs = pair.network.nowNs() - askedNs;
        assertTrue(tookNs < TimeUnit.MILLISECONDS.toNanos(200), tookNs + " ns");
        pair.network.runFor(TimeUnit.SECONDS.toNanos(1));
        assertEquals(1, pair.server.endpoint.connections().size());
    }

    @Test
    void afterAFloodClientsAreBelievedAgain() {
        SimulatedPair pair = pair(RetryPolicy.WHEN_BUSY);
        for (int i = 0; i < 1000; i++) {
            pair.network.inject(SPOOFED, SimulatedPair.SERVER, initial());
        }
        pair.network.runFor(TimeUnit.SECONDS.toNanos(3));
        SimulatedPair quiet = pair(RetryPolicy.NEVER);
        quiet.network.runFor(TimeUnit.SECONDS.toNanos(3));
        pair.connect();
        quiet.connect();
        assertEquals(quiet.network.nowNs(), pair.network.nowNs());
    }
}
