package io.mpquic.quic.tls;

import io.mpquic.quic.crypto.CipherSuite;
import io.mpquic.quic.wire.TransportException;
import io.mpquic.quic.wire.TransportParameters;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.Hashtable;
import java.util.List;
import java.util.Vector;
import org.bouncycastle.tls.ClientHello;
import org.bouncycastle.tls.ProtocolName;
import org.bouncycastle.tls.PskIdentity;
import org.bouncycastle.tls.PskKeyExchangeMode;
import org.bouncycastle.tls.ServerName;
import org.bouncycastle.tls.TlsExtensionsUtils;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCrypto;
import org.jspecify.annotations.Nullable;

/** Which of the pre-shared keys that a client offers a server takes: during one handshake. */
@SuppressWarnings({"rawtypes", "JdkObsolete"}) // the collections that BouncyCastle's interface is made of
final class ServerPsks {
    /** Looking at one can cost a decryption and the check of a chain, and whoever connects may offer many. */
    private static final int MOST_LOOKED_AT = 4;

    private final TlsServerConfig config;
    private final BcTlsCrypto crypto;
    private @Nullable OfferedSession offered;
    private String serverName = "";
    private boolean ticketWanted;
    private @Nullable TicketContent resumed;
    private boolean external;
    private int hellos;
    private boolean earlyOffered;
    private int takenIndex = -1;
    private long takenAge;

    ServerPsks(TlsServerConfig config, BcTlsCrypto crypto) {
        this.config = config;
        this.crypto = crypto;
    }

    /** To be called with each ClientHello, before a key is chosen. */
    void onClientHello(ClientHello hello) throws IOException {
        Hashtable extensions = hello.getExtensions();
        hellos++;
        earlyOffered = false;
        takenIndex = -1;
        offered = null;
        resumed = null;
        external = false;
        if (extensions == null) {
            return;
        }
        serverName = serverName(extensions);
        earlyOffered = TlsExtensionsUtils.hasEarlyDataIndication(extensions);
        short[] modes = TlsExtensionsUtils.getPSKKeyExchangeModesExtension(extensions);
        ticketWanted = modes != null && contains(modes, PskKeyExchangeMode.psk_dhe_ke);
        CipherSuite suite = suite(hello.getCipherSuites());
        String alpn = alpn(TlsExtensionsUtils.getALPNExtensionClient(extensions));
        if (suite != null && alpn != null) {
            offered = new OfferedSession(suite, alpn, serverName);
        }
    }

    private static boolean contains(short[] modes, short wanted) {
        for (short mode : modes) {
            if (mode == wanted) {
                return true;
            }
        }
        return false;
    }

    private static String serverName(Hashtable extensions) throws IOException {
        Vector names = TlsExtensionsUtils.getServerNameExtensionClient(extensions);
        return names == null || names.isEmpty()
                ? ""
                : new String(((ServerName) names.get(0)).getNameData(), StandardCharsets.US_ASCII);
    }

    /** The suite that the state machine will choose: the client's favourite. */
    private @Nullable CipherSuite suite(int[] ids) {
        for (int id : ids) {
            CipherSuite suite = CipherSuite.ofId(id);
            if (suite != null && config.settings().cipherSuites().contains(suite)) {
                return suite;
            }
        }
        return null;
    }

    private @Nullable String alpn(@Nullable List<?> names) {
        for (String protocol : config.settings().alpn()) {
            if (names != null && names.contains(ProtocolName.asUtf8Encoding(protocol))) {
                return protocol;
            }
        }
        return null;
    }

    /** The key to take; null for none, and then certificates are shown. */
    @SuppressWarnings("unchecked")
    @Nullable OfferedPsk choose(Vector identities) {
        for (int i = 0; i < Math.min(MOST_LOOKED_AT, identities.size()); i++) {
            PskIdentity each = (PskIdentity) identities.get(i);
            byte[] identity = each.getIdentity();
            OfferedPsk psk = offered == null ? null : match(identity, offered);
            if (psk != null) {
                // The state machine finds the identity again by comparing it, with the age of external ones: none.
                identities.set(i, new PskIdentity(identity, 0));
                takenIndex = i;
                takenAge = each.getObfuscatedTicketAge();
                return psk;
            }
        }
        return null;
    }

    private @Nullable OfferedPsk match(byte[] identity, OfferedSession hello) {
        for (ExternalPsk psk : config.externalPsks()) {
            if (Arrays.equals(psk.identity(), identity)) {
                external = hello.suite().hashBytes() == ExternalPsk.HASH_BYTES;
                return external ? OfferedPsk.external(crypto, psk) : null;
            }
        }
        Tickets tickets = config.tickets();
        resumed = tickets == null ? null : tickets.redeem(config, identity, hello);
        return resumed == null ? null : OfferedPsk.session(crypto, identity, resumed.suite(), resumed.psk());
    }

    /** The session that is resumed; null when none is. */
    @Nullable TicketContent resumed() {
        return resumed;
    }

    /**
     * The key of early data when they are accepted; null otherwise. To be called once, when the client has proven that it
     * has the session's key.
     *
     * @param parameters this server's transport parameters
     */
    @Nullable EarlyKey acceptEarlyData(byte[] parameters) {
        TicketContent session = resumed;
        Tickets tickets = config.tickets();
        if (session == null || tickets == null || session.early() == null || offered == null) {
            return null;
        }
        // RFC 8446 §4.2.10: with the first key that was offered, and as the ticket's connection was; RFC 8446 §4.1.4: a
        // HelloRetryRequest is a refusal. What can be replayed is asked last: the ticket is used up by it.
        boolean accepted = config.isEarlyData()
                && earlyOffered
                && hellos == 1
                && takenIndex == 0
                && session.suite() == offered.suite()
                && keepsLimits(session.early(), parameters)
                && tickets.replays()
                        .admit(
                                session.early(),
                                takenAge,
                                config.settings().clock().instant());
        return accepted ? new EarlyKey(session.suite(), session.psk(), null) : null;
    }

    /** RFC 9000 §7.4.1: a client sends early data under the limits of the ticket's connection. */
    private static boolean keepsLimits(EarlyTerms terms, byte[] parameters) {
        try {
            return terms.parameters().loweredIn(TransportParameters.parse(parameters, true)) == null;
        } catch (TransportException e) {
            return false;
        }
    }

    /** The outcome of the handshake that these keys, or certificates, were used in. */
    HandshakeOutcome outcome(String alpn, List<X509Certificate> shown) {
        Instant now = config.settings().clock().instant();
        return new HandshakeOutcome(
                alpn,
                resumed == null ? shown : resumed.clientChain(),
                resumed != null,
                serverName,
                resumed == null ? now : resumed.authenticated(),
                // A key that was given can be taken away; a ticket would outlive that.
                ticketWanted && !external);
    }
}
