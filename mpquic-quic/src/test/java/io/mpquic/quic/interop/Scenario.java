package io.mpquic.quic.interop;

import io.mpquic.quic.interop.Peer.Action;
import io.mpquic.quic.interop.Relay.Condition;

/** What each pair of makes must manage together: a column of the table. */
enum Scenario {
    HANDSHAKE("handshake", Condition.NONE, Action.NONE),
    VERSION_NEGOTIATION("version negotiation", Condition.UNKNOWN_VERSION, Action.NONE),
    RETRY("Retry", Condition.NONE, Action.NONE),
    CHACHA20("ChaCha20", Condition.NONE, Action.NONE),
    STREAMS("streams", Condition.NONE, Action.NONE),
    DATAGRAMS("datagrams", Condition.NONE, Action.NONE),
    KEY_UPDATE("key update", Condition.NONE, Action.UPDATE_KEYS),
    RESUMPTION("resumption", Condition.NONE, Action.RESUME),
    REBINDING("rebinding", Condition.REBINDING, Action.NONE),
    MIGRATION("migration", Condition.NONE, Action.MOVE),
    LARGE_CHAIN("large chain", Condition.NONE, Action.NONE),
    LOSS("loss", Condition.LOSS, Action.NONE),
    CORRUPTION("corruption", Condition.CORRUPTION, Action.NONE);

    /** Enough for each thing that happens after some packets, and no more: a table has many cells. */
    private static final int FEW_DATAGRAMS = 80;

    private static final int MANY_DATAGRAMS = 500;
    private static final int SHORT_STREAM_BYTES = 300_000;
    private static final int LONG_STREAM_BYTES = 3_000_000;

    final String title;
    final Condition condition;
    final Action action;

    Scenario(String title, Condition condition, Action action) {
        this.title = title;
        this.condition = condition;
        this.action = action;
    }

    /** What goes there and back: a stream for the streams and for those that have nothing else, datagrams otherwise. */
    Peer.Task task(TestCertificate trusted, Make make) {
        boolean hasDatagrams = make.hasDatagrams();
        if (this == STREAMS) {
            return new Peer.Task(trusted, null, hasDatagrams ? 1 : 0, LONG_STREAM_BYTES, action);
        }
        // quic-go takes new keys after 100 packets, and only then.
        int datagrams = this == DATAGRAMS || this == KEY_UPDATE ? MANY_DATAGRAMS : FEW_DATAGRAMS;
        return new Peer.Task(
                trusted, null, hasDatagrams ? datagrams : 0, hasDatagrams ? 0 : SHORT_STREAM_BYTES, action);
    }

    /** Whether the last packet of a client, its close, is sure to arrive. */
    boolean closeArrives() {
        return condition != Condition.LOSS && condition != Condition.CORRUPTION;
    }
}
