package io.mpquic.quic.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.mpquic.quic.connection.CloseReason;
import io.mpquic.quic.fuzz.ChosenBytes;
import io.mpquic.quic.wire.EncryptionLevel;
import io.mpquic.quic.wire.PingFrame;
import io.mpquic.quic.wire.TransportError;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Throws damaged datagrams, and nonsense under correct protection, at both roles. Whatever comes, the endpoint must not
 * throw, spin, or send without end; at worst it closes the connection. {@code -Dmpquic.fuzz.runs=N} makes it a campaign.
 */
class HostilePeerFuzzTest {
    private static final int RUNS = Integer.getInteger("mpquic.fuzz.runs", 60);
    private static final long FIRST_SEED = Long.getLong("mpquic.fuzz.seed", 1);
    private static final int STEPS = 60;
    private static final long[] INTERESTING = {
        0,
        1,
        2,
        3,
        4,
        5,
        7,
        8,
        20,
        21,
        63,
        64,
        1199,
        1200,
        1472,
        16_383,
        16_384,
        65_535,
        65_536,
        1L << 20,
        1L << 30,
        (1L << 31) - 1,
        1L << 32,
        (1L << 60) + 1,
        (1L << 62) - 1
    };

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void nothingThatAPeerSendsBreaksTheEndpoint(boolean peerIsClient) {
        for (long seed = FIRST_SEED; seed < FIRST_SEED + RUNS; seed++) {
            try {
                run(peerIsClient, new SplittableRandom(seed), () -> false);
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed + ": " + e, e);
            }
        }
    }

    /** The same, steered by a fuzzer: its bytes decide about packets and time. */
    @FuzzTest
    void connection(byte[] input) {
        ChosenBytes choices = new ChosenBytes(input);
        run(choices.nextBoolean(), choices, choices::isUsedUp);
    }

    private static void run(boolean peerIsClient, RandomGenerator random, BooleanSupplier ended) {
        EncryptionLevel stage = new EncryptionLevel[] {
                    EncryptionLevel.INITIAL, EncryptionLevel.HANDSHAKE, EncryptionLevel.ONE_RTT, EncryptionLevel.ONE_RTT
                }
                [random.nextInt(4)];
        RawPeer peer = FrameRulesTest.atLevel(peerIsClient, stage);
        boolean gentle = random.nextInt(3) > 0; // damaged datagrams only, so that the connection lives on
        boolean restless = random.nextInt(3) == 0; // loses packets, and moves from address to address
        List<byte[]> genuine = new ArrayList<>();
        for (int step = 0; step < STEPS && !ended.getAsBoolean(); step++) {
            EncryptionLevel level = random.nextInt(4) == 0 ? anyLevel(peer, random) : stage;
            step(peer, level, gentle, genuine, random);
            if (restless) {
                restlessPing(peer, stage, random);
            }
            peer.readOutbox();
            peer.received.clear();
            peer.unreadable.clear();
            assertSane(peer);
        }
        // Whatever happened, it ends: by a close, or by the idle timeout once the peer falls silent.
        peer.advanceMs(200_000);
        assertEquals(0, peer.target.endpoint.connections().size(), "a connection that does not end");
        assertEquals(Long.MAX_VALUE, peer.target.endpoint.nextTimeoutNs());
    }

    private static void step(
            RawPeer peer, EncryptionLevel level, boolean gentle, List<byte[]> genuine, RandomGenerator random) {
        switch (random.nextInt(8)) {
            case 0 -> peer.advanceMs(random.nextInt(400));
            case 1 -> peer.target.deliver(headerAndNoise(peer, random));
            case 2 -> {
                if (peer.target.connection != null) {
                    peer.target.connection.offerDatagram(new byte[random.nextInt(1300)]);
                }
                peer.target.flush();
            }
            case 3, 4 -> {
                byte[] packet = peer.packet(level)
                        .payload(harmless(random))
                        .padTo(level == EncryptionLevel.INITIAL ? 1200 : 0)
                        .build();
                genuine.add(packet);
                peer.target.deliver(random.nextInt(3) == 0 ? packet : damaged(packet, genuine, random));
            }
            case 5 -> {
                if (level == EncryptionLevel.ONE_RTT) {
                    peer.acknowledgeAll();
                } else {
                    peer.sendHandshakeDataOf(level);
                }
            }
            default -> {
                byte[] payload = gentle ? harmless(random) : nonsense(random);
                PacketDraft draft = peer.packet(level)
                        .payload(payload)
                        .numberLength(1 + random.nextInt(4))
                        .padTo(random.nextInt(1300));
                if (!gentle && random.nextInt(10) == 0) {
                    draft.reserved(random.nextInt(4)).generation(random.nextInt(3));
                }
                byte[] packet = draft.build();
                genuine.add(packet);
                peer.target.deliver(packet);
            }
        }
    }

    /** Acknowledgements become long by it, and the budget of an address that is not proven short. */
    private static void restlessPing(RawPeer peer, EncryptionLevel level, RandomGenerator random) {
        peer.skipNumbers(level, random.nextInt(4));
        byte[] ping = peer.packet(level)
                .frames(PingFrame.INSTANCE)
                .padTo(random.nextInt(90))
                .build();
        peer.target.deliver(ping, random.nextInt(4) == 0 ? Target.STRANGER : Target.PEER);
    }

    private static EncryptionLevel anyLevel(RawPeer peer, RandomGenerator random) {
        List<EncryptionLevel> levels = Arrays.stream(EncryptionLevel.values())
                .filter(level -> peer.readSecret(level) != null)
                .toList();
        return levels.get(random.nextInt(levels.size()));
    }

    private static void assertSane(RawPeer peer) {
        assertTrue(peer.target.endpoint.connections().size() <= 70, "a connection for each datagram");
        CloseReason reason = peer.target.closeReason();
        assertTrue(
                reason == null
                        || reason.kind() == CloseReason.Kind.PEER
                        || reason.errorCode() != TransportError.INTERNAL_ERROR,
                String.valueOf(reason));
        assertTrue(peer.target.bytesOut < 2_000_000, peer.target.bytesOut + " bytes");
        peer.target.advance(0); // an overdue deadline is served once and is gone
    }

    /** Frames that break no rule. */
    private static byte[] harmless(RandomGenerator random) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = random.nextInt(4); i >= 0; i--) {
            out.writeBytes(
                    switch (random.nextInt(3)) {
                        case 0 -> new byte[] {1};
                        case 1 -> new byte[1 + random.nextInt(30)];
                        default -> new byte[] {1, 0, 1};
                    });
        }
        return out.toByteArray();
    }

    /** Frame types, known and unknown, with fields of any kind. */
    private static byte[] nonsense(RandomGenerator random) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = random.nextInt(5); i >= 0; i--) {
            out.writeBytes(RawBytes.varInt(random.nextInt(random.nextInt(5) == 0 ? 0x4000 : 0x34)));
            for (int field = random.nextInt(5); field > 0; field--) {
                long value = random.nextInt(3) == 0
                        ? INTERESTING[random.nextInt(INTERESTING.length)]
                        : random.nextInt(random.nextInt(2) == 0 ? 8 : 100);
                out.writeBytes(RawBytes.varInt(value));
            }
            if (random.nextInt(3) == 0) {
                out.writeBytes(noise(random.nextInt(60), random));
            }
        }
        byte[] bytes = out.toByteArray();
        return bytes.length > 1_000 ? Arrays.copyOf(bytes, 1_000) : bytes;
    }

    /** A genuine datagram after an accident. */
    private static byte[] damaged(byte[] packet, List<byte[]> genuine, RandomGenerator random) {
        byte[] copy = packet.clone();
        return switch (random.nextInt(6)) {
            case 0 -> Arrays.copyOf(copy, random.nextInt(copy.length + 1));
            case 1 -> RawBytes.join(copy, noise(random.nextInt(100), random));
            case 2 -> RawBytes.join(copy, genuine.get(random.nextInt(genuine.size())));
            case 3 -> genuine.get(random.nextInt(genuine.size())).clone();
            case 4 -> {
                // In the header: versions, lengths of connection IDs, of tokens, of the packet.
                copy[random.nextInt(Math.min(30, copy.length))] = (byte) random.nextInt();
                yield copy;
            }
            default -> {
                for (int i = random.nextInt(4); i >= 0; i--) {
                    copy[random.nextInt(copy.length)] ^= (byte) (1 << random.nextInt(8));
                }
                yield copy;
            }
        };
    }

    private static byte[] headerAndNoise(RawPeer peer, RandomGenerator random) {
        byte[] noise = noise(random.nextInt(1400), random);
        byte[] id = peer.destination.bytes();
        return switch (random.nextInt(4)) {
            case 0 -> noise;
            case 1 -> RawBytes.join(new byte[] {(byte) (0x40 | random.nextInt(64))}, id, noise);
            default ->
                RawBytes.join(
                        new byte[] {(byte) (0xc0 | random.nextInt(64)), 0, 0, 0, (byte) random.nextInt(2)},
                        new byte[] {(byte) id.length},
                        id,
                        new byte[] {(byte) peer.source.lengthBytes()},
                        peer.source.bytes(),
                        noise);
        };
    }

    private static byte[] noise(int length, RandomGenerator random) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }
}
