package io.mpquic.quic.endpoint;

import io.mpquic.quic.wire.ConnectionId;
import io.mpquic.quic.wire.PacketHeader;
import io.mpquic.quic.wire.StatelessResetToken;
import io.mpquic.quic.wire.Version;
import io.mpquic.quic.wire.VersionInvariant;
import io.mpquic.quic.wire.WireWriter;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Answers to packets of no connection: Version Negotiation (RFC 9000 §6) and stateless resets (§10.3). */
final class StatelessAnswers {
    @SuppressWarnings("ArrayRecordComponent") // handed from here to the endpoint, never compared
    record Answer(byte[] bytes, InetSocketAddress to) {}

    /** Nobody is owed these answers: what does not fit is dropped. */
    private static final int QUEUE_LIMIT = 16;
    /** RFC 9000 §10.3: below 21 bytes it could not pass for a packet. */
    static final int MIN_RESET_BYTES = 21;

    private static final int MAX_RESET_BYTES = 42;
    /** RFC 9000 §10.3.3: a limit, so that two endpoints never keep each other busy. */
    private static final int RESETS_PER_SECOND = 100;

    private static final long NS_PER_SECOND = 1_000_000_000;

    private final ArrayDeque<Answer> queue = new ArrayDeque<>();
    private final RandomGenerator random;
    private long resetWindowNs = Long.MIN_VALUE;
    private int resetsInWindow;

    StatelessAnswers(RandomGenerator random) {
        this.random = random;
    }

    @Nullable Answer peek() {
        return queue.peek();
    }

    void remove() {
        queue.remove();
    }

    void versionNegotiation(VersionInvariant packet, InetSocketAddress from) {
        // RFC 9000 §17.2.1: both IDs are sent back, changed over.
        byte[] destination = packet.scid();
        byte[] source = packet.dcid();
        byte[] answer = new byte[1 + Integer.BYTES + 2 + destination.length + source.length + Integer.BYTES];
        PacketHeader.writeVersionNegotiation(
                WireWriter.of(answer), destination, source, random.nextInt(0x80), Version.V1);
        offer(answer, from);
    }

    /** Answers a packet of {@code receivedBytes} to an ID that nobody here has. */
    void statelessReset(
            ConnectionId unknown, StatelessResetToken token, int receivedBytes, InetSocketAddress from, long nowNs) {
        // RFC 9000 §10.3.3: shorter than what it answers, so that a loop dies out.
        int length = Math.min(receivedBytes - 1, MAX_RESET_BYTES);
        if (length < MIN_RESET_BYTES || !resetPermitted(nowNs)) {
            return;
        }
        byte[] answer = new byte[length];
        random.nextBytes(answer);
        answer[0] = (byte) (PacketHeader.FIXED_BIT | (answer[0] & 0x3f));
        WireWriter writer = new WireWriter();
        writer.wrap(
                MemorySegment.ofArray(answer),
                length - StatelessResetToken.LENGTH_BYTES,
                StatelessResetToken.LENGTH_BYTES);
        token.writeTo(writer);
        offer(answer, from);
    }

    private boolean resetPermitted(long nowNs) {
        if (resetWindowNs == Long.MIN_VALUE || nowNs - resetWindowNs >= NS_PER_SECOND) {
            resetWindowNs = nowNs;
            resetsInWindow = 0;
        }
        return resetsInWindow++ < RESETS_PER_SECOND;
    }

    private void offer(byte[] answer, InetSocketAddress to) {
        if (queue.size() < QUEUE_LIMIT) {
            queue.add(new Answer(answer, to));
        }
    }
}
