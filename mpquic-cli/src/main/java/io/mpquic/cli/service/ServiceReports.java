package io.mpquic.cli.service;

import io.mpquic.tun.NotifySocket;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Tells the service manager how the tunnels of this process are. Thread-safe. */
public final class ServiceReports {
    private final ServiceMessages messages;
    private final Map<String, ServiceReport> reports = new HashMap<>();

    ServiceReports(
            List<String> instances,
            ServiceMessages messages,
            ServiceTimer timer,
            InstantSource clock,
            Duration watchdog,
            System.Logger logger) {
        this.messages = messages;
        ServiceSummary summary = new ServiceSummary(messages);
        for (String instance : instances) {
            reports.put(instance, new ServiceReport(instance, summary.add(instance), timer, clock, watchdog, logger));
        }
    }

    /**
     * Reports to the service manager that the environment names (NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID), or to
     * nobody.
     *
     * @param instances the names of the tunnels
     */
    public static ServiceReports of(List<String> instances, Map<String, String> environment, System.Logger logger) {
        String address = environment.getOrDefault("NOTIFY_SOCKET", "");
        String named = String.join(",", instances);
        if (address.isEmpty()) {
            ServiceMessages nobody = new ServiceMessages(named, message -> {}, logger);
            return new ServiceReports(instances, nobody, new NoTimer(), InstantSource.system(), Duration.ZERO, logger);
        }
        Duration watchdog = WatchdogTime.of(environment, ProcessHandle.current().pid());
        ServiceMessages messages = new ServiceMessages(named, channel(address), logger);
        return new ServiceReports(instances, messages, ServiceTimer.daemon(), InstantSource.system(), watchdog, logger);
    }

    private static ServiceMessages.Channel channel(String address) {
        try {
            // Open until the process ends: its last message comes from the shutdown hook.
            return NotifySocket.open(address)::send;
        } catch (IOException e) {
            return message -> {
                throw e;
            };
        }
    }

    /** The report of one tunnel. */
    public ServiceReport instance(String name) {
        return Objects.requireNonNull(reports.get(name));
    }

    /** The process was told to stop. */
    public void stopping() {
        reports.values().forEach(ServiceReport::stopping);
        messages.stopping();
    }

    /** Without a service manager nothing has to be done later. */
    private static final class NoTimer implements ServiceTimer {
        @Override
        public void after(Duration delay, Runnable task) {}

        @Override
        public void every(Duration pause, Runnable task) {}
    }
}
