package io.mpquic.quic.connection;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Where the peer is, and how far that is proven (RFC 9000 §8, §9). A server follows a client whose address changes, as
 * after a NAT has lost its mapping; a client never follows a server, but may go where the server would rather be reached
 * ({@link PreferredPath}).
 *
 * <pre>
 *                 newest packet comes from another address
 *   validated ──────────────────────────────────────────────▶ challenging, on the old path too
 *       ▲                                                         │
 *       ├──────────────── PATH_RESPONSE ──────────────────────────┤
 *       └── no answer, or the client is back: the old address ────┘
 * </pre>
 */
final class Paths {
    /** The one in use, the one before it, and one that the peer asks about. */
    private static final int MAX_PATHS = 3;
    /** RFC 9002 §6.2.1: a round trip and four times its variance, which at first is half of it. */
    private static final int FRESH_PTO_RTTS = 3;

    private final QuicConnection connection;
    private final boolean client;
    private final RandomGenerator random;
    private final long freshPtoNs;
    private final List<Path> all = new ArrayList<>();
    private Path active;
    private @Nullable Path lastValidated;
    private boolean otherHost;
    private long migrations;

    /**
     * The path of the handshake.
     *
     * @param initialRttNs the round trip of a path of which nothing is known
     */
    Paths(
            QuicConnection connection,
            InetSocketAddress remote,
            boolean client,
            RandomGenerator random,
            long initialRttNs) {
        this.connection = connection;
        this.client = client;
        this.random = random;
        freshPtoNs = FRESH_PTO_RTTS * initialRttNs;
        active = new Path(remote, client, connection.peerIds.currentEntry(), random);
        all.add(active);
    }

    InetSocketAddress remote() {
        return active.remote;
    }

    Path active() {
        return active;
    }

    long migrations() {
        return migrations;
    }

    /** How many bytes may be sent now on the path in use (RFC 9000 §8.1). */
    long budgetBytes() {
        return active.limit.budgetBytes();
    }

    /** A datagram came; whether it is the peer's is not known yet. */
    void onReceived(InetSocketAddress from, int bytes) {
        if (from.equals(active.remote)) {
            active.limit.received(bytes);
        } else {
            Path path = find(from);
            if (path != null) {
                path.limit.received(bytes);
            }
        }
    }

    /** The handshake proves the peer's address (RFC 9000 §8.1). */
    void validateByHandshake() {
        if (!active.validation.isRunning()) {
            active.limit.validate();
        }
    }

    /** The peer asks about the path on which the datagram came. */
    void onChallenge(long data, InetSocketAddress from, int bytes, boolean otherId) {
        Path path = find(from);
        if (path == null) {
            path = open(from, bytes, otherId);
        }
        path.onChallenge(data);
    }

    /**
     * The newest packet so far is authentic, is more than a probe, and came from here.
     *
     * <p>RFC 9000 §9: until the handshake is complete, a client is taken to stay where it is. Whoever saw its first packet
     * can forge more of the kind, so nothing goes elsewhere for them; a client whose NAT lost the mapping that early begins
     * anew.
     *
     * @param otherId whether it carries another connection ID than the newest one before: the peer moved on purpose
     * @return whether the peer has moved
     */
    boolean onNewestPacket(InetSocketAddress from, int bytes, boolean otherId, boolean established, long nowNs) {
        if (client || !established || from.equals(active.remote)) {
            return false;
        }
        migrations++;
        Path left = active;
        if (left.limit.isValidated()) {
            lastValidated = left;
        }
        // RFC 9000 §9.3.2: the validation of an address that the peer has left is given up.
        left.validation.stop();
        Path path = find(from);
        use(path != null ? path : open(from, bytes, otherId));
        otherHost |= !from.getAddress().equals(left.remote.getAddress());
        if (active.limit.isValidated()) {
            // RFC 9000 §9.3: the move was a spurious one, and this address was proven not long ago.
            otherHost = false;
        } else {
            active.validation.start(nowNs, connection.ptoNs(), freshPtoNs);
        }
        if (left.limit.isValidated()) {
            // RFC 9000 §9.3.3: a copy may have been sent on by an attacker; asked on the old path, the peer answers
            // with a newer packet from there.
            left.validation.start(nowNs, connection.ptoNs(), freshPtoNs);
        } else {
            close(left);
        }
        return true;
    }

    /** RFC 9000 §9.5: another ID for another path, where the peer did the same, and has one to spare. */
    private Path open(InetSocketAddress from, int bytes, boolean otherId) {
        PeerConnectionIds.Entry id = otherId ? connection.peerIds.take() : null;
        Path path = new Path(from, false, id == null ? active.id : id, random);
        path.limit.received(bytes);
        for (int i = 0; all.size() >= MAX_PATHS && i < all.size(); i++) {
            Path oldest = all.get(i);
            if (oldest != active && oldest != lastValidated) {
                close(oldest);
            }
        }
        all.add(path);
        return path;
    }

    /** Moves this end to another local address, which its socket has already: RFC 9000 §9.2. */
    void moveLocally(PeerConnectionIds.Entry id, long nowNs) {
        moveTo(ask(active.remote, id, nowNs));
    }

    private void use(Path path) {
        active = path;
        connection.peerIds.use(path.id);
        connection.spin.onPathOrIdChanged();
    }

    /** A client asks whether the server can be reached elsewhere, with an ID that was on no other path. */
    Path ask(InetSocketAddress remote, PeerConnectionIds.Entry id, long nowNs) {
        Path path = new Path(remote, true, id, random);
        all.add(path);
        path.validation.start(nowNs, connection.ptoNs(), freshPtoNs);
        return path;
    }

    /** A client goes to a path that has answered, and gives up the one it used. */
    void moveTo(Path path) {
        Path left = active;
        use(path);
        lastValidated = path;
        close(left);
        migrations++;
    }

    /** Packets on the path in use carry another ID from now on; the one before is retired where no other path has it. */
    void changeId(PeerConnectionIds.Entry id) {
        PeerConnectionIds.Entry before = active.id;
        active.id = id;
        use(active);
        retireUnlessUsed(before);
    }

    /** Gives up a path that is not in use. */
    void close(Path path) {
        path.validation.stop();
        all.remove(path);
        retireUnlessUsed(path.id);
    }

    private void retireUnlessUsed(PeerConnectionIds.Entry id) {
        if (all.stream().noneMatch(other -> other.id == id)) {
            connection.peerIds.retire(id);
        }
    }

    /** The peer retired IDs: paths that had them take others. */
    void onIdsRetired() {
        for (Path path : all) {
            if (!connection.peerIds.isActive(path.id)) {
                PeerConnectionIds.Entry id = path == active ? null : connection.peerIds.take();
                path.id = id == null ? connection.peerIds.currentEntry() : id;
            }
        }
    }

    private @Nullable Path find(InetSocketAddress remote) {
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).remote.equals(remote)) {
                return all.get(i);
            }
        }
        return null;
    }

    /** An answer came. RFC 9000 §8.2.3: one that does not match proves nothing. */
    void onResponse(long data, long nowNs) {
        for (Path path : List.copyOf(all)) {
            if (path.validation.isAnswer(data)) {
                onValidated(path, nowNs);
            }
        }
    }

    private void onValidated(Path path, long nowNs) {
        path.limit.validate();
        boolean sizeProven = path.validation.provesSize();
        path.validation.stop();
        if (path != active) {
            connection.preferred.onValidated(path, nowNs);
            return;
        }
        lastValidated = path;
        if (!client && otherHost) {
            // RFC 9000 §9.4: the peer owns its new address. Only a change of the port tells nothing new.
            connection.migration.forgetPath(nowNs);
            // RFC 9000 §9.3: from there it comes the next time, too.
            connection.establishment.issueToken(nowNs);
        }
        otherHost = false;
        if (!sizeProven) {
            // RFC 9000 §8.2.1: the address is proven, that 1200 bytes arrive is not.
            path.validation.start(nowNs, connection.ptoNs(), freshPtoNs);
        }
    }

    /** A path on which a challenge or an answer is to be sent, and may be; null when there is none. */
    @Nullable Path next(int minBytes) {
        for (int i = 0; i < all.size(); i++) {
            Path path = all.get(i);
            boolean wants = path.validation.isChallengeDue() || path.isResponseDue();
            if (wants && path.limit.budgetBytes() >= minBytes) {
                return path;
            }
        }
        return null;
    }

    long nextTimeoutNs() {
        long next = Long.MAX_VALUE;
        for (int i = 0; i < all.size(); i++) {
            next = Math.min(next, all.get(i).validation.nextTimeoutNs());
        }
        return next;
    }

    void onTimeout(long nowNs) {
        if (nowNs < nextTimeoutNs()) {
            return;
        }
        for (Path path : List.copyOf(all)) {
            if (path.validation.onTimeout(nowNs)) {
                onFailed(path);
            }
        }
    }

    private void onFailed(Path path) {
        path.validation.stop();
        if (path != active) {
            if (path != lastValidated) {
                close(path);
            }
        } else if (!path.limit.isValidated()) {
            otherHost = false;
            if (lastValidated == null) {
                // The handshake proves the first path, and only an established connection moves.
                throw new IllegalStateException("a move from a path that was never proven");
            }
            // RFC 9000 §9.3.2: the last proven address counts again.
            use(lastValidated);
            close(path);
        }
    }
}
