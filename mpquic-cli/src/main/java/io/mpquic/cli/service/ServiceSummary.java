package io.mpquic.cli.service;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * What the instances of a process come to, because the service manager knows of one service only: it is ready when each
 * instance is, its status tells of each that is not up, and it is alive when each instance is. An instance that is over
 * holds nothing up. With a single instance all is as that one says.
 *
 * <pre>
 *   instances=6 up=4; mpq2 connecting remote=vps.example.net:45002 attempt=2; mpq5 failed
 * </pre>
 *
 * <p>Thread-safe.
 */
final class ServiceSummary {
    private final ServiceMessages messages;
    private final List<Part> parts = new ArrayList<>();

    ServiceSummary(ServiceMessages messages) {
        this.messages = messages;
    }

    /** One instance's part in it. */
    final class Part {
        private final String instance;
        private String status = "starting";
        private boolean ready;
        private boolean alive;
        private boolean over;

        private Part(String instance) {
            this.instance = instance;
        }

        /** See {@link ServiceMessages#status}. */
        void status(String line, boolean isReady) {
            synchronized (ServiceSummary.this) {
                status = line;
                ready |= isReady;
                tell();
            }
        }

        /** The instance counts as started, whatever its status. */
        void ready() {
            synchronized (ServiceSummary.this) {
                ready = true;
                tell();
            }
        }

        /** The instance is alive. */
        void alive() {
            synchronized (ServiceSummary.this) {
                alive = true;
                if (all(part -> part.alive || part.over)) {
                    parts.forEach(part -> part.alive = false);
                    messages.alive();
                }
            }
        }

        /** The instance is over; the others go on. */
        void over(String line) {
            synchronized (ServiceSummary.this) {
                status = line;
                over = true;
                tell();
            }
        }
    }

    /** Adds an instance. All are added before the first one says something. */
    synchronized Part add(String instance) {
        Part part = new Part(instance);
        parts.add(part);
        return part;
    }

    private boolean all(Predicate<Part> condition) {
        return parts.stream().allMatch(condition);
    }

    private void tell() {
        boolean isOver = all(part -> part.over);
        messages.status(text(), !isOver && all(part -> part.ready || part.over));
    }

    private String text() {
        if (parts.size() == 1) {
            return parts.getFirst().status;
        }
        int up = 0;
        StringBuilder others = new StringBuilder();
        for (Part part : parts) {
            if (!part.over && part.status.startsWith("up ")) {
                up++;
            } else {
                others.append("; ").append(part.instance).append(' ').append(part.status);
            }
        }
        return "instances=" + parts.size() + " up=" + up + others;
    }
}
