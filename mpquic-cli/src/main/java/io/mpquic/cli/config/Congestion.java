package io.mpquic.cli.config;

import io.mpquic.quic.congestion.CongestionAlgorithm;
import java.util.Locale;

/** The value of {@code congestion}. */
public enum Congestion {
    /** CUBIC (RFC 9438). */
    CUBIC(CongestionAlgorithm.CUBIC),
    /** NewReno (RFC 9002 §7). */
    NEWRENO(CongestionAlgorithm.NEW_RENO),
    /** BBR version 3. */
    BBR(CongestionAlgorithm.BBR);

    private final CongestionAlgorithm algorithm;

    Congestion(CongestionAlgorithm algorithm) {
        this.algorithm = algorithm;
    }

    /** The algorithm that is meant. */
    public CongestionAlgorithm algorithm() {
        return algorithm;
    }

    static Congestion parse(String text) {
        for (Congestion each : values()) {
            if (each.name().toLowerCase(Locale.ROOT).equals(text)) {
                return each;
            }
        }
        throw new IllegalArgumentException(Problems.quote(text) + " is not a congestion control algorithm");
    }
}
