package io.mpquic.quic.endpoint;

import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where a client keeps the tokens that servers gave it in NEW_TOKEN frames, so that its next connection to the same server
 * begins with a proven address (RFC 9000 §8.1.3). The endpoint calls it on its own thread.
 */
public interface TokenStore {
    /** Keeps a token, in the place of an older one of the same server. */
    void put(InetSocketAddress server, byte[] token);

    /** Takes a server's token out; null when there is none. RFC 9000 §8.1.3: no token is for two connections. */
    byte @Nullable [] take(InetSocketAddress server);

    /** Keeps nothing. */
    static TokenStore none() {
        return new TokenStore() {
            @Override
            public void put(InetSocketAddress server, byte[] token) {}

            @Override
            public byte @Nullable [] take(InetSocketAddress server) {
                return null;
            }
        };
    }

    /**
     * Keeps the newest tokens in memory. Thread-safe, so that several endpoints can share it.
     *
     * @param servers of how many servers at most, above 0
     */
    static TokenStore inMemory(int servers) {
        if (servers < 1) {
            throw new IllegalArgumentException("tokens of " + servers + " servers");
        }
        return new TokenStore() {
            private final Map<InetSocketAddress, byte[]> tokens = new LinkedHashMap<>();

            @Override
            public synchronized void put(InetSocketAddress server, byte[] token) {
                tokens.remove(server);
                tokens.put(server, token.clone());
                if (tokens.size() > servers) {
                    tokens.remove(tokens.keySet().iterator().next());
                }
            }

            @Override
            public synchronized byte @Nullable [] take(InetSocketAddress server) {
                return tokens.remove(server);
            }
        };
    }
}
