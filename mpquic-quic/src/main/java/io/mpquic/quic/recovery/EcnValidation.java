package io.mpquic.quic.recovery;

/**
 * Whether 1-RTT packets are marked ECT(0), so that routers can tell of congestion without dropping them, and whether the
 * path and the peer deal with the marks as they should (RFC 9000 §13.4.2, appendix A.4).
 *
 * <pre>
 *   off ──start──▶ testing ──ten packets──▶ unknown
 *                     │  counts are right       │
 *                     └────────▶ capable ◀──────┤
 *                                   │           │ counts are wrong or missing, or all marked packets were lost
 *                                   └─▶ failed ◀┘
 * </pre>
 *
 * Packets are marked while testing and while capable. The handshake is not marked: a path that drops what is marked would
 * keep it from ending. Not thread-safe.
 */
public final class EcnValidation {
    /** The codepoint of a packet without a mark (RFC 3168 §5). */
    public static final int NOT_ECT = 0;

    /** ECT(1), which is not sent. */
    public static final int ECT_1 = 1;

    /** ECT(0): the sender understands ECN. */
    public static final int ECT_0 = 2;

    /** CE: a router met congestion. */
    public static final int CE = 3;

    // RFC 9000 §A.4
    private static final int TEST_PACKETS = 10;

    private enum State {
        OFF,
        TESTING,
        UNKNOWN,
        CAPABLE,
        FAILED
    }

    private State state = State.OFF;
    private boolean marking;
    private long sent;
    private int tested;
    private int testsLost;
    private long seenEct0;
    private long seenCe;
    private boolean reported;
    private long reportedEct0;
    private long reportedEct1;
    private long reportedCe;

    /** Starts testing; the counts of the peer go on. RFC 9000 §13.4.2: for each path anew. */
    public void start() {
        state = State.TESTING;
        tested = 0;
        testsLost = 0;
    }

    /** Decides on the mark of the next datagram; all packets in it have the same. */
    public int nextCodepoint() {
        marking = state == State.TESTING || state == State.CAPABLE;
        return codepoint();
    }

    /** The mark of the datagram that was decided on last: {@link #ECT_0} or {@link #NOT_ECT}. */
    public int codepoint() {
        return marking ? ECT_0 : NOT_ECT;
    }

    /** Whether the path and the peer are known to deal with marks. */
    public boolean isCapable() {
        return state == State.CAPABLE;
    }

    /** Whether marks do not work here, and are not sent any more. */
    public boolean hasFailed() {
        return state == State.FAILED;
    }

    /** The ECN counts of the ACK frame that is handed to {@link LossRecovery#onAckReceived} next. */
    public void report(long ect0, long ect1, long ce) {
        reported = true;
        reportedEct0 = ect0;
        reportedEct1 = ect1;
        reportedCe = ce;
    }

    /** A 1-RTT packet goes out. Returns whether it is marked. */
    boolean onPacketSent() {
        if (!marking) {
            return false;
        }
        sent++;
        if (state == State.TESTING && ++tested >= TEST_PACKETS) {
            state = State.UNKNOWN;
        }
        return true;
    }

    /** A marked packet was lost. RFC 9000 §13.4.2: when all are, the marks may be why. */
    void onMarkedLost() {
        if (state == State.UNKNOWN && ++testsLost >= TEST_PACKETS) {
            state = State.FAILED;
        } else if (state == State.TESTING) {
            testsLost++;
        }
    }

    /**
     * An ACK frame of the 1-RTT space that raises the largest acknowledged number. RFC 9000 §13.4.2.1: the counts of
     * others may be older than what is known, and say nothing.
     *
     * @param newlyAcked how many marked packets it acknowledges for the first time
     * @return whether the peer has seen more CE marks than before
     */
    boolean onAck(int newlyAcked) {
        boolean withCounts = reported;
        reported = false;
        if (state == State.OFF || state == State.FAILED || (newlyAcked == 0 && !withCounts)) {
            return false;
        }
        if (!withCounts || !isPlausible(newlyAcked)) {
            state = State.FAILED;
            return false;
        }
        boolean congestion = reportedCe > seenCe;
        seenEct0 = reportedEct0;
        seenCe = reportedCe;
        if (newlyAcked > 0) {
            state = State.CAPABLE;
        }
        return congestion;
    }

    // RFC 9000 §13.4.2.1: each marked packet that was acknowledged has to be counted, with its mark or as CE; nothing
    // may
    // be counted that was not sent; and counts do not go back.
    private boolean isPlausible(int newlyAcked) {
        long more = (reportedEct0 - seenEct0) + (reportedCe - seenCe);
        return reportedEct0 >= seenEct0
                && reportedCe >= seenCe
                && more >= newlyAcked
                && reportedEct0 + reportedCe <= sent
                && reportedEct1 == 0;
    }

    /** An ACK frame that does not count came: its report goes with it. */
    void forgetReport() {
        reported = false;
    }
}
