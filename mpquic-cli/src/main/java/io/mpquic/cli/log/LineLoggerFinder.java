package io.mpquic.cli.log;

import java.text.MessageFormat;
import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;

/** Gives every {@link System.Logger} of the process to {@link LineLog}. Found by {@link java.util.ServiceLoader}. */
public final class LineLoggerFinder extends System.LoggerFinder {
    /** What the program's own classes are called by. Others, such as the JDK's, are only heard when they warn. */
    private static final String OWN = "io.mpquic";

    /** Made by the service loader. */
    public LineLoggerFinder() {}

    @Override
    public System.Logger getLogger(String name, @Nullable Module module) {
        return new LineLogger(name, LineLog.standardOutput());
    }

    /** One name's view of the log. */
    record LineLogger(String name, LineLog log) implements System.Logger {

        @Override
        public String getName() {
            return name;
        }

        @Override
        public boolean isLoggable(Level level) {
            boolean heard = name.startsWith(OWN) || level.getSeverity() >= Level.WARNING.getSeverity();
            return heard && log.writes(level);
        }

        @Override
        public void log(
                Level level, @Nullable ResourceBundle bundle, @Nullable String message, @Nullable Throwable thrown) {
            if (!isLoggable(level)) {
                return;
            }
            String text = firstLine(String.valueOf(message));
            log.write(
                    level,
                    thrown == null ? text : Event.of(text).with("cause", thrown).toString());
        }

        @Override
        public void log(
                Level level, @Nullable ResourceBundle bundle, @Nullable String format, @Nullable Object... params) {
            if (!isLoggable(level)) {
                return;
            }
            boolean plain = format == null || params == null || params.length == 0;
            log.write(level, firstLine(plain ? String.valueOf(format) : MessageFormat.format(format, params)));
        }

        /** An event is one line, whoever logs it. */
        private static String firstLine(String text) {
            return text.lines().findFirst().orElse("");
        }
    }
}
