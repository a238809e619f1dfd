package io.mpquic.tun;

import io.mpquic.tun.ffi.TunRequests;
import java.util.function.IntUnaryOperator;

/** What is left to the program of checksums and segmentation, as bits of TUNSETOFFLOAD. */
final class OffloadBits {
    /** Nothing is: plain packets. */
    static final int NONE = 0;

    private static final int TCP = TunRequests.TUN_F_CSUM | TunRequests.TUN_F_TSO4 | TunRequests.TUN_F_TSO6;
    private static final int UDP = TunRequests.TUN_F_USO4 | TunRequests.TUN_F_USO6;

    private OffloadBits() {}

    /**
     * Asks a driver for as much as it knows.
     *
     * @param set what TUNSETOFFLOAD says to some bits: 0, or the negated errno
     * @return the bits that it took, {@link #NONE} when there are none
     */
    static int agree(IntUnaryOperator set) {
        if (set.applyAsInt(TCP | UDP) >= 0) {
            return TCP | UDP;
        }
        // A driver refuses all when it does not know one of them.
        return set.applyAsInt(TCP) >= 0 ? TCP : NONE;
    }

    static boolean haveUdp(int bits) {
        return (bits & UDP) == UDP;
    }
}
