package io.mpquic.quic.tls;

import io.mpquic.quic.wire.EncryptionLevel;
import io.mpquic.quic.wire.TransportException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A client and a server that are joined in memory. Everything that either of them said is kept. */
final class HandshakePair {
    static final byte[] CLIENT_PARAMETERS = {1, 2, 0x40, 0x50};
    static final byte[] SERVER_PARAMETERS = {3, 1, 0x20};

    /** Changes what is on its way; gets a byte array of its own. */
    interface Wire {
        byte[] carry(boolean fromClient, EncryptionLevel level, byte[] data);
    }

    final End client;
    final End server;
    private Wire wire = (fromClient, level, data) -> data;
    private int chunkBytes = Integer.MAX_VALUE;
    private byte[] serverParameters = SERVER_PARAMETERS;

    /** One end, and its part of the story. */
    static final class End {
        final TlsEngine engine;
        final List<TlsEvent> events = new ArrayList<>();

        @Nullable TransportException failure;

        End(TlsEngine engine) {
            this.engine = engine;
        }

        <T extends TlsEvent> List<T> all(Class<T> type) {
            return events.stream().filter(type::isInstance).map(type::cast).toList();
        }

        <T extends TlsEvent> T only(Class<T> type) {
            List<T> found = all(type);
            if (found.size() != 1) {
                throw new AssertionError("wanted one " + type.getSimpleName() + ", have " + found + failure);
            }
            return found.get(0);
        }

        TlsEvent.SecretsAvailable secrets(EncryptionLevel level) {
            return all(TlsEvent.SecretsAvailable.class).stream()
                    .filter(s -> s.level() == level)
                    .findFirst()
                    .orElseThrow();
        }

        boolean isComplete() {
            return !all(TlsEvent.HandshakeComplete.class).isEmpty();
        }

        List<TlsEvent> drain() {
            List<TlsEvent> drained = new ArrayList<>();
            for (TlsEvent event = engine.poll(); event != null; event = engine.poll()) {
                drained.add(event);
            }
            events.addAll(drained);
            return drained;
        }
    }

    HandshakePair(TlsClientConfig client, TlsServerConfig server) {
        this.client = new End(client.newEngine());
        this.server = new End(server.newEngine());
    }

    HandshakePair over(Wire newWire) {
        this.wire = newWire;
        return this;
    }

    HandshakePair inChunksOf(int bytes) {
        this.chunkBytes = bytes;
        return this;
    }

    HandshakePair serverParameters(byte[] encoded) {
        this.serverParameters = encoded;
        return this;
    }

    /** Runs until nothing moves any more. Failures end up in the ends that noticed them. */
    HandshakePair run() {
        start(client, CLIENT_PARAMETERS);
        start(server, serverParameters);
        boolean moved = true;
        while (moved) {
            moved = pass(true) | pass(false);
        }
        return this;
    }

    private static void start(End end, byte[] parameters) {
        try {
            end.engine.start(parameters);
        } catch (TransportException e) {
            end.failure = e;
        }
    }

    private boolean pass(boolean fromClient) {
        End from = fromClient ? client : server;
        End to = fromClient ? server : client;
        List<TlsEvent> drained = from.drain();
        for (TlsEvent event : drained) {
            if (event instanceof TlsEvent.HandshakeData(EncryptionLevel level, byte[] data)) {
                feed(to, level, wire.carry(fromClient, level, data.clone()));
            }
        }
        return !drained.isEmpty();
    }

    private void feed(End to, EncryptionLevel level, byte[] data) {
        for (int at = 0; at < data.length && to.failure == null; ) {
            int end = (int) Math.min((long) at + chunkBytes, data.length);
            try {
                to.engine.receive(level, Arrays.copyOfRange(data, at, end));
            } catch (TransportException e) {
                to.failure = e;
            }
            at = end;
        }
    }

    boolean isComplete() {
        return client.isComplete() && server.isComplete() && client.failure == null && server.failure == null;
    }
}
