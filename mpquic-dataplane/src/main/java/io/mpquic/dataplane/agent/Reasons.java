package io.mpquic.dataplane.agent;

import java.io.IOException;

/** Words for what went wrong. */
final class Reasons {
    private Reasons() {}

    /** The message of an exception, or its kind when it has none. */
    static String of(IOException e) {
        String message = e.getMessage();
        return message == null || message.isEmpty() ? e.getClass().getSimpleName() : message;
    }
}
