package io.mpquic.quic.endpoint;

import io.mpquic.quic.connection.ConnectionTrace;
import io.mpquic.quic.connection.DatagramSink;
import io.mpquic.quic.connection.TransportSettings;
import io.mpquic.quic.crypto.CryptoProvider;
import io.mpquic.quic.tls.TlsServerConfig;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** What a server endpoint needs. Immutable, as far as what it refers to is. */
public final class ServerConfig {
    private static final int RANDOM_KEY_BYTES = 32;

    private final TlsServerConfig tls;
    private final TransportSettings settings;
    private final CryptoProvider crypto;
    private final DatagramSink sink;
    private final ConnectionTrace.Factory traces;
    private final RandomGenerator random;
    private final byte[] statelessResetKey;
    private final RetryPolicy retry;
    private final boolean newTokens;
    private final TokenSecret tokenSecret;

    private ServerConfig(Builder builder) {
        tls = builder.tls;
        settings = builder.settings;
        crypto = builder.crypto;
        sink = builder.sink;
        traces = builder.traces;
        random = builder.random;
        retry = builder.retry;
        newTokens = builder.newTokens;
        statelessResetKey = builder.statelessResetKey == null ? randomKey(random) : builder.statelessResetKey.clone();
        tokenSecret = builder.tokenSecret == null ? TokenSecret.random(random) : builder.tokenSecret;
    }

    private static byte[] randomKey(RandomGenerator random) {
        byte[] key = new byte[RANDOM_KEY_BYTES];
        random.nextBytes(key);
        return key;
    }

    /**
     * A builder with default settings, the JDK's ciphers, a random key for stateless resets, and a sink that ignores
     * datagrams.
     *
     * @param tls identity, and whom it trusts
     * @param random makes connection IDs: a {@link java.security.SecureRandom} but in tests (RFC 9000 §5.1)
     */
    public static Builder builder(TlsServerConfig tls, RandomGenerator random) {
        return new Builder(tls, random);
    }

    /** Identity, and whom it trusts. */
    public TlsServerConfig tls() {
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

    /**
     * A copy of the secret from which stateless reset tokens are made; when it is the same after a restart, the clients
     * of the process before learn at once that their connections are gone (RFC 9000 §10.3.2).
     */
    public byte[] statelessResetKey() {
        return statelessResetKey.clone();
    }

    /** When clients have to prove their address first: {@link RetryPolicy#WHEN_BUSY} by default. */
    public RetryPolicy retry() {
        return retry;
    }

    /**
     * Whether clients are given a token for their next connection, which spares them the proof of their address then
     * (NEW_TOKEN, RFC 9000 §8.1.3): true by default.
     */
    public boolean newTokens() {
        return newTokens;
    }

    TokenSecret tokenSecret() {
        return tokenSecret;
    }

    /** Collects what a server endpoint needs. Not thread-safe. */
    public static final class Builder {
        private final TlsServerConfig tls;
        private TransportSettings settings = TransportSettings.defaults();
        private CryptoProvider crypto = CryptoProvider.jdk();
        private DatagramSink sink = DatagramSink.IGNORE;
        private ConnectionTrace.Factory traces = ConnectionTrace.Factory.NONE;
        private final RandomGenerator random;
        private byte @Nullable [] statelessResetKey;
        private RetryPolicy retry = RetryPolicy.WHEN_BUSY;
        private boolean newTokens = true;
        private @Nullable TokenSecret tokenSecret;

        private Builder(TlsServerConfig tls, RandomGenerator random) {
            this.tls = tls;
            this.random = random;
        }

        /** See {@link ServerConfig#settings}. */
        public Builder settings(TransportSettings value) {
            settings = value;
            return this;
        }

        /** See {@link ServerConfig#crypto}. */
        public Builder crypto(CryptoProvider value) {
            crypto = value;
            return this;
        }

        /** See {@link ServerConfig#sink}. */
        public Builder sink(DatagramSink value) {
            sink = value;
            return this;
        }

        /** See {@link ServerConfig#statelessResetKey}; any length, secret, 32 random bytes when it is not set. */
        public Builder statelessResetKey(byte[] key) {
            statelessResetKey = key.clone();
            return this;
        }

        /** See {@link ServerConfig#traces}. */
        public Builder traces(ConnectionTrace.Factory value) {
            traces = value;
            return this;
        }

        /** See {@link ServerConfig#retry}. */
        public Builder retry(RetryPolicy policy) {
            retry = policy;
            return this;
        }

        /** See {@link ServerConfig#newTokens}. */
        public Builder newTokens(boolean value) {
            newTokens = value;
            return this;
        }

        /**
         * Lets the tokens that prove clients' addresses (RFC 9000 §8.1) be good beyond this process: a later one, or
         * another, that has the same key takes them. Without it the key is random. A token is used once in each process.
         *
         * <p>An endpoint reads no clock, and the times that it is given begin anew with each process, as those of {@link
         * System#nanoTime} do; so it is told how far they are from a clock that goes on. Where that clock is set back,
         * tokens are worth nothing until it has caught up.
         *
         * @param key secret, 16 bytes or more, for nothing else
         * @param epochOffsetNs what to add to the times given to the endpoint to have nanoseconds since 1970, such as
         *     {@code System.currentTimeMillis() * 1_000_000 - System.nanoTime()}
         * @throws IllegalArgumentException if the key is shorter
         */
        public Builder tokenKey(byte[] key, long epochOffsetNs) {
            tokenSecret = new TokenSecret(key, epochOffsetNs);
            return this;
        }

        /** The configuration. */
        public ServerConfig build() {
            return new ServerConfig(this);
        }
    }
}
