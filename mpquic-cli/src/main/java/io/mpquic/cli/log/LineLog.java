package io.mpquic.cli.log;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;

/**
 * Where the lines go: one {@code println} an event, so that lines of several threads do not mix. Thread-safe.
 *
 * <p>Under systemd the environment holds {@code JOURNAL_STREAM}. The journal stamps the time itself, and reads a number
 * in angle brackets at the start of a line as its priority (sd-daemon(3)).
 */
public final class LineLog {
    private static final LineLog STANDARD_OUTPUT = new LineLog(
            new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8),
            System.getenv("JOURNAL_STREAM") != null,
            InstantSource.system());

    private final PrintStream out;
    private final boolean journal;
    private final InstantSource clock;
    private volatile Level threshold = Level.INFO;

    LineLog(PrintStream out, boolean journal, InstantSource clock) {
        this.out = out;
        this.journal = journal;
        this.clock = clock;
    }

    /** The log of this process. */
    public static LineLog standardOutput() {
        return STANDARD_OUTPUT;
    }

    /** Sets the least severe level that is written. */
    public void threshold(Level least) {
        threshold = least;
    }

    boolean writes(Level level) {
        return level != Level.OFF && level.getSeverity() >= threshold.getSeverity();
    }

    void write(Level level, String event) {
        StringBuilder line = new StringBuilder(event.length() + 40);
        if (journal) {
            line.append('<').append(priority(level)).append('>');
        } else {
            Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
            String stamp = now.toString();
            // Instant leaves zeros out; columns of equal width are easier to read.
            line.append(stamp.length() == 20 ? stamp.replace("Z", ".000Z") : stamp)
                    .append(' ');
        }
        out.println(line.append(level).append(' ').append(event));
    }

    private static int priority(Level level) {
        return switch (level) {
            case ERROR -> 3;
            case WARNING -> 4;
            case INFO -> 6;
            case ALL, TRACE, DEBUG, OFF -> 7;
        };
    }
}
