package io.mpquic.quic.endpoint;

import io.mpquic.quic.connection.ConnectionIdRegistry;
import io.mpquic.quic.connection.QuicConnection;
import io.mpquic.quic.wire.ConnectionId;
import io.mpquic.quic.wire.StatelessResetToken;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Which connection a packet belongs to. This end's connection IDs are all 8 bytes, so a short header needs no length
 * and a lookup no object.
 */
final class ConnectionTable implements ConnectionIdRegistry {
    static final int ID_BYTES = 8;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final Map<Long, QuicConnection> byId = new HashMap<>();
    private final RandomGenerator random;
    private final Mac resetMac;
    private long lastId;
    private @Nullable QuicConnection lastConnection;

    ConnectionTable(RandomGenerator random, byte[] statelessResetKey) {
        this.random = random;
        try {
            resetMac = Mac.getInstance("HmacSHA256");
            resetMac.init(new SecretKeySpec(statelessResetKey, "HmacSHA256"));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }

    @Override
    public ConnectionId issue(QuicConnection owner) {
        long id = random.nextLong();
        while (byId.containsKey(id)) {
            id = random.nextLong();
        }
        byId.put(id, owner);
        return ConnectionId.ofLong(id);
    }

    @Override
    public void retire(ConnectionId id) {
        byId.remove(id.asLong());
        lastConnection = null;
    }

    // RFC 9000 §10.3.2: a keyed function of the ID, so that no state is needed to repeat it.
    @Override
    public StatelessResetToken resetToken(ConnectionId id) {
        byte[] mac = resetMac.doFinal(id.bytes());
        byte[] token = new byte[StatelessResetToken.LENGTH_BYTES];
        System.arraycopy(mac, 0, token, 0, token.length);
        return StatelessResetToken.of(token);
    }

    /** The connection whose ID stands at this place; null when there is none. */
    @Nullable QuicConnection find(MemorySegment datagram, long idOffset) {
        long id = datagram.get(LONG, idOffset);
        // Nearly all packets of a tunnel are of one connection: without this, each would box its ID.
        if (id != lastId || lastConnection == null) {
            lastId = id;
            lastConnection = byId.get(id);
        }
        return lastConnection;
    }

    int size() {
        return byId.size();
    }
}
