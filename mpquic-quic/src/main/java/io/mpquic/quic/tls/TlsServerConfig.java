package io.mpquic.quic.tls;

import io.mpquic.quic.crypto.CipherSuite;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How servers handshake. Immutable and thread-safe: one serves any number of connections. */
public final class TlsServerConfig {
    private final TlsSettings settings;
    private final Identity identity;
    private final @Nullable TrustAnchors clientTrust;

    private TlsServerConfig(TlsSettings settings, Identity identity, @Nullable TrustAnchors clientTrust) {
        this.settings = settings;
        this.identity = identity;
        this.clientTrust = clientTrust;
    }

    /** Starts a configuration. The application protocol and the identity are required. */
    public static Builder builder() {
        return new Builder();
    }

    /** A new engine, for one connection. */
    public TlsEngine newEngine() {
        return BouncyEngine.server(this);
    }

    TlsSettings settings() {
        return settings;
    }

    Identity identity() {
        return identity;
    }

    /** Who vouches for clients; null when clients are not asked for a certificate. */
    @Nullable TrustAnchors clientTrust() {
        return clientTrust;
    }

    /** Collects a {@link TlsServerConfig}. Not thread-safe. */
    public static final class Builder {
        private final TlsSettings.Draft draft = new TlsSettings.Draft(List.of(KeyExchangeGroup.values()));
        private @Nullable Identity identity;
        private @Nullable TrustAnchors clientTrust;

        private Builder() {}

        /** The application protocols to accept, best first (RFC 7301). QUIC cannot do without (RFC 9001 §8.1). */
        public Builder alpn(String... protocols) {
            draft.alpn(List.of(protocols));
            return this;
        }

        /** What to show to clients. */
        public Builder identity(Identity identity) {
            this.identity = identity;
            return this;
        }

        /** Requires a certificate of every client, issued by one of these. Clients stay anonymous when not said. */
        public Builder clientTrust(TrustAnchors anchors) {
            this.clientTrust = anchors;
            return this;
        }

        /** The cipher suites to accept; of these the client's favourite is taken. All of them when not said. */
        public Builder cipherSuites(CipherSuite... suites) {
            draft.cipherSuites(List.of(suites));
            return this;
        }

        /** The groups to accept; of these the client's favourite is taken. All of them when not said. */
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
        public TlsServerConfig build() {
            if (identity == null) {
                throw new IllegalArgumentException("a server needs an identity");
            }
            return new TlsServerConfig(draft.settings(), identity, clientTrust);
        }
    }
}
