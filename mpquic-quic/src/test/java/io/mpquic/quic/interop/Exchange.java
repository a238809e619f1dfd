package io.mpquic.quic.interop;

import java.io.IOException;
import java.util.BitSet;

/**
 * The datagrams of one connection. Counts those that came; a client's also limits how many wait for their echo, and
 * sends those again that got none, since QUIC may lose datagrams and does not repeat them. Thread-safe.
 */
final class Exchange {
    private static final long REPEAT_AFTER_MS = 500;

    private final BitSet seen = new BitSet();
    private int corrupt;
    private boolean ended;

    /** A way to send that blocks no longer than a moment. */
    @FunctionalInterface
    interface Sender {
        void send(byte[] datagram) throws IOException;
    }

    /** Forgets what has come, for one more {@link #run}. */
    void restart() {
        synchronized (seen) {
            seen.clear();
        }
    }

    /** Sends {@code count} datagrams and waits for their echoes. */
    void run(int count, Sender sender) throws IOException {
        long deadlineNs = System.nanoTime() + Peer.PATIENCE.toNanos();
        for (int sequence = 0; sequence < count; sequence++) {
            awaitEchoes(sequence, TestDatagram.WINDOW - 1, sender, deadlineNs);
            sender.send(TestDatagram.make(sequence));
        }
        awaitEchoes(count, 0, sender, deadlineNs);
    }

    /** Waits until no more than {@code missing} of the first {@code sent} datagrams lack their echo. */
    private void awaitEchoes(int sent, int missing, Sender sender, long deadlineNs) throws IOException {
        while (!enough(sent - missing)) {
            if (isEnded() || System.nanoTime() > deadlineNs) {
                throw new IOException("only " + received() + " of " + sent + " echoes came");
            }
            for (int sequence = 0; sequence < sent; sequence++) {
                if (!has(sequence)) {
                    sender.send(TestDatagram.make(sequence));
                }
            }
        }
    }

    /** Waits a while for that many echoes. */
    private boolean enough(int echoes) throws IOException {
        synchronized (seen) {
            long deadlineNs = System.nanoTime() + REPEAT_AFTER_MS * 1_000_000;
            long leftMs = REPEAT_AFTER_MS;
            try {
                while (seen.cardinality() < echoes && leftMs > 0 && !ended) {
                    seen.wait(leftMs);
                    leftMs = (deadlineNs - System.nanoTime()) / 1_000_000;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException(e);
            }
            return seen.cardinality() >= echoes;
        }
    }

    /** Nothing comes any more: the connection is over. */
    void end() {
        synchronized (seen) {
            ended = true;
            seen.notifyAll();
        }
    }

    private boolean isEnded() {
        synchronized (seen) {
            return ended;
        }
    }

    private boolean has(int sequence) {
        synchronized (seen) {
            return seen.get(sequence);
        }
    }

    void onDatagram(byte[] datagram) {
        synchronized (seen) {
            if (TestDatagram.isIntact(datagram)) {
                seen.set(TestDatagram.sequence(datagram));
            } else {
                corrupt++;
            }
            seen.notifyAll();
        }
    }

    int received() {
        synchronized (seen) {
            return seen.cardinality();
        }
    }

    Peer.Report report(String alpn, Peer.Close close) {
        return report(alpn, false, close);
    }

    Peer.Report report(String alpn, boolean resumed, Peer.Close close) {
        synchronized (seen) {
            return new Peer.Report(alpn, resumed, seen.cardinality(), corrupt, close);
        }
    }
}
