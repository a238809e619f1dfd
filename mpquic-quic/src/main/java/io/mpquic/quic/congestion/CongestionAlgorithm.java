package io.mpquic.quic.congestion;

import java.util.function.LongSupplier;

/** The controllers that come with this library. */
public enum CongestionAlgorithm implements CongestionController.Factory {
    /** RFC 9002 §7: simple, and the reference for others. */
    NEW_RENO {
        @Override
        public CongestionController create(int maxDatagramBytes, LongSupplier smoothedRttNs) {
            return new NewReno(maxDatagramBytes);
        }
    },
    /** RFC 9438: what most of the Internet's TCP uses. */
    CUBIC {
        @Override
        public CongestionController create(int maxDatagramBytes, LongSupplier smoothedRttNs) {
            return new Cubic(maxDatagramBytes, smoothedRttNs);
        }
    },
    /** BBR version 3: for links that lose packets by chance, such as radio. */
    BBR {
        @Override
        public CongestionController create(int maxDatagramBytes, LongSupplier smoothedRttNs) {
            return new Bbr(maxDatagramBytes);
        }
    }
}
