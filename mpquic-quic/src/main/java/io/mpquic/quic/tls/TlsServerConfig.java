package io.mpquic.quic.tls;

import io.mpquic.quic.crypto.CipherSuite;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How servers handshake. Immutable and thread-safe: one serves any number of connections. */
public final class TlsServerConfig {
    private final TlsSettings settings;
    private final @Nullable Identity identity;
    private final @Nullable TrustAnchors clientTrust;
    private final List<ExternalPsk> externalPsks;
    private final @Nullable Tickets tickets;
    private final boolean earlyData;

    private TlsServerConfig(TlsSettings settings, Builder builder) {
        this.settings = settings;
        this.identity = builder.identity;
        this.clientTrust = builder.clientTrust;
        this.externalPsks = List.copyOf(builder.externalPsks);
        this.tickets = builder.ticketLifetime == null
                ? null
                : new Tickets(builder.ticketKey, builder.ticketLifetime, settings);
        this.earlyData = builder.earlyData;
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

    /** What is shown to clients; null when they all come with external keys. */
    @Nullable Identity identity() {
        return identity;
    }

    /** Who vouches for clients; null when clients are not asked for a certificate. */
    @Nullable TrustAnchors clientTrust() {
        return clientTrust;
    }

    List<ExternalPsk> externalPsks() {
        return externalPsks;
    }

    /** Null when sessions are not resumed. */
    @Nullable Tickets tickets() {
        return tickets;
    }

    /** Whether early data of clients are accepted: see {@link Builder#earlyData}. */
    public boolean isEarlyData() {
        return earlyData;
    }

    /** Collects a {@link TlsServerConfig}. Not thread-safe. */
    public static final class Builder {
        private final TlsSettings.Draft draft = new TlsSettings.Draft(List.of(KeyExchangeGroup.values()));
        private @Nullable Identity identity;
        private @Nullable TrustAnchors clientTrust;
        private final List<ExternalPsk> externalPsks = new ArrayList<>();
        private @Nullable Duration ticketLifetime;
        private byte @Nullable [] ticketKey;
        private boolean earlyData;

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

        /**
         * Lets clients resume their sessions (RFC 8446 §2.2), for so long after a handshake with certificates. A client's
         * certificates are verified anew each time, against the authorities and the clock of that time. Sessions are not
         * resumed when not said.
         *
         * <p>Resumption leaves out certificates, and with them what proves that the peer still holds its private key.
         *
         * @param lifetime a second to seven days
         */
        public Builder resumption(Duration lifetime) {
            if (lifetime.compareTo(Duration.ofSeconds(1)) < 0 || lifetime.compareTo(Duration.ofDays(7)) > 0) {
                throw new IllegalArgumentException("tickets can live for a second to seven days, not " + lifetime);
            }
            this.ticketLifetime = lifetime;
            return this;
        }

        /**
         * The key that seals tickets, for several servers that are to take each other's, or for the time after a restart.
         * When not said, the server makes keys of its own, and replaces them once a lifetime. With {@link #resumption}.
         *
         * @param key 32 bytes, secret: who has it can decrypt and take over every session with a ticket
         */
        public Builder ticketKey(byte[] key) {
            if (key.length != TicketKeys.KEY_BYTES) {
                throw new IllegalArgumentException("a ticket key has 32 bytes, not " + key.length);
            }
            this.ticketKey = key.clone();
            return this;
        }

        /**
         * Lets clients that resume a session send data with their first packets (0-RTT, RFC 9001 §4.6). With {@link
         * #resumption}, and with keys of the server's own: another server that could read its tickets would not know
         * which of them were used. It is not done when not said.
         *
         * <p>Each ticket is good for this once, and within ten seconds of when the client made use of it; in any doubt the
         * client has to send its data again. Even so, to whoever processes such data before the handshake is complete they
         * are data of a client that may not be there any more (RFC 8446 §8).
         */
        public Builder earlyData() {
            this.earlyData = true;
            return this;
        }

        /**
         * Lets in who has this key, without certificates on either side and whatever {@link #clientTrust} says; may be
         * called several times. With keys, an identity is not needed.
         */
        public Builder externalPsk(ExternalPsk psk) {
            externalPsks.add(psk);
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
            if (identity == null && externalPsks.isEmpty()) {
                throw new IllegalArgumentException("a server needs an identity, or external keys");
            }
            if (ticketKey != null && ticketLifetime == null) {
                throw new IllegalArgumentException("a ticket key is of no use without resumption");
            }
            if (earlyData && (ticketLifetime == null || ticketKey != null)) {
                throw new IllegalArgumentException(
                        "early data need resumption, and no ticket key that others may have: they could be replayed there");
            }
            TlsSettings settings = draft.settings();
            if (!externalPsks.isEmpty() && !settings.hasHashOf(CipherSuite.TLS_AES_128_GCM_SHA256)) {
                throw new IllegalArgumentException("an external key needs a cipher suite with SHA-256");
            }
            return new TlsServerConfig(settings, this);
        }
    }
}
