package io.mpquic.quic.endpoint;

import io.mpquic.quic.connection.Opening;
import io.mpquic.quic.wire.LongHeader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Decides for whom a server begins a connection, and who has to prove an address first (RFC 9000 §8.1).
 *
 * <p>First packets without a proof and those with one have an allowance each, so that a flood of forged addresses takes
 * nothing from clients that answered a Retry. Of the second each source has a share only, and one that has none begun of
 * late goes before those that come again and again.
 */
final class Admission {
    /** What becomes of a first packet. */
    sealed interface Decision {}

    /** A connection is begun. */
    record Admit(Opening opening) implements Decision {}

    /** The client is asked to prove its address. */
    record AskForProof() implements Decision {}

    /** The client's proof is wrong, and it is told so. */
    record RejectToken() implements Decision {}

    /** Too many come. */
    record Ignore() implements Decision {}

    /** What is left for sources that have none begun of late: half of the burst, and all that comes anew. */
    private static final int LEFT_FOR_FIRST = HandshakeRate.BURST / 2;

    /** So long a server that was overrun stays careful. */
    private static final long CAREFUL_NS = 1_000_000_000;

    private final RetryPolicy policy;
    private final boolean newTokens;
    private final AddressTokens tokens;
    private final HandshakeRate unproven = new HandshakeRate();
    private final HandshakeRate proven = new HandshakeRate();
    private final SourceShares shares;
    private boolean overrun;
    private long overrunNs;

    Admission(RetryPolicy policy, boolean newTokens, TokenSecret secret, RandomGenerator random) {
        this.policy = policy;
        this.newTokens = newTokens;
        tokens = new AddressTokens(secret, random);
        shares = new SourceShares(random);
    }

    AddressTokens tokens() {
        return tokens;
    }

    /** What a client whose address is proven is given for its next connection; null for nothing. */
    byte @Nullable [] tokenForLater(InetSocketAddress client, long nowNs) {
        return newTokens ? tokens.forLater(client, nowNs) : null;
    }

    Decision decide(LongHeader.Initial packet, InetSocketAddress from, long nowNs) {
        AddressTokens.Verdict verdict = tokens.check(packet.token(), from, packet.dcid(), nowNs);
        return switch (verdict.proof()) {
            case REFUSED -> new RejectToken();
            case RETRIED -> permitsProven(from.getAddress(), nowNs) ? admit(packet, verdict) : new Ignore();
            // Beyond its share such a client is one that has no token: it can still be asked for a proof.
            case ADDRESS ->
                permitsProven(from.getAddress(), nowNs) ? admit(packet, verdict) : decideUnproven(packet, nowNs);
            case NONE -> decideUnproven(packet, nowNs);
        };
    }

    private static Decision admit(LongHeader.Initial packet, AddressTokens.Verdict verdict) {
        return new Admit(new Opening(packet.dcid(), packet.scid(), verdict.originalDestination(), true));
    }

    private boolean permitsProven(InetAddress source, long nowNs) {
        int used = shares.used(source, nowNs);
        if (used >= SourceShares.BURST || !proven.permits(nowNs, used == 0 ? 0 : LEFT_FOR_FIRST)) {
            return false;
        }
        shares.charge(source, nowNs);
        return true;
    }

    private Decision decideUnproven(LongHeader.Initial packet, long nowNs) {
        boolean permitted = unproven.permits(nowNs);
        if (!permitted) {
            overrun = true;
            overrunNs = nowNs;
        } else if (overrun && nowNs - overrunNs > CAREFUL_NS) {
            overrun = false;
        }
        boolean ask = switch (policy) {
            case NEVER -> false;
            case WHEN_BUSY -> overrun;
            case ALWAYS -> true;
        };
        if (ask) {
            return new AskForProof();
        }
        return permitted ? new Admit(new Opening(packet.dcid(), packet.scid(), null, false)) : new Ignore();
    }
}
