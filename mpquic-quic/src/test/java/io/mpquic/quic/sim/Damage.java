package io.mpquic.quic.sim;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * How the bytes of datagrams change on the way: one kind of damage a datagram, with these probabilities.
 *
 * @param flip one to three bits flip
 * @param truncate the end is cut off, at least one byte, and at least one byte stays
 * @param append 1 to 64 random bytes come on top
 */
public record Damage(double flip, double truncate, double append) {
    static final Damage NONE = new Damage(0, 0, 0);

    private static final int MOST_APPENDED_BYTES = 64;
    private static final int MOST_FLIPS = 3;

    public Damage {
        LossModel.requireProbability(flip);
        LossModel.requireProbability(truncate);
        LossModel.requireProbability(append);
        LossModel.requireProbability(flip + truncate + append);
    }

    /** The datagram as it arrives: the same array when nothing happened to it. */
    byte[] apply(byte[] datagram, SplittableRandom random) {
        if (datagram.length == 0 || flip + truncate + append == 0) {
            return datagram;
        }
        double drawn = random.nextDouble();
        if (drawn < flip) {
            return flipped(datagram, random);
        }
        if (drawn < flip + truncate) {
            return datagram.length == 1 ? datagram : Arrays.copyOf(datagram, 1 + random.nextInt(datagram.length - 1));
        }
        if (drawn < flip + truncate + append) {
            byte[] extra = new byte[1 + random.nextInt(MOST_APPENDED_BYTES)];
            random.nextBytes(extra);
            byte[] longer = Arrays.copyOf(datagram, datagram.length + extra.length);
            System.arraycopy(extra, 0, longer, datagram.length, extra.length);
            return longer;
        }
        return datagram;
    }

    private static byte[] flipped(byte[] datagram, SplittableRandom random) {
        byte[] damaged = datagram.clone();
        // Bits apart from each other, so that no two flips cancel out.
        int bits = 8 * damaged.length;
        int first = random.nextInt(bits);
        int flips = 1 + random.nextInt(MOST_FLIPS);
        for (int i = 0; i < flips; i++) {
            int bit = (first + i * (bits / MOST_FLIPS)) % bits;
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
        }
        return damaged;
    }
}
