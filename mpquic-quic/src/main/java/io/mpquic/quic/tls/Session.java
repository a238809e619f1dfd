package io.mpquic.quic.tls;

import io.mpquic.quic.crypto.CipherSuite;
import io.mpquic.quic.wire.RememberedParameters;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a client keeps of a session, to resume it once (RFC 8446 §2.2). It holds a secret. Immutable. */
public final class Session {
    private static final long AGE_MODULUS = 1L << 32;

    private final byte[] ticket;
    private final byte[] psk;
    private final CipherSuite suite;
    private final int ageMask;
    private final Instant received;
    private final Instant expiry;
    private final String alpn;
    private final List<X509Certificate> serverChain;
    private final @Nullable RememberedParameters earlyParameters;

    /** The parts; arrays are not copied. */
    @SuppressWarnings("TooManyParameters")
    Session(
            byte[] ticket,
            byte[] psk,
            CipherSuite suite,
            int ageMask,
            Instant received,
            Instant expiry,
            String alpn,
            List<X509Certificate> serverChain,
            @Nullable RememberedParameters earlyParameters) {
        this.ticket = ticket;
        this.psk = psk;
        this.suite = suite;
        this.ageMask = ageMask;
        this.received = received;
        this.expiry = expiry;
        this.alpn = alpn;
        this.serverChain = List.copyOf(serverChain);
        this.earlyParameters = earlyParameters;
    }

    byte[] ticket() {
        return ticket;
    }

    byte[] psk() {
        return psk;
    }

    CipherSuite suite() {
        return suite;
    }

    String alpn() {
        return alpn;
    }

    List<X509Certificate> serverChain() {
        return serverChain;
    }

    /** What the server's transport parameters were, where its ticket permits early data; null where it does not. */
    @Nullable RememberedParameters earlyParameters() {
        return earlyParameters;
    }

    /** When the server was last authenticated plus what may pass since: it is not put off by resumption. */
    Instant expiry() {
        return expiry;
    }

    boolean isUsable(Instant now) {
        return now.isBefore(expiry) && !now.isBefore(received);
    }

    /** RFC 8446 §4.2.11.1: the age in milliseconds, masked so that observers cannot link connections by it. */
    int obfuscatedAge(Instant now) {
        long ageMs = Duration.between(received, now).toMillis();
        return (int) ((ageMs + ageMask) % AGE_MODULUS);
    }

    @Override
    public String toString() {
        return "Session until " + expiry;
    }
}
