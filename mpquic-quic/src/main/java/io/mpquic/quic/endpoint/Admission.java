package io.mpquic.quic.endpoint;

import io.mpquic.quic.connection.Opening;
import io.mpquic.quic.wire.LongHeader;
import java.net.InetSocketAddress;
import java.util.random.RandomGenerator;

/**
 * Decides for whom a server begins a connection, and who has to prove an address first (RFC 9000 §8.1).
 *
 * <p>First packets without a proof and those with one have an allowance each, so that a flood of forged addresses takes
 * nothing from clients that answered a Retry.
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

    /** So long a server that was overrun stays careful. */
    private static final long CAREFUL_NS = 1_000_000_000;

    private final RetryPolicy policy;
    private final AddressTokens tokens;
    private final HandshakeRate unproven = new HandshakeRate();
    private final HandshakeRate proven = new HandshakeRate();
    private boolean overrun;
    private long overrunNs;

    Admission(RetryPolicy policy, RandomGenerator random) {
        this.policy = policy;
        tokens = new AddressTokens(random);
    }

    AddressTokens tokens() {
        return tokens;
    }

    Decision decide(LongHeader.Initial packet, InetSocketAddress from, long nowNs) {
        AddressTokens.Verdict verdict = tokens.check(packet.token(), from, packet.dcid(), nowNs);
        return switch (verdict.proof()) {
            case REFUSED -> new RejectToken();
            case ADDRESS, RETRIED ->
                proven.permits(nowNs)
                        ? new Admit(new Opening(packet.dcid(), packet.scid(), verdict.originalDestination(), true))
                        : new Ignore();
            case NONE -> decideUnproven(packet, nowNs);
        };
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
