package io.mpquic.tun;

import java.util.ArrayDeque;
import java.util.Deque;

/** Undoes the steps of an opening that fails half-way, last step first. */
final class Rollback implements AutoCloseable {
    private final Deque<Runnable> steps = new ArrayDeque<>();

    /** Remembers how to undo the step just done. */
    void undoWith(Runnable step) {
        steps.push(step);
    }

    /** All went well: nothing is undone. */
    void keep() {
        steps.clear();
    }

    @Override
    public void close() {
        steps.forEach(Runnable::run);
        steps.clear();
    }
}
