package io.mpquic.quic.tls;

import io.mpquic.quic.crypto.CipherSuite;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How clients handshake. Immutable and thread-safe: one serves any number of connections. */
public final class TlsClientConfig {
    private final TlsSettings settings;
    private final @Nullable PeerName serverName;
    private final @Nullable TrustAnchors trust;
    private final @Nullable Identity identity;
    private final @Nullable SessionStore sessions;
    private final @Nullable ExternalPsk externalPsk;
    private final boolean insecure;
    private final boolean earlyData;

    private TlsClientConfig(TlsSettings settings, @Nullable PeerName serverName, Builder builder) {
        this.settings = settings;
        this.serverName = serverName;
        this.trust = builder.trust;
        this.identity = builder.identity;
        this.sessions = builder.sessions;
        this.externalPsk = builder.externalPsk;
        this.insecure = builder.insecure;
        this.earlyData = builder.earlyData;
    }

    /** Starts a configuration. The application protocol, the server's name and whom to trust are required. */
    public static Builder builder() {
        return new Builder();
    }

    /** A new engine, for one connection. */
    public TlsEngine newEngine() {
        return BouncyEngine.client(this);
    }

    TlsSettings settings() {
        return settings;
    }

    /** Who the server must be; null only when its certificate is not to be checked. */
    @Nullable PeerName serverName() {
        return serverName;
    }

    /** Whom to believe; null when the server's certificate is not to be checked. */
    @Nullable TrustAnchors trust() {
        return trust;
    }

    @Nullable Identity identity() {
        return identity;
    }

    @Nullable SessionStore sessions() {
        return sessions;
    }

    @Nullable ExternalPsk externalPsk() {
        return externalPsk;
    }

    /** Whether early data are sent where a session permits it. */
    boolean isEarlyData() {
        return earlyData;
    }

    /** Whether a server can prove itself by the external key only. */
    boolean isPskRequired() {
        return externalPsk != null && trust == null && !insecure;
    }

    /** Collects a {@link TlsClientConfig}. Not thread-safe. */
    public static final class Builder {
        private final TlsSettings.Draft draft = new TlsSettings.Draft(
                List.of(KeyExchangeGroup.X25519, KeyExchangeGroup.SECP256R1, KeyExchangeGroup.SECP384R1));
        private @Nullable String serverName;
        private @Nullable TrustAnchors trust;
        private @Nullable Identity identity;
        private boolean insecure;
        private @Nullable SessionStore sessions;
        private @Nullable ExternalPsk externalPsk;
        private boolean earlyData;

        private Builder() {}

        /** The application protocols to offer, best first (RFC 7301). QUIC cannot do without (RFC 9001 §8.1). */
        public Builder alpn(String... protocols) {
            draft.alpn(List.of(protocols));
            return this;
        }

        /**
         * The name that the server's certificate must be valid for: a DNS name or an IP address. A DNS name is also
         * sent to the server (SNI); an address never is (RFC 6066 §3). Only {@link #insecure} can do without.
         */
        public Builder serverName(String hostOrAddress) {
            this.serverName = hostOrAddress;
            return this;
        }

        /** Whom to believe. */
        public Builder trust(TrustAnchors anchors) {
            this.trust = anchors;
            return this;
        }

        /**
         * Accepts any certificate of any server: no chain, no name, no date is checked. Only that the server holds the
         * key of the certificate it shows is still verified.
         */
        public Builder insecure() {
            this.insecure = true;
            return this;
        }

        /** What to show to a server that asks for a certificate. */
        public Builder identity(Identity identity) {
            this.identity = identity;
            return this;
        }

        /**
         * Resumes sessions that are kept here, and keeps new ones (RFC 8446 §2.2). What a new handshake would refuse,
         * such as a server's certificate that has expired meanwhile, is not resumed either. A session is found again by
         * the server's name, so without one none is kept. Nothing is resumed when not said.
         */
        public Builder sessions(SessionStore store) {
            this.sessions = store;
            return this;
        }

        /**
         * Lets data go with the first packets when a session is resumed whose server permits it (0-RTT, RFC 9001 §4.6). With
         * {@link #sessions}. It is not done when not said.
         *
         * <p>Early data are not protected by the secrets of this connection's key exchange: who gets the session's key later
         * can read them. And who copies the packets can send them to the server again, which has to notice (RFC 8446 §8).
         */
        public Builder earlyData() {
            this.earlyData = true;
            return this;
        }

        /**
         * Offers a key that the server was given, too. With {@link #trust} a server that does not take it must show a
         * certificate; without, such a server is refused, and the server's name is not needed.
         */
        public Builder externalPsk(ExternalPsk psk) {
            this.externalPsk = psk;
            return this;
        }

        /** The cipher suites to offer, best first. All of them when not said. */
        public Builder cipherSuites(CipherSuite... suites) {
            draft.cipherSuites(List.of(suites));
            return this;
        }

        /**
         * The groups to offer, best first; a key share is sent for the first one, and for the second as well when the
         * first one is a hybrid that the server may not know. X25519, P-256 and P-384 when not said.
         */
        public Builder groups(KeyExchangeGroup... groups) {
            draft.groups(List.of(groups));
            return this;
        }

        /** Who gets the secrets, which decrypt the traffic. Nobody when not said. */
        public Builder keyLog(KeyLog log) {
            draft.keyLog(log);
            return this;
        }

        /** The clock that the validity of certificates is judged by. The system's when not said. */
        public Builder clock(InstantSource clock) {
            draft.clock(clock);
            return this;
        }

        /**
         * The configuration.
         *
         * @throws IllegalArgumentException when something required is missing, or a value cannot be
         */
        public TlsClientConfig build() {
            boolean nothingToBelieveBy = !insecure && trust == null && externalPsk == null;
            if (nothingToBelieveBy || (insecure && trust != null)) {
                throw new IllegalArgumentException(
                        "either trust anchors or insecure is needed, and not both; or an external key");
            }
            if (earlyData && sessions == null) {
                throw new IllegalArgumentException("early data need sessions to resume");
            }
            TlsSettings settings = draft.settings();
            if (externalPsk != null && !settings.hasHashOf(CipherSuite.TLS_AES_128_GCM_SHA256)) {
                throw new IllegalArgumentException("an external key needs a cipher suite with SHA-256");
            }
            if (serverName == null && trust != null) {
                throw new IllegalArgumentException("the server's name or address is needed to check its certificate");
            }
            PeerName name = serverName == null ? null : PeerName.of(serverName);
            return new TlsClientConfig(settings, name, this);
        }
    }
}
