package io.mpquic.quic.interop;

import org.jspecify.annotations.Nullable;

/**
 * What a peer cannot do, and where its own documentation or source says so.
 *
 * @param what one sentence for the table's footnote
 * @param source where it is written
 */
record Inability(String what, String source) {
    private static final Inability OPENSSL_DATAGRAMS = new Inability(
            "OpenSSL has no DATAGRAM frames (RFC 9221).",
            "`depack_process_frames` in `ssl/quic/quic_rx_depack.c` of OpenSSL 3.5 knows the frame types up to 0x1e, and"
                    + " answers any other with FRAME_ENCODING_ERROR; https://github.com/openssl/openssl/issues/24003,"
                    + " which asks for DATAGRAM, is open");

    private static final Inability OPENSSL_MIGRATION = new Inability(
            "OpenSSL's server forbids migration, and its client has no call for it.",
            "`ch_on_transport_params` in `ssl/quic/quic_channel.c` of OpenSSL: \"We do not currently handle migration\";"
                    + " its server always sends disable_active_migration");

    private static final Inability OPENSSL_REBINDING = new Inability(
            "OpenSSL's server answers to the address of the client's first packet only.",
            "`ssl/quic/quic_channel.c` of OpenSSL: \"We do not currently handle migration\", and"
                    + " `ossl_quic_channel_set_peer_addr` refuses another address once a connection has begun");

    private static final Inability QUIC_GO_SERVER_MIGRATION = new Inability(
            "quic-go's server forbids migration.",
            "`connection.go` of quic-go 0.50 sends `DisableActiveMigration: true`; clients that obey RFC 9000 §9 stay");

    private static final Inability QUIC_GO_CLIENT_MIGRATION = new Inability(
            "quic-go's client cannot migrate as yet.",
            "https://github.com/quic-go/quic-go/pull/4960, which adds it, is not in 0.50: `interface.go` has no `AddPath`");

    private static final Inability KWIK_SERVER_MIGRATION = new Inability(
            "Kwik's server does not follow a client to another address.",
            "README.md of Kwik, \"Status\": \"the server does not yet support connection migration\"");

    private static final Inability NETTY_MIGRATION = new Inability(
            "quiche's client can migrate, but not through Netty.",
            "`io.netty.handler.codec.quic.Quiche` binds no `quiche_conn_migrate` (Netty 4.2)");

    private static final Inability NETTY_KEY_UPDATE = new Inability(
            "quiche's client follows a key update, and never begins one.",
            "https://github.com/cloudflare/quiche/pull/1456 added key updates that the peer begins, and only those");

    /** Why this cell can neither pass nor fail; null when it can. */
    static @Nullable Inability of(Make make, Cell.Role role, Scenario scenario) {
        boolean ourClient = role == Cell.Role.OUR_CLIENT;
        return switch (make) {
            case AIOQUIC, NGTCP2 -> null;
            case QUIC_GO -> {
                Inability migration = ourClient ? QUIC_GO_SERVER_MIGRATION : QUIC_GO_CLIENT_MIGRATION;
                yield scenario == Scenario.MIGRATION ? migration : null;
            }
            case OPENSSL ->
                switch (scenario) {
                    case DATAGRAMS -> OPENSSL_DATAGRAMS;
                    case MIGRATION -> OPENSSL_MIGRATION;
                    case REBINDING -> ourClient ? OPENSSL_REBINDING : null;
                    default -> null;
                };
            case KWIK ->
                ourClient && (scenario == Scenario.MIGRATION || scenario == Scenario.REBINDING)
                        ? KWIK_SERVER_MIGRATION
                        : null;
            case QUICHE ->
                switch (scenario) {
                    case MIGRATION -> ourClient ? null : NETTY_MIGRATION;
                    case KEY_UPDATE -> ourClient ? null : NETTY_KEY_UPDATE;
                    default -> null;
                };
        };
    }
}
