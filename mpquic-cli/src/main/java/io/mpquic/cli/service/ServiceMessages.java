package io.mpquic.cli.service;

import io.mpquic.cli.log.Event;
import java.io.IOException;
import java.lang.System.Logger.Level;

/**
 * Messages to the service manager. One that does not get through is logged, once for all, and ends nothing; what it said
 * of readiness and status is said again with the next. Thread-safe.
 */
final class ServiceMessages {

    /** Where messages go. */
    @FunctionalInterface
    interface Channel {
        void send(String message) throws IOException;
    }

    private final String instance;
    private final Channel channel;
    private final System.Logger logger;
    private boolean ready;
    private boolean readySent;
    private String status = "";
    private String statusSent = "";
    private boolean failed;

    ServiceMessages(String instance, Channel channel, System.Logger logger) {
        this.instance = instance;
        this.channel = channel;
        this.logger = logger;
    }

    /**
     * Says how things are.
     *
     * @param line the status
     * @param isReady whether the service has started; once it has, it stays so
     */
    synchronized void status(String line, boolean isReady) {
        status = line;
        ready |= isReady;
        send("");
    }

    /** Says that the service has started, whatever its status. */
    synchronized void ready() {
        ready = true;
        send("");
    }

    /** Says that the service is alive. */
    synchronized void alive() {
        send("WATCHDOG=1\n");
    }

    /** Says that the service ends. */
    synchronized void stopping() {
        send("STOPPING=1\n");
    }

    private void send(String more) {
        StringBuilder message = new StringBuilder();
        if (ready && !readySent) {
            message.append("READY=1\n");
        }
        if (!status.equals(statusSent)) {
            message.append("STATUS=").append(status).append('\n');
        }
        message.append(more);
        if (message.isEmpty()) {
            return;
        }
        try {
            channel.send(message.toString());
            readySent = ready;
            statusSent = status;
        } catch (IOException e) {
            if (!failed) {
                failed = true;
                logger.log(
                        Level.WARNING,
                        Event.of("warning")
                                .with("instance", instance)
                                .with("text", "the service manager cannot be told: " + e.getMessage())
                                .toString());
            }
        }
    }
}
