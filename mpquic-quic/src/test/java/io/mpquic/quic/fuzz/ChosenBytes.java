package io.mpquic.quic.fuzz;

import java.util.random.RandomGenerator;

/**
 * A source of decisions that a fuzzer steers: each decision takes as few bytes of the input as it needs, so that a
 * changed byte changes one decision. When the input is used up, every decision is 0.
 */
public final class ChosenBytes implements RandomGenerator {
    private final byte[] input;
    private int at;

    /** Decisions from these bytes. */
    public ChosenBytes(byte[] input) {
        this.input = input.clone();
    }

    /** Whether nothing is left of the input. */
    public boolean isUsedUp() {
        return at >= input.length;
    }

    private int nextByte() {
        return isUsedUp() ? 0 : input[at++] & 0xff;
    }

    @Override
    public int nextInt(int bound) {
        int value = nextByte();
        for (long range = 256; range < bound; range <<= 8) {
            value = value << 8 | nextByte();
        }
        return Integer.remainderUnsigned(value, bound);
    }

    @Override
    public boolean nextBoolean() {
        return (nextByte() & 1) != 0;
    }

    @Override
    public int nextInt() {
        return (int) nextLong();
    }

    @Override
    public long nextLong() {
        long value = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            value = value << 8 | nextByte();
        }
        return value;
    }

    @Override
    public void nextBytes(byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) nextByte();
        }
    }
}
