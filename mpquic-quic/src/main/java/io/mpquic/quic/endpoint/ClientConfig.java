package io.mpquic.quic.endpoint;

import io.mpquic.quic.connection.ConnectionTrace;
import io.mpquic.quic.connection.DatagramSink;
import io.mpquic.quic.connection.TransportSettings;
import io.mpquic.quic.crypto.CryptoProvider;
import io.mpquic.quic.tls.TlsClientConfig;
import java.util.random.RandomGenerator;

/** What a client endpoint needs. Immutable, as far as what it refers to is. */
public final class ClientConfig {
    /** More servers than the clients of one socket usually have. */
    private static final int DEFAULT_TOKENS = 16;

    private final TlsClientConfig tls;
    private final TransportSettings settings;
    private final CryptoProvider crypto;
    private final DatagramSink sink;
    private final ConnectionTrace.Factory traces;
    private final TokenStore tokens;
    private final RandomGenerator random;

    private ClientConfig(Builder builder) {
        tls = builder.tls;
        settings = builder.settings;
        crypto = builder.crypto;
        sink = builder.sink;
        traces = builder.traces;
        tokens = builder.tokens;
        random = builder.random;
    }

    /**
     * A builder with default settings, the JDK's ciphers, and a sink that ignores datagrams.
     *
     * @param tls names, trust and identity
     * @param random makes connection IDs: a {@link java.security.SecureRandom} but in tests (RFC 9000 §5.1)
     */
    public static Builder builder(TlsClientConfig tls, RandomGenerator random) {
        return new Builder(tls, random);
    }

    /** Names, trust and identity. */
    public TlsClientConfig tls() {
        return tls;
    }

    /** Timeouts and sizes. */
    public TransportSettings settings() {
        return settings;
    }

    /** Where ciphers come from. */
    public CryptoProvider crypto() {
        return crypto;
    }

    /** Takes received datagrams, on the thread that drives the endpoint. */
    public DatagramSink sink() {
        return sink;
    }

    /** Decides which connections are traced: none by default. */
    public ConnectionTrace.Factory traces() {
        return traces;
    }

    /** Makes connection IDs: a {@link java.security.SecureRandom} but in tests (RFC 9000 §5.1). */
    public RandomGenerator random() {
        return random;
    }

    /** Where tokens of servers are kept: in memory, of the last 16 servers, by default. */
    public TokenStore tokens() {
        return tokens;
    }

    /** Collects what a client endpoint needs. Not thread-safe. */
    public static final class Builder {
        private final TlsClientConfig tls;
        private TransportSettings settings = TransportSettings.defaults();
        private CryptoProvider crypto = CryptoProvider.jdk();
        private DatagramSink sink = DatagramSink.IGNORE;
        private TokenStore tokens = TokenStore.inMemory(DEFAULT_TOKENS);
        private ConnectionTrace.Factory traces = ConnectionTrace.Factory.NONE;
        private final RandomGenerator random;

        private Builder(TlsClientConfig tls, RandomGenerator random) {
            this.tls = tls;
            this.random = random;
        }

        /** See {@link ClientConfig#settings}. */
        public Builder settings(TransportSettings value) {
            settings = value;
            return this;
        }

        /** See {@link ClientConfig#crypto}. */
        public Builder crypto(CryptoProvider value) {
            crypto = value;
            return this;
        }

        /** See {@link ClientConfig#sink}. */
        public Builder sink(DatagramSink value) {
            sink = value;
            return this;
        }

        /** See {@link ClientConfig#traces}. */
        public Builder traces(ConnectionTrace.Factory value) {
            traces = value;
            return this;
        }

        /** See {@link ClientConfig#tokens}. */
        public Builder tokens(TokenStore store) {
            tokens = store;
            return this;
        }

        /** The configuration. */
        public ClientConfig build() {
            return new ClientConfig(this);
        }
    }
}
