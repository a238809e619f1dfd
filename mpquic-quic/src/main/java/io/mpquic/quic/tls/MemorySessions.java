package io.mpquic.quic.tls;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Sessions in memory, one for each key, and not more than so many. Thread-safe. */
final class MemorySessions implements SessionStore {
    private final int limit;
    private final Map<String, Session> sessions = new LinkedHashMap<>();

    MemorySessions(int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("at least one session must have room, not " + limit);
        }
        this.limit = limit;
    }

    @Override
    public synchronized void put(String key, Session session) {
        sessions.remove(key); // to the end of the line
        sessions.put(key, session);
        if (sessions.size() > limit) {
            sessions.remove(sessions.keySet().iterator().next());
        }
    }

    @Override
    public synchronized @Nullable Session take(String key) {
        return sessions.remove(key);
    }
}
