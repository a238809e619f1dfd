package io.mpquic.quic.endpoint;

import io.mpquic.quic.crypto.CipherSuite;
import io.mpquic.quic.crypto.CryptoProvider;
import io.mpquic.quic.crypto.HeaderProtection;
import io.mpquic.quic.crypto.KeySchedule;
import io.mpquic.quic.crypto.PacketAead;
import io.mpquic.quic.crypto.PacketKeys;
import io.mpquic.quic.crypto.RetryIntegrity;
import io.mpquic.quic.wire.ConnectionCloseFrame;
import io.mpquic.quic.wire.ConnectionId;
import io.mpquic.quic.wire.LongHeader;
import io.mpquic.quic.wire.PacketHeader;
import io.mpquic.quic.wire.StatelessResetToken;
import io.mpquic.quic.wire.TransportError;
import io.mpquic.quic.wire.Version;
import io.mpquic.quic.wire.VersionInvariant;
import io.mpquic.quic.wire.WireWriter;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Answers to packets of no connection: Version Negotiation (RFC 9000 §6), Retry (§8.1.2), the close for a wrong token, and
 * stateless resets (§10.3).
 */
final class StatelessAnswers {
    @SuppressWarnings("ArrayRecordComponent") // handed from here to the endpoint, never compared
    record Answer(byte[] bytes, InetSocketAddress to, boolean isNegotiation) {}

    /** Nobody is owed these answers: what does not fit is dropped. As many as a driver receives before it sends. */
    private static final int QUEUE_LIMIT = 64;
    /** RFC 9000 §10.3: below 21 bytes it could not pass for a packet. */
    static final int MIN_RESET_BYTES = 21;

    private static final int MAX_RESET_BYTES = 42;
    private static final int MAX_CLOSE_BYTES = 200;
    private static final int NUMBER_BYTES = 2;
    /** RFC 9000 §10.3.3: a limit, so that two endpoints never keep each other busy. */
    private static final int RESETS_PER_SECOND = 100;

    /** What a flood of other versions may take of the queue, so that Retries still fit in. */
    private static final int NEGOTIATIONS_PER_SECOND = 100;

    private static final int NEGOTIATIONS_QUEUED = QUEUE_LIMIT / 4;

    private final ArrayDeque<Answer> queue = new ArrayDeque<>();
    private final RandomGenerator random;
    private final AnswerRate resets = new AnswerRate(RESETS_PER_SECOND);
    private final AnswerRate negotiations = new AnswerRate(NEGOTIATIONS_PER_SECOND);
    private int negotiationsQueued;

    StatelessAnswers(RandomGenerator random) {
        this.random = random;
    }

    @Nullable Answer peek() {
        return queue.peek();
    }

    void remove() {
        if (queue.remove().isNegotiation()) {
            negotiationsQueued--;
        }
    }

    void versionNegotiation(VersionInvariant packet, InetSocketAddress from, long nowNs) {
        if (negotiationsQueued >= NEGOTIATIONS_QUEUED || queue.size() >= QUEUE_LIMIT || !negotiations.permits(nowNs)) {
            return;
        }
        // RFC 9000 §17.2.1: both IDs are sent back, changed over.
        byte[] destination = packet.scid();
        byte[] source = packet.dcid();
        byte[] answer = new byte[1 + Integer.BYTES + 2 + destination.length + source.length + 2 * Integer.BYTES];
        PacketHeader.writeVersionNegotiation(
                WireWriter.of(answer), destination, source, random.nextInt(0x80), greasedVersion(), Version.V1);
        queue.add(new Answer(answer, from, true));
        negotiationsQueued++;
    }

    // RFC 9000 §6.3: a version of the reserved form 0x?a?a?a?a, so that clients learn to pass over the unknown.
    private int greasedVersion() {
        return (random.nextInt() & 0xf0f0f0f0) | 0x0a0a0a0a;
    }

    /**
     * Asks the sender of an Initial packet to come again with a token.
     *
     * @param source the Destination Connection ID that the client has to go on with
     */
    void retry(LongHeader.Initial packet, ConnectionId source, byte[] token, InetSocketAddress from) {
        byte[] answer = new byte
                [1
                        + Integer.BYTES
                        + 2
                        + packet.scid().lengthBytes()
                        + source.lengthBytes()
                        + token.length
                        + PacketAead.TAG_BYTES];
        PacketHeader.writeRetry(WireWriter.of(answer), packet.scid(), source, token);
        int tagged = answer.length - PacketAead.TAG_BYTES;
        byte[] tag = RetryIntegrity.tag(packet.dcid(), Arrays.copyOf(answer, tagged));
        System.arraycopy(tag, 0, answer, tagged, tag.length);
        offer(answer, from);
    }

    /**
     * Closes with INVALID_TOKEN what was not begun (RFC 9000 §8.1.2): the client need not wait for its timeout.
     *
     * @param source any ID of this end's
     */
    void invalidToken(LongHeader.Initial packet, ConnectionId source, CryptoProvider crypto, InetSocketAddress from) {
        ConnectionCloseFrame close = new ConnectionCloseFrame(
                TransportError.INVALID_TOKEN, 0, "the token of the Retry is not, or no longer, good", false);
        PacketKeys keys = PacketKeys.derive(
                crypto, CipherSuite.TLS_AES_128_GCM_SHA256, KeySchedule.serverInitialSecret(packet.dcid()));
        byte[] answer = new byte[MAX_CLOSE_BYTES];
        WireWriter writer = WireWriter.of(answer);
        long numberOffset = PacketHeader.writeInitial(writer, packet.scid(), source, new byte[0], 0, NUMBER_BYTES);
        int headerLength = (int) writer.position();
        close.writeTo(writer);
        int payload = (int) writer.position() - headerLength;
        MemorySegment segment = MemorySegment.ofArray(answer);
        PacketHeader.patchLength(segment, numberOffset, NUMBER_BYTES + payload + PacketAead.TAG_BYTES);
        keys.aead().seal(0, segment, 0, headerLength, payload);
        HeaderProtection.protect(keys.headerMask(), segment, 0, numberOffset, NUMBER_BYTES);
        offer(Arrays.copyOf(answer, headerLength + payload + PacketAead.TAG_BYTES), from);
    }

    /** Answers a packet of {@code receivedBytes} to an ID that nobody here has. */
    void statelessReset(
            ConnectionId unknown, StatelessResetToken token, int receivedBytes, InetSocketAddress from, long nowNs) {
        // RFC 9000 §10.3.3: shorter than what it answers, so that a loop dies out.
        int length = Math.min(receivedBytes - 1, MAX_RESET_BYTES);
        if (length < MIN_RESET_BYTES || !resets.permits(nowNs)) {
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

    private void offer(byte[] answer, InetSocketAddress to) {
        if (queue.size() < QUEUE_LIMIT) {
            queue.add(new Answer(answer, to, false));
        }
    }
}
