package io.mpquic.quic.endpoint;

/** A limit on answers of one kind, for nobody is owed them. */
final class AnswerRate {
    private static final long NS_PER_SECOND = 1_000_000_000;

    private final int perSecond;
    private boolean started;
    private long windowNs;
    private int inWindow;

    AnswerRate(int perSecond) {
        this.perSecond = perSecond;
    }

    boolean permits(long nowNs) {
        if (!started || nowNs - windowNs >= NS_PER_SECOND) {
            started = true;
            windowNs = nowNs;
            inWindow = 0;
        }
        return inWindow++ < perSecond;
    }
}
