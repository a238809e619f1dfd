package io.mpquic.quic.tls;

import io.mpquic.quic.crypto.CipherSuite;
import io.mpquic.quic.wire.RememberedParameters;
import io.mpquic.quic.wire.TransportException;
import io.mpquic.quic.wire.TransportParameters;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Hashtable;
import java.util.HexFormat;
import java.util.List;
import java.util.Vector;
import org.bouncycastle.tls.PskKeyExchangeMode;
import org.bouncycastle.tls.TlsExtensionsUtils;
import org.bouncycastle.tls.TlsPSK;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCrypto;
import org.jspecify.annotations.Nullable;

/** The pre-shared keys that a client offers, and which one the server took: during one handshake. */
@SuppressWarnings("JdkObsolete") // the collections that BouncyCastle's interface is made of
final class ClientPsks {
    private final TlsClientConfig config;
    private final BcTlsCrypto crypto;
    private final @Nullable Session session;
    /** What the next ClientHello offers, in this order. */
    private final List<OfferedPsk> offered = new ArrayList<>();

    private @Nullable OfferedPsk taken;

    ClientPsks(TlsClientConfig config, BcTlsCrypto crypto) {
        this.config = config;
        this.crypto = crypto;
        this.session = usableSession(config);
    }

    private static @Nullable Session usableSession(TlsClientConfig config) {
        SessionStore store = config.sessions();
        String key = key(config);
        Session kept = store == null || key == null ? null : store.take(key);
        if (kept == null || !kept.isUsable(config.settings().clock().instant())) {
            return null;
        }
        boolean fits = config.settings().alpn().contains(kept.alpn())
                && config.settings().hasHashOf(kept.suite());
        return fits && isStillTrusted(config, kept) ? kept : null;
    }

    /** RFC 8446 §4.6.1: only with a server that may be believed today: its certificate is not shown again. */
    private static boolean isStillTrusted(TlsClientConfig config, Session kept) {
        TrustAnchors trust = config.trust();
        if (trust == null) {
            return true;
        }
        if (kept.serverChain().isEmpty()) {
            return false;
        }
        try {
            new PeerVerifier(
                            trust,
                            PeerRole.SERVER,
                            config.serverName(),
                            config.settings().clock())
                    .verify(kept.serverChain());
            return true;
        } catch (TransportException e) {
            return false;
        }
    }

    /** What sessions of this configuration are kept under; null when they are not, as the server has no name. */
    static @Nullable String key(TlsClientConfig config) {
        PeerName name = config.serverName();
        return name == null
                ? null
                : name + " " + config.settings().alpn() + " "
                        + HexFormat.of().formatHex(Tickets.fingerprint(config.identity()));
    }

    /** The keys to offer, that of a session first; null for none. */
    @Nullable Vector<OfferedPsk> offers() {
        if (session != null) {
            offered.add(OfferedPsk.session(crypto, session.ticket(), session.suite(), session.psk()));
        }
        ExternalPsk external = config.externalPsk();
        if (external != null) {
            offered.add(OfferedPsk.external(crypto, external));
        }
        return offered.isEmpty() ? null : new Vector<>(offered);
    }

    /**
     * RFC 8446 §4.1.4: a HelloRetryRequest names the cipher suite, and keys of another hash are not offered again.
     *
     * @return the length of the list of binders in the next ClientHello, in bytes
     */
    int onRetry(int prfAlgorithm) {
        offered.removeIf(psk -> psk.getPRFAlgorithm() != prfAlgorithm);
        return offered.isEmpty()
                ? 0
                : Short.BYTES
                        + offered.stream()
                                .mapToInt(psk -> 1 + psk.binderBytes())
                                .sum();
    }

    /** The extensions of the ClientHello, which the state machine adds its own to. */
    Hashtable<Integer, byte[]> extensions(Hashtable<Integer, byte[]> usual) throws IOException {
        Hashtable<Integer, byte[]> extensions = session == null ? usual : new WithTicketAge(usual, session);
        if (config.sessions() != null) {
            // RFC 8446 §4.2.9: who does not say how it uses keys gets no tickets.
            TlsExtensionsUtils.addPSKKeyExchangeModesExtension(extensions, new short[] {PskKeyExchangeMode.psk_dhe_ke});
        }
        if (earlyKey() != null) {
            TlsExtensionsUtils.addEarlyDataIndication(extensions);
        }
        return extensions;
    }

    /** What early data are sent with; null when none are. */
    @Nullable EarlyKey earlyKey() {
        if (session == null || session.earlyParameters() == null || !config.isEarlyData()) {
            return null;
        }
        boolean usable = config.settings().cipherSuites().contains(session.suite());
        return usable ? new EarlyKey(session.suite(), session.psk(), session.earlyParameters()) : null;
    }

    /** RFC 8446 §4.2.10: early data are accepted with the session, the suite and the protocol that they were sent under. */
    void onEarlyDataAccepted(int suiteId, String alpn) throws HandshakeFault {
        boolean asSent = session != null
                && taken != null
                && taken.isSession()
                && session.suite().id() == suiteId
                && session.alpn().equals(alpn);
        if (!asSent) {
            throw new HandshakeFault(
                    TlsAlert.ILLEGAL_PARAMETER.because("the server accepts early data of another session"));
        }
    }

    /** RFC 8446 §4.2.11.1: the state machine writes the age of external keys, which is 0; a ticket has one. */
    private final class WithTicketAge extends Hashtable<Integer, byte[]> {
        private static final long serialVersionUID = 1;

        private final transient Session ticket;

        WithTicketAge(Hashtable<Integer, byte[]> usual, Session ticket) {
            super(usual);
            this.ticket = ticket;
        }

        @Override
        public synchronized byte @Nullable [] put(Integer type, byte[] data) {
            // Only a session comes first; after a retry it may be gone, and external keys be left.
            if (type.equals(TlsExtensionsUtils.EXT_pre_shared_key)
                    && offered.get(0).isSession()) {
                Instant now = config.settings().clock().instant();
                // Length of the list, length of the first identity, the identity.
                int ageOffset = Short.BYTES + Short.BYTES + ticket.ticket().length;
                ByteBuffer.wrap(data).putInt(ageOffset, ticket.obfuscatedAge(now));
            }
            return super.put(type, data);
        }
    }

    /** The server has chosen a key, or none. */
    void onSelected(@Nullable TlsPSK selected) throws HandshakeFault {
        taken = (OfferedPsk) selected;
        if (taken == null && config.isPskRequired()) {
            throw new HandshakeFault(TlsAlert.HANDSHAKE_FAILURE.because(
                    "the server did not take the pre-shared key, and there is nothing else to believe it by"));
        }
    }

    /** The outcome of the handshake that these keys, or certificates, were used in. */
    HandshakeOutcome outcome(String alpn, List<X509Certificate> shown) {
        boolean resumed = taken != null && taken.isSession();
        return new HandshakeOutcome(
                alpn,
                resumed && session != null ? session.serverChain() : shown,
                resumed,
                "",
                config.settings().clock().instant(),
                taken == null || resumed);
    }

    /** Keeps what a ticket stands for. */
    static void keep(
            TlsClientConfig config,
            SessionTicket ticket,
            HandshakeOutcome outcome,
            ResumptionSecret secret,
            byte[] serverParameters) {
        SessionStore store = config.sessions();
        String key = key(config);
        if (store == null || key == null || !ticket.isUsable() || !outcome.ticketWanted()) {
            return;
        }
        CipherSuite suite = secret.suite();
        Instant now = config.settings().clock().instant();
        store.put(
                key,
                new Session(
                        ticket.ticket(),
                        secret.psk(ticket.nonce()),
                        suite,
                        ticket.ageMask(),
                        now,
                        now.plusSeconds(ticket.lifetimeSeconds()),
                        outcome.alpn(),
                        outcome.peerChain(),
                        ticket.earlyData() ? remembered(serverParameters) : null));
    }

    private static @Nullable RememberedParameters remembered(byte[] serverParameters) {
        try {
            return RememberedParameters.of(TransportParameters.parse(serverParameters, true));
        } catch (TransportException e) {
            return null; // whoever runs this engine makes the connection end for these
        }
    }
}
