package io.mpquic.quic.connection;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** The endpoint's part in NEW_TOKEN frames (RFC 9000 §8.1.3). */
public interface NewTokens {
    /** For a server: the token to give to a client whose address is proven now; null for none. */
    byte @Nullable [] issue(InetSocketAddress client, long nowNs);

    /** For a client: the server gave a token. */
    void received(InetSocketAddress server, byte[] token);
}
