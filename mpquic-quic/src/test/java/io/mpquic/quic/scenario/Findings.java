package io.mpquic.quic.scenario;

import org.jspecify.annotations.Nullable;

/** The first breach of an invariant: later ones usually follow from it. */
final class Findings {
    /** A breach, in words. */
    record Finding(Invariant invariant, String words) {}

    private @Nullable Finding first;

    void report(Invariant invariant, String words) {
        if (first == null) {
            first = new Finding(invariant, words);
        }
    }

    void check(boolean holds, Invariant invariant, String words) {
        if (!holds) {
            report(invariant, words);
        }
    }

    @Nullable Finding first() {
        return first;
    }
}
