package io.mpquic.cli.config;

import java.util.Locale;

/** How much an instance says. */
public enum LogLevel {
    /** Everything, for finding a fault. */
    DEBUG,
    /** Starts, stops and changes of a tunnel; the usual level. */
    INFO,
    /** Only what needs a hand. */
    ERROR;

    static LogLevel parse(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "debug" -> DEBUG;
            case "info" -> INFO;
            case "error" -> ERROR;
            default -> throw new IllegalArgumentException(Problems.quote(text) + " is not a log level");
        };
    }

    /** The least severe level that is written. */
    public System.Logger.Level threshold() {
        return switch (this) {
            case DEBUG -> System.Logger.Level.DEBUG;
            case INFO -> System.Logger.Level.INFO;
            case ERROR -> System.Logger.Level.ERROR;
        };
    }
}
