package io.mpquic.quic.endpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.connection.CloseReason;
import io.mpquic.quic.connection.QuicConnection;
import io.mpquic.quic.connection.QuicEvent;
import io.mpquic.quic.connection.SendResult;
import io.mpquic.quic.crypto.CipherSuite;
import io.mpquic.quic.crypto.CryptoProvider;
import io.mpquic.quic.crypto.HeaderMask;
import io.mpquic.quic.crypto.PacketAead;
import io.mpquic.quic.sim.LinkConditions;
import io.mpquic.quic.wire.TransportError;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A defect in one connection ends that one, tells its peer, and touches no other. */
class DefectTest {
    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);

    /** Ciphers that break on demand, as an unknown defect would. */
    private static final class Fragile implements CryptoProvider {
        boolean sealBreaks;
        boolean openBreaks;

        @Override
        public PacketAead aead(CipherSuite suite, byte[] key, byte[] iv) {
            PacketAead sound = CryptoProvider.jdk().aead(suite, key, iv);
            return new PacketAead() {
                @Override
                public void sealFrom(
                        MemorySegment payload,
                        long payloadOffset,
                        int length,
                        long number,
                        MemorySegment packet,
                        long offset,
                        int header) {
                    if (sealBreaks) {
                        throw new IllegalStateException("seal");
                    }
                    sound.sealFrom(payload, payloadOffset, length, number, packet, offset, header);
                }

                @Override
                public boolean open(long number, MemorySegment packet, long offset, int header, int ciphertext) {
                    if (openBreaks) {
                        throw new IndexOutOfBoundsException("open");
                    }
                    return sound.open(number, packet, offset, header, ciphertext);
                }
            };
        }

        @Override
        public HeaderMask headerMask(CipherSuite suite, byte[] key) {
            return CryptoProvider.jdk().headerMask(suite, key);
        }

        @Override
        public String name() {
            return "fragile";
        }
    }

    private final Fragile fragile = new Fragile();
    private final SimulatedPair pair = new SimulatedPair(
            1, LinkConditions.builder().delayMs(10).build(), each -> each.crypto(fragile), each -> each);

    private CloseReason reasonAt(SimulatedPair.Side side) {
        return side.eventsOf(QuicEvent.Closed.class).getFirst().reason();
    }

    @Test
    void aDefectWhileReceivingClosesTheConnectionWithInternalError() {
        pair.connect();
        fragile.openBreaks = true;
        pair.server.accepted.offerDatagram(new byte[10]);
        pair.network.runFor(SECOND_NS);
        assertEquals(CloseReason.Kind.DEFECT, reasonAt(pair.client).kind());
        assertTrue(reasonAt(pair.client).describe().contains("open"), reasonAt(pair.client)::describe);
        assertEquals(CloseReason.Kind.PEER, reasonAt(pair.server).kind());
        assertEquals(TransportError.INTERNAL_ERROR, reasonAt(pair.server).errorCode());
    }

    @Test
    void whereEvenTheCloseCannotBeBuiltTheConnectionEndsAndIsForgotten() {
        pair.connect();
        fragile.sealBreaks = true;
        pair.connection.offerDatagram(new byte[10]);
        pair.network.runFor(SECOND_NS);
        assertEquals(CloseReason.Kind.DEFECT, reasonAt(pair.client).kind());
        assertEquals(0, pair.client.endpoint.connections().size());
        assertEquals(Long.MAX_VALUE, pair.client.endpoint.nextTimeoutNs());
    }

    @Test
    void otherConnectionsOfTheEndpointLiveOn() {
        pair.connect();
        QuicConnection broken = pair.connection;
        pair.connect();
        fragile.sealBreaks = true;
        MemorySegment buffer = Arena.ofAuto().allocate(2048);
        MemorySegment out = Arena.ofAuto().allocate(2048);
        assertEquals(SendResult.CLOSED, broken.sealDatagram(buffer, 128, 100, out, 0, pair.network.nowNs()));
        fragile.sealBreaks = false;
        assertFalse(broken.isEstablished());
        pair.connection.offerDatagram(new byte[10]);
        pair.network.runFor(SECOND_NS);
        assertTrue(pair.connection.isEstablished());
        assertEquals(1, pair.server.datagrams.size());
    }

    @Test
    void anApplicationThatCannotTakeADatagramLosesItsConnectionOnly() {
        SimulatedPair deaf = new SimulatedPair(
                1,
                LinkConditions.builder().delayMs(10).build(),
                each -> each,
                each -> each.sink((connection, buffer, offset, length) -> {
                    throw new UnsupportedOperationException("no room");
                }));
        deaf.connect();
        deaf.connection.offerDatagram(new byte[10]);
        deaf.network.runFor(SECOND_NS);
        assertEquals(CloseReason.Kind.DEFECT, reasonAt(deaf.server).kind());
        assertEquals(TransportError.INTERNAL_ERROR, reasonAt(deaf.client).errorCode());
        deaf.connect();
        assertTrue(deaf.connection.isEstablished());
    }

    @Test
    void tooLittleRoomAroundAMessageIsTheCallersMistakeAndHarmless() {
        pair.connect();
        pair.network.runFor(SECOND_NS);
        MemorySegment buffer = Arena.ofAuto().allocate(1000);
        long nowNs = pair.network.nowNs();
        MemorySegment out = Arena.ofAuto().allocate(2048);
        for (long offset : new long[] {10, 901}) {
            assertThrows(
                    IndexOutOfBoundsException.class,
                    () -> pair.connection.sealDatagram(buffer, offset, 100, out, 0, nowNs));
        }
        assertThrows(
                IndexOutOfBoundsException.class,
                () -> pair.connection.sealDatagram(buffer, 100, 100, out, 1000, nowNs));
        assertTrue(pair.connection.isEstablished());
        assertEquals(SendResult.SENT, pair.connection.sealDatagram(buffer, 100, 100, out, 0, nowNs));
    }
}
