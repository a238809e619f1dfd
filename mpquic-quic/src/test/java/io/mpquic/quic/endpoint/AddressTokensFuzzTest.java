package io.mpquic.quic.endpoint;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.mpquic.quic.conformance.Requirement;
import io.mpquic.quic.endpoint.AddressTokens.Proof;
import io.mpquic.quic.endpoint.AddressTokens.Verdict;
import io.mpquic.quic.wire.ConnectionId;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.SplittableRandom;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9000 §8.1: what a token proves, and what it does not. */
class AddressTokensFuzzTest {
    private static final InetSocketAddress CLIENT = new InetSocketAddress("192.0.2.1", 40_000);
    private static final InetSocketAddress OTHER_PORT = new InetSocketAddress("192.0.2.1", 40_001);
    private static final InetSocketAddress OTHER_HOST = new InetSocketAddress("192.0.2.3", 40_000);
    private static final ConnectionId ORIGINAL = ConnectionId.ofLong(1);
    private static final ConnectionId RETRY = ConnectionId.ofLong(2);
    private static final long NOW_NS = 77_000_000_000L;

    private final AddressTokens tokens = tokens(1);

    private static AddressTokens tokens(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return new AddressTokens(TokenSecret.random(random), random);
    }

    private Verdict check(byte[] token, InetSocketAddress from, long nowNs) {
        return tokens.check(token, from, RETRY, nowNs);
    }

    @Provide
    Arbitrary<ConnectionId> ids() {
        return Arbitraries.bytes().array(byte[].class).ofMaxSize(20).map(ConnectionId::new);
    }

    @Requirement("9000-8.1.1-1")
    @Property
    void aRetryTokenGivesBackTheOriginalDestination(
            @ForAll("ids") ConnectionId original, @ForAll("ids") ConnectionId retry) {
        byte[] token = tokens.forRetry(CLIENT, original, retry, NOW_NS);
        assertEquals(new Verdict(Proof.RETRIED, original), tokens.check(token, CLIENT, retry, NOW_NS + 1));
    }

    @Requirement("9000-8.1.4-2")
    @Property
    void noFlippedBitAndNoCutIsAccepted(@ForAll @IntRange(min = 0, max = 1000) int where, @ForAll boolean cut) {
        for (byte[] token :
                new byte[][] {tokens.forRetry(CLIENT, ORIGINAL, RETRY, NOW_NS), tokens.forLater(CLIENT, NOW_NS)}) {
            byte[] damaged = cut ? Arrays.copyOf(token, where % token.length) : token.clone();
            if (!cut) {
                damaged[where / 8 % token.length] ^= (byte) (1 << where % 8);
            }
            assertEquals(Proof.NONE, check(damaged, CLIENT, NOW_NS).proof());
        }
    }

    @Test
    void aRetryTokenIsForOneAddressAndPort() {
        byte[] token = tokens.forRetry(CLIENT, ORIGINAL, RETRY, NOW_NS);
        assertEquals(Proof.REFUSED, check(token, OTHER_PORT, NOW_NS).proof());
        assertEquals(Proof.REFUSED, check(token, OTHER_HOST, NOW_NS).proof());
        assertEquals(Proof.RETRIED, check(token, CLIENT, NOW_NS).proof());
    }

    @Test
    void aRetryTokenIsForTheConnectionIdOfItsRetry() {
        byte[] token = tokens.forRetry(CLIENT, ORIGINAL, RETRY, NOW_NS);
        assertEquals(
                Proof.REFUSED, tokens.check(token, CLIENT, ORIGINAL, NOW_NS).proof());
    }

    @Test
    void tokensWearOut() {
        byte[] retry = tokens.forRetry(CLIENT, ORIGINAL, RETRY, NOW_NS);
        assertEquals(
                Proof.RETRIED,
                check(retry, CLIENT, NOW_NS + AddressTokens.RETRY_LIFETIME_NS).proof());
        assertEquals(
                Proof.REFUSED,
                check(retry, CLIENT, NOW_NS + AddressTokens.RETRY_LIFETIME_NS + 1)
                        .proof());
        byte[] later = tokens.forLater(CLIENT, NOW_NS);
        assertEquals(
                Proof.NONE,
                check(later, CLIENT, NOW_NS + AddressTokens.NEW_TOKEN_LIFETIME_NS + 1)
                        .proof());
    }

    @Test
    void aTokenFromTheFutureIsNone() {
        assertEquals(
                Proof.REFUSED,
                check(tokens.forRetry(CLIENT, ORIGINAL, RETRY, NOW_NS), CLIENT, NOW_NS - 1)
                        .proof());
        assertEquals(
                Proof.NONE,
                check(tokens.forLater(CLIENT, NOW_NS), CLIENT, NOW_NS - 1).proof());
    }

    @Requirement({"9000-8.1.1-1", "9000-8.1.4-3", "9000-8.1.4-4"})
    @Test
    void aTokenForLaterIsForOneHostOnAnyPortAndForOnce() {
        byte[] token = tokens.forLater(CLIENT, NOW_NS);
        assertEquals(Proof.NONE, check(token, OTHER_HOST, NOW_NS).proof());
        assertEquals(Proof.ADDRESS, check(token, OTHER_PORT, NOW_NS).proof());
        assertEquals(Proof.NONE, check(token, CLIENT, NOW_NS).proof());
    }

    /** Another process has another monotonic clock; only the difference from the time of day joins the two. */
    @Test
    void withAKeyThatLastsTokensAreGoodInTheNextProcessOnceEach() {
        byte[] key = "a key of sixteen or more".getBytes(US_ASCII);
        long startedNs = 1_700_000_000_000_000_000L;
        AddressTokens before = new AddressTokens(new TokenSecret(key, startedNs - NOW_NS), new SplittableRandom(3));
        byte[] first = before.forLater(CLIENT, NOW_NS);
        byte[] second = before.forLater(OTHER_HOST, NOW_NS);
        byte[] retry = before.forRetry(CLIENT, ORIGINAL, RETRY, NOW_NS);

        long nowNs = -5_000_000_000L;
        AddressTokens after =
                new AddressTokens(new TokenSecret(key, startedNs + 9_000_000_000L - nowNs), new SplittableRandom(4));
        byte[] own = after.forLater(CLIENT, nowNs);
        assertEquals(Proof.ADDRESS, after.check(own, CLIENT, RETRY, nowNs).proof(), "it has the serial of the first");
        assertEquals(Proof.ADDRESS, after.check(first, CLIENT, RETRY, nowNs).proof());
        assertEquals(Proof.NONE, after.check(first, CLIENT, RETRY, nowNs).proof());
        assertEquals(Proof.RETRIED, after.check(retry, CLIENT, RETRY, nowNs).proof());
        assertEquals(
                Proof.REFUSED,
                after.check(retry, CLIENT, RETRY, nowNs + 1_000_000_001).proof(),
                "ten seconds");
        assertEquals(
                Proof.NONE,
                after.check(second, OTHER_HOST, RETRY, nowNs + AddressTokens.NEW_TOKEN_LIFETIME_NS)
                        .proof(),
                "a day");
    }

    @Test
    void aKeyThatCouldBeGuessedIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> new TokenSecret(new byte[15], 0));
    }

    @Requirement("9000-8.1.4-1")
    @Test
    void tokensOfAnotherServerProveNothing() {
        AddressTokens other = tokens(2);
        assertEquals(
                Proof.NONE,
                check(other.forLater(CLIENT, NOW_NS), CLIENT, NOW_NS).proof());
        // RFC 9000 §8.1.3: not a token of this server's that does not fit, so the client need not be sent away.
        assertEquals(
                Proof.NONE,
                check(other.forRetry(CLIENT, ORIGINAL, RETRY, NOW_NS), CLIENT, NOW_NS)
                        .proof());
    }

    @Requirement("9000-8.1.4-1")
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 16, 17, 28, 29, 44, 60, 61, 62, 63, 1000})
    void bytesOfAnyLengthThatAreNoTokenProveNothing(int length) {
        for (int kind = 0; kind < 256; kind++) {
            byte[] token = new byte[length];
            if (length > 0) {
                token[0] = (byte) kind;
            }
            assertEquals(Proof.NONE, check(token, CLIENT, NOW_NS).proof());
        }
    }

    @FuzzTest
    void tokens(byte[] token) {
        Proof proof = check(token, CLIENT, NOW_NS).proof();
        assertNotEquals(Proof.ADDRESS, proof);
        assertNotEquals(Proof.RETRIED, proof);
    }
}
