package io.mpquic.quic.interop;

import io.mpquic.quic.tls.Session;
import io.mpquic.quic.tls.SessionStore;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The sessions of one client, which waits for the first: servers give their tickets when they like. Thread-safe. */
final class ExpectedSessions implements SessionStore {
    private final SessionStore kept = SessionStore.inMemory(1);
    private final CompletableFuture<Boolean> first = new CompletableFuture<>();

    void awaitTicket() {
        KwikPeer.await(first);
    }

    @Override
    public void put(String key, Session session) {
        kept.put(key, session);
        first.complete(true);
    }

    @Override
    public @Nullable Session take(String key) {
        return kept.take(key);
    }
}
