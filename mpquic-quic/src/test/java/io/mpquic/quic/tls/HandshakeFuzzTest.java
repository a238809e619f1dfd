package io.mpquic.quic.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.mpquic.quic.fuzz.ChosenBytes;
import io.mpquic.quic.wire.EncryptionLevel;
import io.mpquic.quic.wire.TransportException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Hostile input: whatever comes, the outcome is a connection error or silence, and never a completed handshake. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class HandshakeFuzzTest {
    private static final int HANDSHAKES = Integer.getInteger("mpquic.fuzz.handshakes", 1000);
    private static final int GARBAGE = 3000;
    private static final TlsServerConfig MADE_UP_SERVER = HandshakeTest.server()
            .clientTrust(HandshakeTest.AUTHORITY.anchors())
            .build();
    private static final TlsClientConfig MADE_UP_CLIENT =
            HandshakeTest.client().identity(HandshakeTest.CLIENT).build();

    private static HandshakePair newPair(RandomGenerator random) {
        // One in four needs a HelloRetryRequest; half of them are mutual.
        boolean retry = random.nextInt(4) == 0;
        TlsClientConfig.Builder client = HandshakeTest.client().identity(HandshakeTest.CLIENT);
        TlsServerConfig.Builder server = HandshakeTest.server();
        if (retry) {
            client.groups(KeyExchangeGroup.SECP256R1, KeyExchangeGroup.X25519);
            server.groups(KeyExchangeGroup.X25519);
        }
        if (random.nextBoolean()) {
            server.clientTrust(HandshakeTest.AUTHORITY.anchors());
        }
        return new HandshakePair(client.build(), server.build());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aChangedHandshakeNeverCompletesAndNeverThrowsAnythingElse(boolean changeTheClients) {
        int changed = 0;
        for (int seed = 0; seed < HANDSHAKES; seed++) {
            try {
                changed += changeOneFlight(changeTheClients, new Random(seed)) ? 1 : 0;
            } catch (RuntimeException | Error e) {
                fail("seed " + seed, e);
            }
        }
        assertTrue(changed > HANDSHAKES / 2, "only " + changed + " were changed");
    }

    /** The same, steered by a fuzzer, and messages that it makes up from the start. */
    @FuzzTest
    void messages(byte[] input) {
        ChosenBytes choices = new ChosenBytes(input);
        if (choices.nextInt(3) == 0) {
            receiveMadeUp(choices);
        } else {
            changeOneFlight(choices.nextBoolean(), choices);
        }
    }

    private static void receiveMadeUp(ChosenBytes choices) {
        boolean toServer = choices.nextBoolean();
        TlsEngine engine = toServer ? MADE_UP_SERVER.newEngine() : MADE_UP_CLIENT.newEngine();
        EncryptionLevel[] levels = EncryptionLevel.values();
        try {
            engine.start(HandshakePair.CLIENT_PARAMETERS);
            while (!choices.isUsedUp()) {
                EncryptionLevel level =
                        choices.nextInt(4) == 0 ? levels[choices.nextInt(levels.length)] : EncryptionLevel.INITIAL;
                byte[] body = new byte[choices.nextInt(600)];
                choices.nextBytes(body);
                engine.receive(level, choices.nextBoolean() ? body : Messages.message(choices.nextInt(26), body));
                for (TlsEvent event = engine.poll(); event != null; event = engine.poll()) {
                    assertFalse(event instanceof TlsEvent.HandshakeComplete, "garbage completed a handshake");
                }
            }
        } catch (TransportException fault) {
            assertSound(fault, "made up");
        }
    }

    /** Returns whether the change was one. */
    private static boolean changeOneFlight(boolean changeTheClients, RandomGenerator random) {
        int victim = random.nextInt(changeTheClients ? 3 : 2);
        boolean[] different = new boolean[1];
        int[] flights = new int[1];
        HandshakePair pair = newPair(random);
        pair.over((fromClient, level, data) -> {
            if (fromClient != changeTheClients || flights[0]++ != victim) {
                return data;
            }
            byte[] mutated = mutate(random, data);
            different[0] = !Arrays.equals(mutated, data);
            return mutated;
        });
        pair.inChunksOf(random.nextBoolean() ? Integer.MAX_VALUE : 1 + random.nextInt(300))
                .run();
        if (different[0]) {
            assertFalse(pair.isComplete(), "completed in spite of the change");
        }
        for (HandshakePair.End end : List.of(pair.client, pair.server)) {
            if (end.failure != null) {
                assertSound(end.failure, "changed flight " + victim);
            }
        }
        return different[0];
    }

    private static void assertSound(TransportException failure, String what) {
        assertEquals(0x06, failure.frameType(), what);
        boolean alert = failure.errorCode() > 0x100 && failure.errorCode() <= 0x1ff;
        assertTrue(alert || failure.errorCode() == 0x0a, what + ": " + failure.getMessage());
        assertFalse(failure.reason().isBlank(), what);
    }

    private static byte[] mutate(RandomGenerator random, byte[] flight) {
        List<byte[]> messages = Messages.split(flight);
        int index = random.nextInt(messages.size());
        byte[][] result = messages.toArray(byte[][]::new);
        byte[] message = result[index];
        byte[] body = Arrays.copyOfRange(message, 4, message.length);
        switch (random.nextInt(8)) {
            case 0 -> message[random.nextInt(message.length)] ^= (byte) (1 << random.nextInt(8));
            case 1 -> message[random.nextInt(message.length)] = (byte) random.nextInt(256);
            case 2 -> result[index] = Messages.message(message[0], replace(random, body, 0));
            case 3 -> result[index] = Messages.message(message[0], replace(random, body, 1 + random.nextInt(40)));
            case 4 -> result[index] = Messages.message(message[0], Arrays.copyOf(body, random.nextInt(body.length)));
            case 5 -> result[index] = Messages.concat(message, message);
            case 6 -> result[index] = new byte[0];
            default -> {
                // Lengths that lie are the classic.
                int at = random.nextInt(Math.max(1, body.length - 1));
                body[at] = (byte) (random.nextBoolean() ? 0xff : 0);
                body[Math.min(at + 1, body.length - 1)] = (byte) random.nextInt(256);
                result[index] = Messages.message(message[0], body);
            }
        }
        return Messages.concat(result);
    }

    /** Replaces a random stretch by as many random bytes as wanted. */
    private static byte[] replace(RandomGenerator random, byte[] body, int insertedBytes) {
        int from = random.nextInt(body.length);
        int to = Math.min(body.length, from + random.nextInt(40));
        byte[] inserted = new byte[insertedBytes];
        random.nextBytes(inserted);
        return Messages.concat(Arrays.copyOf(body, from), inserted, Arrays.copyOfRange(body, to, body.length));
    }

    @Test
    void garbageEndsInAConnectionError() {
        TlsServerConfig server = HandshakeTest.server().build();
        TlsClientConfig client = HandshakeTest.client().build();
        for (int seed = 0; seed < GARBAGE; seed++) {
            Random random = new Random(seed);
            boolean toServer = random.nextBoolean();
            TlsEngine engine = toServer ? server.newEngine() : client.newEngine();
            byte[] body = new byte[random.nextInt(600)];
            random.nextBytes(body);
            try {
                engine.start(HandshakePair.CLIENT_PARAMETERS);
                engine.receive(EncryptionLevel.INITIAL, Messages.message(toServer ? 1 : 2, body));
                fail("seed " + seed + ": garbage was accepted");
            } catch (TransportException e) {
                assertTrue(e.errorCode() > 0x100, "seed " + seed);
            } catch (RuntimeException | Error e) {
                fail("seed " + seed, e);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 1000, 12_000})
    void aCertificateOfEndlessNestingIsRefused(int depth) {
        // Written from the inside: each SEQUENCE holds the one before, with lengths of two bytes.
        byte[] der = new byte[4 * depth];
        for (int i = 0; i < depth; i++) {
            int inside = 4 * (depth - i - 1);
            der[4 * i] = 0x30;
            der[4 * i + 1] = (byte) 0x82;
            der[4 * i + 2] = (byte) (inside >> 8);
            der[4 * i + 3] = (byte) inside;
        }
        byte[] entry = Messages.concat(
                new byte[] {(byte) (der.length >> 16), (byte) (der.length >> 8), (byte) der.length},
                der,
                new byte[] {0, 0});
        byte[] certificate = Messages.message(
                11,
                Messages.concat(
                        new byte[] {0, (byte) (entry.length >> 16), (byte) (entry.length >> 8), (byte) entry.length},
                        entry));
        HandshakePair pair = newPair(new Random(1))
                .over((fromClient, level, data) -> {
                    if (fromClient || level != EncryptionLevel.HANDSHAKE) {
                        return data;
                    }
                    return Messages.concat(Messages.split(data).stream()
                            .map(message -> message[0] == 11 ? certificate : message)
                            .toArray(byte[][]::new));
                })
                .run();
        assertNotNull(pair.client.failure);
        assertEquals(0x100 + 42, pair.client.failure.errorCode(), pair.client.failure.reason());
    }
}
