package io.mpquic.quic.connection;

import io.mpquic.quic.wire.PathResponseFrame;
import java.net.InetSocketAddress;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** One way to the peer: its address there, how far that is proven, and the questions and answers about it. */
final class Path {
    /** A peer that asks faster than it can be answered gets as many answers, and asks again. */
    private static final int MAX_RESPONSES = 4;

    final InetSocketAddress remote;
    final AmplificationLimit limit;
    final PathValidation validation;
    /** By which ID the peer is reached here. */
    PeerConnectionIds.Entry id;

    private final long[] responses = new long[MAX_RESPONSES];
    private int responseCount;

    Path(InetSocketAddress remote, boolean validated, PeerConnectionIds.Entry id, RandomGenerator random) {
        this.remote = remote;
        this.id = id;
        limit = new AmplificationLimit(validated);
        validation = new PathValidation(random);
    }

    /** RFC 9000 §8.2.2: answered on the path on which it came, once. */
    void onChallenge(long data) {
        if (responseCount < MAX_RESPONSES) {
            responses[responseCount++] = data;
        }
    }

    boolean isResponseDue() {
        return responseCount > 0;
    }

    @Nullable PathResponseFrame takeResponse() {
        return responseCount == 0 ? null : new PathResponseFrame(responses[--responseCount]);
    }
}
