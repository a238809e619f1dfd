package io.mpquic.cli.command;

import io.mpquic.cli.config.InstanceConfig;
import io.mpquic.cli.config.Side;
import io.mpquic.cli.log.Event;
import java.lang.System.Logger.Level;

/** The lines of one instance that are not events of its tunnel. Thread-safe. */
final class InstanceLog {
    private final String instance;
    private final Level least;
    private final System.Logger logger;

    /**
     * Creates a log.
     *
     * @param least the least severe level that this instance wants to see
     */
    InstanceLog(String instance, Level least, System.Logger logger) {
        this.instance = instance;
        this.least = least;
        this.logger = logger;
    }

    /** Writes a line, unless the instance does not want its level. */
    void write(Level level, String line) {
        if (level.getSeverity() >= least.getSeverity()) {
            logger.log(level, line);
        }
    }

    void starting(InstanceConfig config) {
        write(
                Level.INFO,
                Event.of("starting")
                        .with("instance", instance)
                        .with("role", config.side() instanceof Side.Client ? "client" : "server")
                        .with("bind", config.bind())
                        .with("tun", config.tunName())
                        .with("version", ProgramVersion.number())
                        .toString());
    }

    void warn(String text) {
        write(
                Level.WARNING,
                Event.of("warning")
                        .with("instance", instance)
                        .with("text", text)
                        .toString());
    }

    void fail(Throwable cause) {
        String message = cause.getMessage();
        write(
                Level.ERROR,
                Event.of("failed")
                        .with("instance", instance)
                        .with("cause", message == null ? cause.toString() : message)
                        .toString());
    }
}
