package io.mpquic.quic.connection;

import io.mpquic.quic.wire.PathChallengeFrame;
import java.net.InetSocketAddress;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Where the peer is, and how far that is proven (RFC 9000 §8, §9). A server follows a client whose address changes, as
 * after a NAT has lost its mapping; a client never follows a server.
 *
 * <pre>
 *                 newest packet comes from another address
 *   validated ──────────────────────────────────────────────▶ challenging
 *       ▲                                                         │
 *       ├──────────────── PATH_RESPONSE ──────────────────────────┤
 *       └── no answer, or the client is back: the old address ────┘
 * </pre>
 */
final class NetworkPath {
    private static final int MAX_CHALLENGES = 4;

    private final boolean client;
    private final RandomGenerator random;
    private InetSocketAddress remote;
    private AmplificationLimit limit;
    private @Nullable InetSocketAddress lastValidated;
    private long challenge;
    private boolean challengePending;
    private int challenges;
    private long challengeDeadlineNs = Long.MAX_VALUE;
    private long retryIntervalNs;
    private long migrations;

    NetworkPath(InetSocketAddress remote, boolean client, RandomGenerator random) {
        this.remote = remote;
        this.client = client;
        this.random = random;
        limit = new AmplificationLimit(client);
    }

    InetSocketAddress remote() {
        return remote;
    }

    long migrations() {
        return migrations;
    }

    /** How many bytes may be sent now (RFC 9000 §8.1). */
    long budgetBytes() {
        return limit.budgetBytes();
    }

    void onSent(int bytes) {
        limit.sent(bytes);
    }

    /** A datagram came; whether it is the peer's is not known yet. */
    void onReceived(InetSocketAddress from, int bytes) {
        if (from.equals(remote)) {
            limit.received(bytes);
        }
    }

    /** The handshake proves the peer's address (RFC 9000 §8.1). */
    void validateByHandshake() {
        if (challengeDeadlineNs == Long.MAX_VALUE) {
            limit.validate();
        }
    }

    /**
     * The newest packet so far is authentic, is more than a probe, and came from here.
     *
     * @return whether the peer has moved
     */
    boolean onNewestPacket(InetSocketAddress from, int bytes, boolean established, long nowNs, long ptoNs) {
        if (client || !established || from.equals(remote)) {
            return false;
        }
        migrations++;
        if (from.equals(lastValidated)) {
            // RFC 9000 §9.3: the move was a spurious one, and this address was proven not long ago.
            returnTo(from);
            return true;
        }
        // RFC 9000 §9.3.2: an attacker may have sent it on; the proven address is kept to return to.
        if (limit.isValidated()) {
            lastValidated = remote;
        }
        remote = from;
        limit = new AmplificationLimit(false);
        limit.received(bytes);
        challenges = 0;
        newChallenge(nowNs, ptoNs);
        return true;
    }

    private void newChallenge(long nowNs, long ptoNs) {
        challenge = random.nextLong();
        challengePending = true;
        challenges++;
        // RFC 9000 §8.2.4: patience for the larger of both paths' round trips.
        challengeDeadlineNs = nowNs + ptoNs;
        retryIntervalNs = ptoNs;
    }

    /** The challenge to send now, or null. */
    @Nullable PathChallengeFrame takeChallenge() {
        if (!challengePending) {
            return null;
        }
        challengePending = false;
        return new PathChallengeFrame(challenge);
    }

    boolean isChallengePending() {
        return challengePending;
    }

    /** An answer came. RFC 9000 §8.2.3: one that does not match proves nothing. */
    void onResponse(long data) {
        if (challengeDeadlineNs != Long.MAX_VALUE && data == challenge) {
            limit.validate();
            lastValidated = remote;
            challengePending = false;
            challengeDeadlineNs = Long.MAX_VALUE;
        }
    }

    long nextTimeoutNs() {
        return challengeDeadlineNs;
    }

    void onTimeout(long nowNs) {
        if (nowNs < challengeDeadlineNs) {
            return;
        }
        if (challenges < MAX_CHALLENGES) {
            newChallenge(nowNs, 2 * retryIntervalNs);
            return;
        }
        // RFC 9000 §9.3.2: nobody answers there, so the last proven address counts again.
        challengePending = false;
        challengeDeadlineNs = Long.MAX_VALUE;
        if (lastValidated != null) {
            returnTo(lastValidated);
        }
    }

    private void returnTo(InetSocketAddress validated) {
        remote = validated;
        limit = new AmplificationLimit(true);
        challengePending = false;
        challengeDeadlineNs = Long.MAX_VALUE;
    }
}
