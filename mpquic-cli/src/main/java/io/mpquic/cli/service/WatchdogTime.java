package io.mpquic.cli.service;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;

/** How often the service manager expects a sign of life: see sd_watchdog_enabled(3). */
final class WatchdogTime {
    private WatchdogTime() {}

    /** The time in the environment; zero when there is none, it makes no sense, or it is meant for another process. */
    static Duration of(Map<String, String> environment, long pid) {
        String forPid = environment.getOrDefault("WATCHDOG_PID", "");
        long micros = number(environment.getOrDefault("WATCHDOG_USEC", ""));
        boolean forUs = forPid.isEmpty() || number(forPid) == pid;
        return forUs && micros > 0 ? Duration.of(micros, ChronoUnit.MICROS) : Duration.ZERO;
    }

    private static long number(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
