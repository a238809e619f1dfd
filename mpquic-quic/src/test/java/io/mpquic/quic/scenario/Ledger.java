package io.mpquic.quic.scenario;

import io.mpquic.quic.connection.QuicConnection;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Every message of both applications, and what became of it.
 *
 * <pre>
 *   0         8                           length
 *   | number  | filler that follows from the number
 * </pre>
 */
final class Ledger {
    static final int SMALLEST_BYTES = Long.BYTES;

    private record Message(Side from, QuicConnection on, int bytes, long acceptedNs) {}

    private final Findings findings;
    private final Map<Long, Message> accepted = new HashMap<>();
    private final Map<QuicConnection, Long> acceptedOn = new HashMap<>();
    private final Map<QuicConnection, Long> deliveredOn = new HashMap<>();
    /** When the youngest message of a connection was accepted that the other end got. */
    private final Map<QuicConnection, Long> youngestArrived = new HashMap<>();
    /** And the other way round: of those that a connection delivered. */
    private final Map<QuicConnection, Long> youngestDelivered = new HashMap<>();

    private final Set<Long> delivered = new HashSet<>();
    private final Set<Long> authentic = new HashSet<>();
    private long nextNumber = 1;

    Ledger(Findings findings) {
        this.findings = findings;
    }

    /** A new message; it counts once it is accepted. */
    byte[] write(int bytes) {
        byte[] message = new byte[Math.max(SMALLEST_BYTES, bytes)];
        ByteBuffer.wrap(message).putLong(nextNumber);
        for (int i = Long.BYTES; i < message.length; i++) {
            message[i] = filler(nextNumber, i);
        }
        return message;
    }

    /** The stack has taken the message that was written last. */
    void accept(Side from, QuicConnection on, byte[] message, long nowNs) {
        accepted.put(nextNumber++, new Message(from, on, message.length, nowNs));
        acceptedOn.merge(on, 1L, Long::sum);
    }

    /** A packet with this message was authentic on this side. */
    void arrived(byte[] message) {
        if (message.length >= SMALLEST_BYTES) {
            authentic.add(ByteBuffer.wrap(message).getLong());
        }
    }

    void deliver(Side to, QuicConnection on, byte[] bytes) {
        long number =
                bytes.length < SMALLEST_BYTES ? -1 : ByteBuffer.wrap(bytes).getLong();
        Message message = accepted.get(number);
        if (message == null || message.from == to || message.bytes != bytes.length || !isIntact(number, bytes)) {
            findings.report(Invariant.GENUINE, to + " got a message that was never sent to it: " + number);
            return;
        }
        findings.check(delivered.add(number), Invariant.ONCE, to + " got message " + number + " twice");
        deliveredOn.merge(on, 1L, Long::sum);
        youngestArrived.merge(message.on, message.acceptedNs, Math::max);
        youngestDelivered.merge(on, message.acceptedNs, Math::max);
    }

    private static boolean isIntact(long number, byte[] bytes) {
        for (int i = Long.BYTES; i < bytes.length; i++) {
            if (bytes[i] != filler(number, i)) {
                return false;
            }
        }
        return true;
    }

    private static byte filler(long number, int position) {
        return (byte) (number * 31 + position);
    }

    long acceptedOn(QuicConnection connection) {
        return acceptedOn.getOrDefault(connection, 0L);
    }

    long deliveredOn(QuicConnection connection) {
        return deliveredOn.getOrDefault(connection, 0L);
    }

    /** Whether something that was sent after a moment went each way over this connection of one end. */
    boolean talksSince(QuicConnection connection, long sinceNs) {
        return youngestArrived.getOrDefault(connection, Long.MIN_VALUE) >= sinceNs
                && youngestDelivered.getOrDefault(connection, Long.MIN_VALUE) >= sinceNs;
    }

    /** At the end, each message that reached the other end's connection was delivered. */
    void checkDelivered() {
        for (long number : authentic) {
            findings.check(
                    !accepted.containsKey(number) || delivered.contains(number),
                    Invariant.ACCOUNTING,
                    "message " + number + " came in an authentic packet and was not delivered");
        }
    }
}
