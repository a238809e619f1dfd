package io.mpquic.quic.endpoint;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * How many handshakes each source may have begun, of those that have proven their address: one host that answers every
 * Retry is kept from what belongs to the others. A source is an IPv4 address or an IPv6 prefix of 56 bits, which is what
 * one customer of a network has.
 *
 * <p>A source is two cells of a table of fixed size, at places that nobody outside can tell. It is charged by the less used
 * of its cells, so that another source takes something from it only by meeting it in both.
 *
 * <pre>
 *   row 0   │      │ A    │      │ B, C │       A alone: both cells say what A has used
 *   row 1   │ B    │      │ A, C │      │       C: the lower of what B and C, and A and C have used
 * </pre>
 */
final class SourceShares {
    /**
     * Little beside what there is for all ({@link HandshakeRate#PER_SECOND}), so that a source that comes often is told
     * from one that comes for the first time for half a second.
     */
    static final int PER_SECOND = 2;

    /** So many clients behind one address may come back at the same moment. */
    static final int BURST = 20;

    private static final long INTERVAL_NS = 1_000_000_000L / PER_SECOND;
    private static final int ROWS = 2;
    /** 32 KB altogether; with a thousand hostile sources, six of seven others still have a cell of their own. */
    private static final int CELLS = 2048;

    private static final int SITE_BYTES = 7;

    private final long[] rowKeys = new long[ROWS];
    /** When each cell will have its whole burst again; empty before the first question, as on a client for ever. */
    private final long[][] fullNs = new long[ROWS][];

    private boolean started;

    SourceShares(RandomGenerator random) {
        for (int row = 0; row < ROWS; row++) {
            rowKeys[row] = random.nextLong();
        }
    }

    /**
     * How many handshakes count against a source now.
     *
     * @return 0 for one that has begun none of late, up to {@link #BURST}, at which it has used up its share
     */
    int used(InetAddress source, long nowNs) {
        return (int) ((debtNs(source, nowNs) + INTERVAL_NS - 1) / INTERVAL_NS);
    }

    /** Counts one handshake more. */
    void charge(InetAddress source, long nowNs) {
        long chargedNs = nowNs + debtNs(source, nowNs) + INTERVAL_NS;
        for (int row = 0; row < ROWS; row++) {
            int cell = cell(row, source);
            // Only the lower cell rises: what the other has more belongs to somebody else.
            if (fullNs[row][cell] - chargedNs < 0) {
                fullNs[row][cell] = chargedNs;
            }
        }
    }

    private long debtNs(InetAddress source, long nowNs) {
        if (!started) {
            started = true;
            for (int row = 0; row < ROWS; row++) {
                fullNs[row] = new long[CELLS];
                Arrays.fill(fullNs[row], nowNs);
            }
        }
        long least = Long.MAX_VALUE;
        for (int row = 0; row < ROWS; row++) {
            least = Math.min(least, fullNs[row][cell(row, source)] - nowNs);
        }
        return Math.max(0, least);
    }

    private int cell(int row, InetAddress source) {
        byte[] address = source.getAddress();
        int length = Math.min(address.length, SITE_BYTES);
        long hash = rowKeys[row];
        for (int i = 0; i < length; i++) {
            hash = mix(hash ^ address[i]);
        }
        return (int) (hash >>> 1) & CELLS - 1;
    }

    // The finalizer of SplittableRandom: each bit of the input changes half of the output's.
    private static long mix(long bits) {
        long mixed = (bits ^ bits >>> 30) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
        return mixed ^ mixed >>> 31;
    }
}
