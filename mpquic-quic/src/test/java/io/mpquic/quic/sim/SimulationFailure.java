package io.mpquic.quic.sim;

import org.jspecify.annotations.Nullable;

/** A failure whose message names the seed already. */
final class SimulationFailure extends AssertionError {
    private static final long serialVersionUID = 1;

    SimulationFailure(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
