package io.mpquic.quic.conformance;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.endpoint.RetryPolicy;
import io.mpquic.quic.wire.ConnectionId;
import io.mpquic.quic.wire.CryptoFrame;
import io.mpquic.quic.wire.EncryptionLevel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * RFC 9000 §8.1.2: what a first packet costs a server that answers it with a Retry, and one that begins a handshake, in time
 * of the processor. Only where the first is far less does it help to ask clients for their address under a flood.
 */
class RetryCostTest {
    private static final int PACKETS = 400;
    private static final int ROUNDS = 5;
    /** The real one is some hundred; this holds on a machine that does other things as well. */
    private static final int FACTOR = 8;

    private final MemorySegment buffer = Arena.ofAuto().allocate(65_527);
    private long next;

    private List<byte[]> firstPackets(Target server) {
        RawPeer peer = RawPeer.client(server).prepare();
        byte[] hello = peer.nextCrypto(EncryptionLevel.INITIAL);
        List<byte[]> packets = new ArrayList<>();
        for (int i = 0; i < PACKETS; i++) {
            ConnectionId destination = ConnectionId.ofLong(++next);
            peer.installInitialKeys(destination);
            packets.add(peer.packet(EncryptionLevel.INITIAL)
                    .destination(destination)
                    .frames(new CryptoFrame(0, MemorySegment.ofArray(hello)))
                    .padTo(1200)
                    .build());
        }
        return packets;
    }

    /** Nanoseconds of the processor for a packet and all that is sent for it. */
    private long costNs(RetryPolicy policy) {
        Target server = Target.server(each -> each.retry(policy));
        List<byte[]> packets = firstPackets(server);
        long nowNs = server.nowNs;
        int sent = 0;
        long startNs = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        for (byte[] packet : packets) {
            nowNs += 25_000_000; // no more handshakes than the server permits
            server.endpoint.receive(MemorySegment.ofArray(packet), 0, packet.length, Target.STRANGER, nowNs);
            while (server.endpoint.transmit(buffer, 0, 65_527, nowNs) > 0) {
                sent++;
            }
        }
        long tookNs = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - startNs;
        assertTrue(sent >= PACKETS, sent + " answers");
        return tookNs / PACKETS;
    }

    @Test
    void aRetryCostsAFractionOfTheFirstFlightOfAHandshake() {
        long retryNs = Long.MAX_VALUE;
        long handshakeNs = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            retryNs = Math.min(retryNs, costNs(RetryPolicy.ALWAYS));
            handshakeNs = Math.min(handshakeNs, costNs(RetryPolicy.NEVER));
        }
        String found = "a Retry costs " + retryNs / 1_000 + " us, the first flight of a handshake "
                + handshakeNs / 1_000 + " us: 1/" + handshakeNs / Math.max(1, retryNs);
        System.out.println(found);
        assertTrue(retryNs * FACTOR < handshakeNs, found);
    }
}
