package io.mpquic.quic.tls;

import org.jspecify.annotations.Nullable;

/**
 * Where clients keep sessions between connections. Sessions hold secrets. An implementation must be thread-safe when
 * connections of several threads share it.
 */
public interface SessionStore {
    /**
     * Keeps a session.
     *
     * @param key what the session can be used for: the server's name, the application protocols, and which certificate
     *     the client shows
     */
    void put(String key, Session session);

    /** Takes the newest session out; null when there is none. RFC 8446 §C.4: a ticket is not used twice. */
    @Nullable Session take(String key);

    /**
     * A store in memory, which forgets the oldest when it is full.
     *
     * @param sessions how many it holds at most, at least 1; one for each key
     */
    static SessionStore inMemory(int sessions) {
        return new MemorySessions(sessions);
    }
}
