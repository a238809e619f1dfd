package io.mpquic.quic.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.connection.ConnectionProbe;
import io.mpquic.quic.connection.QuicConnection;
import io.mpquic.quic.crypto.CipherSuite;
import io.mpquic.quic.crypto.CryptoProvider;
import io.mpquic.quic.crypto.HeaderMask;
import io.mpquic.quic.crypto.PacketAead;
import io.mpquic.quic.recovery.RecoveryProbe;
import io.mpquic.quic.sim.LinkConditions;
import io.mpquic.quic.sim.SimulatedNode;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Each invariant is seen to be broken by a stack that is broken on purpose: otherwise it would only be decoration. */
class BrokenStackTest {
    private static final long SECOND_NS = 1_000_000_000;
    private static final LinkConditions LINK =
            LinkConditions.builder().delayMs(10).build();
    private static final Scenario PLAIN = new Scenario(
            1,
            new Scenario.Ends(10 * SECOND_NS, 10 * SECOND_NS, 0, false, true, 1400, Scenario.Extras.PLAIN),
            LINK,
            LINK,
            0,
            List.of(
                    new Step.Traffic(SECOND_NS, Side.CLIENT, 100, 500, 0, false),
                    new Step.Traffic(SECOND_NS, Side.SERVER, 100, 500, 0, false),
                    new Step.PathProbe(3 * SECOND_NS)));

    @Test
    void aWholeStackBreaksNone() {
        assertNull(ScenarioRun.of(PLAIN, Sabotage.NONE).finding());
    }

    @Test
    void aNonceThatIsUsedTwiceIsFound() {
        assertBroken(Invariant.NONCE, PLAIN, new Sabotage() {
            @Override
            CryptoProvider wrap(CryptoProvider crypto) {
                return new SmallNumbers(crypto);
            }
        });
    }

    @Test
    void bytesThatAreForgottenAreFound() {
        assertBroken(Invariant.BYTES_IN_FLIGHT, PLAIN, onEach(Side.CLIENT, connection -> {
            RecoveryProbe.forgetBytes(ConnectionProbe.recovery(connection), 1);
            return true;
        }));
    }

    @Test
    void aMessageThatIsLostInAQueueIsFound() {
        assertBroken(Invariant.ACCOUNTING, PLAIN, onEach(Side.CLIENT, connection -> {
            ConnectionProbe.loseDatagram(connection);
            return true;
        }));
    }

    @Test
    void aServerThatBelievesEveryAddressIsFound() {
        Scenario silent = PLAIN.withSteps(List.of(new Step.Outage(1, Side.CLIENT, 5 * SECOND_NS)));
        assertBroken(Invariant.AMPLIFICATION, silent, onEach(Side.SERVER, connection -> {
            ConnectionProbe.believeAddress(connection);
            return true;
        }));
    }

    @Test
    void aDeadlineThatStaysInThePastIsFound() {
        assertBroken(Invariant.PROGRESS, PLAIN, node(Side.CLIENT, whole -> new BrokenNode(whole) {
            @Override
            public long nextTimeoutNs() {
                return 1;
            }
        }));
    }

    @Test
    void aTransmissionWithoutEndIsFound() {
        assertBroken(Invariant.PROGRESS, PLAIN, node(Side.CLIENT, whole -> new BrokenNode(whole) {
            @Override
            public int transmit(MemorySegment out, long nowNs) {
                return Math.max(1, super.transmit(out, nowNs));
            }
        }));
    }

    @Test
    void anEndThatHearsNoMessagesAnyMoreIsFound() {
        assertBroken(Invariant.LIVENESS, PLAIN, node(Side.CLIENT, whole -> new BrokenNode(whole) {
            @Override
            public void receive(MemorySegment datagram, InetSocketAddress from, int ecn, long nowNs) {
                // The messages that are exchanged in good weather make packets of such a size.
                if (datagram.byteSize() < 70 || datagram.byteSize() > 95) {
                    super.receive(datagram, from, ecn, nowNs);
                }
            }
        }));
    }

    @Test
    void anIdleTimeoutThatIsOverlookedIsFound() {
        Scenario uneven = PLAIN.withEnds(
                        new Scenario.Ends(3 * SECOND_NS, 60 * SECOND_NS, 0, false, true, 1400, Scenario.Extras.PLAIN))
                .withSteps(List.of(
                        new Step.Outage(SECOND_NS, Side.SERVER, 60 * SECOND_NS),
                        new Step.Outage(SECOND_NS, Side.CLIENT, 60 * SECOND_NS),
                        new Step.Connect(2 * SECOND_NS),
                        new Step.Connect(9 * SECOND_NS)));
        assertBroken(Invariant.IDLE_TIMEOUT, uneven, node(Side.SERVER, whole -> new BrokenNode(whole) {
            @Override
            public long nextTimeoutNs() {
                return Long.MAX_VALUE;
            }
        }));
    }

    @Test
    void aCloseThatNobodyAskedForIsFound() {
        assertBroken(Invariant.CLOSE_REASON, PLAIN, onEach(Side.SERVER, connection -> {
            if (connection.isEstablished()) {
                connection.close(99, "at whim", 1);
            }
            return true;
        }));
    }

    @Test
    void anExceptionIsFound() {
        assertBroken(Invariant.NO_EXCEPTION, PLAIN, node(Side.SERVER, whole -> new BrokenNode(whole) {
            @Override
            public void onTimeout(long nowNs) {
                throw new IllegalStateException("broken");
            }
        }));
    }

    @Test
    void aMessageThatComesTwiceOrFromNowhereOrWithOtherBytesIsFound() {
        for (Invariant expected : List.of(Invariant.ONCE, Invariant.GENUINE)) {
            Findings findings = new Findings();
            Ledger ledger = new Ledger(findings);
            QuicConnection connection = connectionOf(Sabotage.NONE);
            byte[] message = ledger.write(100);
            ledger.accept(Side.CLIENT, connection, message, 1);
            ledger.deliver(Side.SERVER, connection, message);
            assertNull(findings.first());
            if (expected == Invariant.GENUINE) {
                message[50]++;
            }
            ledger.deliver(Side.SERVER, connection, message);
            assertEquals(expected, found(findings.first()).invariant());
        }
    }

    @Test
    void aPacketNumberThatDoesNotRiseIsFound() {
        Findings findings = new Findings();
        ConnectionWatch watch = new ConnectionWatch(
                true, Side.SERVER.home, 0, "client", findings, new Ledger(findings), new Chronicle(false));
        MemorySegment ping = MemorySegment.ofArray(new byte[] {1});
        for (long number : new long[] {5, 6, 6}) {
            watch.packetSent(io.mpquic.quic.wire.PacketType.ONE_RTT, number, 30, ping, 0, 1, 0);
        }
        assertEquals(Invariant.PACKET_NUMBER, found(findings.first()).invariant());
    }

    @Test
    void whatAConnectionLeavesBehindIsCounted() {
        Findings findings = new Findings();
        Ledger ledger = new Ledger(findings);
        Party[] client = new Party[1];
        ScenarioRun.of(PLAIN, new Sabotage() {
            @Override
            void afterStep(Map<Side, Party> parties) {
                if (client[0] == null) {
                    client[0] = parties.get(Side.CLIENT);
                    new PartyCheck(client[0], ledger, findings, PLAIN).checkNothingIsLeft();
                }
            }
        });
        assertEquals(Invariant.BOUNDED, found(findings.first()).invariant());
    }

    @Test
    void shrinkingLeavesWhatTheFailureNeeds() {
        Scenario drawn = ScenarioDraw.of(7);
        Scenario smallest = Shrinking.smallest(
                drawn, candidate -> candidate.steps().stream().anyMatch(Step.Traffic.class::isInstance));
        assertEquals(1, smallest.steps().size());
        assertEquals(0, smallest.mostLateNs());
        assertTrue(smallest.describe().contains("seed 7"), smallest.describe());
    }

    private static void assertBroken(Invariant expected, Scenario scenario, Sabotage sabotage) {
        Findings.Finding finding = ScenarioRun.of(scenario, sabotage).finding();
        assertEquals(expected, found(finding).invariant(), () -> String.valueOf(finding));
    }

    private static Findings.Finding found(Findings.Finding finding) {
        assertNotNull(finding, "nothing was found");
        return finding;
    }

    private static QuicConnection connectionOf(Sabotage sabotage) {
        QuicConnection[] seen = new QuicConnection[1];
        ScenarioRun.of(PLAIN, onEach(Side.CLIENT, connection -> {
            seen[0] = connection;
            return true;
        }));
        return seen[0];
    }

    /** Does something to each open connection of one side after each step. */
    private static Sabotage onEach(Side side, Function<QuicConnection, Boolean> harm) {
        return new Sabotage() {
            @Override
            void afterStep(Map<Side, Party> parties) {
                for (ConnectionWatch watch : parties.get(side).watches) {
                    if (watch.isOpen() && watch.connection != null) {
                        harm.apply(watch.connection);
                    }
                }
            }
        };
    }

    private static Sabotage node(Side side, Function<SimulatedNode, SimulatedNode> harm) {
        return new Sabotage() {
            @Override
            SimulatedNode wrap(Party party) {
                return party.side == side ? harm.apply(party) : party;
            }
        };
    }

    /** Seals with numbers that do not rise. */
    private record SmallNumbers(CryptoProvider whole) implements CryptoProvider {
        @Override
        public PacketAead aead(CipherSuite suite, byte[] key, byte[] iv) {
            PacketAead inner = whole.aead(suite, key, iv);
            return new PacketAead() {
                @Override
                public void sealFrom(
                        MemorySegment payload,
                        long payloadOffset,
                        int length,
                        long number,
                        MemorySegment packet,
                        long offset,
                        int headerLength) {
                    inner.sealFrom(payload, payloadOffset, length, Math.min(number, 3), packet, offset, headerLength);
                }

                @Override
                public boolean open(long number, MemorySegment packet, long offset, int headerLength, int length) {
                    return inner.open(number, packet, offset, headerLength, length);
                }
            };
        }

        @Override
        public HeaderMask headerMask(CipherSuite suite, byte[] key) {
            return whole.headerMask(suite, key);
        }

        @Override
        public String name() {
            return "broken";
        }
    }
}
