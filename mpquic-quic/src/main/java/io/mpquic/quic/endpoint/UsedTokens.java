package io.mpquic.quic.endpoint;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which tokens were used (RFC 9000 §8.1.4), by the process that made them: with a key that lasts, tokens of earlier
 * processes come as well, and their serial numbers begin at 0 too.
 */
final class UsedTokens {
    /** One KB each. Of more processes than that in a day, some have made tokens that nobody can use. */
    static final int MAX_PROCESSES = 8;

    private static final class Origin {
        final UsedSerials serials = new UsedSerials();
        long newestNs;
    }

    private final Map<Long, Origin> processes = new HashMap<>();
    private final long lifetimeNs;

    UsedTokens(long lifetimeNs) {
        this.lifetimeNs = lifetimeNs;
    }

    /**
     * Whether a token is used for the first time; it is used from now on.
     *
     * @param issuedNs when it was made: not longer ago than the lifetime
     */
    boolean firstUse(long process, long serial, long issuedNs, long nowNs) {
        @Nullable Origin known = processes.get(process);
        if (known == null) {
            if (processes.size() >= MAX_PROCESSES) {
                // Where all that were used are too old by now, none of them can be used a second time.
                processes.values().removeIf(each -> nowNs - each.newestNs > lifetimeNs);
            }
            if (processes.size() >= MAX_PROCESSES) {
                return false;
            }
            known = new Origin();
            known.newestNs = issuedNs;
            processes.put(process, known);
        }
        if (issuedNs - known.newestNs > 0) {
            known.newestNs = issuedNs;
        }
        return known.serials.firstUse(serial);
    }
}
