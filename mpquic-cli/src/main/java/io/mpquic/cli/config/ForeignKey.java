package io.mpquic.cli.config;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Keys of the Go program that have no meaning here. Its files are to run unchanged, so a key that only tunes or observes
 * is passed over with a warning. A key that makes a tunnel of another kind is refused: passing over it would start
 * something the operator did not ask for.
 */
final class ForeignKey {
    private static final Set<String> PASSED_OVER = Set.of(
            "congestion_algorithm",
            "control_api_auth_token",
            "control_api_listen",
            "dataplane",
            "dataplane_config_file",
            "detect_starlink",
            "metrics_listen",
            "multipath_flow_sticky",
            "multipath_paths",
            "multipath_policy",
            "starlink_default_pipes",
            "starlink_transport",
            "tun_mtu");

    /** Tuning of the striped transport: without effect once {@code stripe_enabled} is not set. */
    private static final String STRIPE_PREFIX = "stripe_";

    private static final Set<String> SWITCHES =
            Set.of("multi_conn_enabled", "multipath_enabled", "stripe_enabled", "stripe_crypto_enabled");
    private static final Set<String> OFF = Set.of("", "false", "no", "off", "0", "n");
    private static final String TRANSPORT = "transport_mode";
    private static final List<String> SAME_TRANSPORT = List.of("", "datagram", "quic");

    private ForeignKey() {}

    /** What the key does to this program. */
    enum Effect {
        /** Nothing is lost without it. */
        NONE,
        /** It was meant to do something, and does not. */
        PASSED_OVER,
        /** It asks for another kind of tunnel. */
        REFUSED
    }

    /** The effect of a key with this value; empty for a key that the Go program does not know either. */
    static Optional<Effect> of(String key, String value) {
        String word = value.toLowerCase(Locale.ROOT);
        if (SWITCHES.contains(key)) {
            return Optional.of(OFF.contains(word) ? Effect.NONE : Effect.REFUSED);
        }
        if (key.equals(TRANSPORT)) {
            return Optional.of(SAME_TRANSPORT.contains(word) ? Effect.NONE : Effect.REFUSED);
        }
        boolean known = PASSED_OVER.contains(key) || key.startsWith(STRIPE_PREFIX);
        return known ? Optional.of(Effect.PASSED_OVER) : Optional.empty();
    }
}
