package io.mpquic.cli.command;

import io.mpquic.cli.config.ConfigException;
import io.mpquic.cli.config.ConfigProblem;
import io.mpquic.cli.config.ConfigSet;
import io.mpquic.cli.config.Crypto;
import io.mpquic.cli.config.InstanceConfig;
import io.mpquic.cli.config.LoadedConfig;
import io.mpquic.cli.config.Side;
import io.mpquic.cli.log.LineLog;
import io.mpquic.cli.service.ServiceReport;
import io.mpquic.cli.service.ServiceReports;
import io.mpquic.dataplane.Tunnel;
import io.mpquic.quic.tls.CredentialException;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Runs one end of each of some tunnels in this process. They share the code and nothing that can fail: one that cannot
 * start, or fails later, ends by itself, and the process ends with the last one.
 */
final class Instances {
    private static final System.Logger LOGGER = System.getLogger(Instances.class.getPackageName());

    private final ServiceReports reports;
    private final Lifetime lifetime;
    private final Authorities authorities = new Authorities();

    private Instances(ServiceReports reports, Lifetime lifetime) {
        this.reports = reports;
        this.lifetime = lifetime;
    }

    /**
     * Runs the tunnels until they are told to stop or the last one is over.
     *
     * @param given files and directories of configurations
     * @param err where faults of the configurations are printed; with one of them nothing is started
     * @return the exit code
     */
    static int run(List<Path> given, PrintWriter err) {
        List<LoadedConfig> loaded;
        try {
            loaded = ConfigSet.load(given);
        } catch (ConfigException e) {
            print(e, err);
            return ExitCode.USAGE;
        }
        return run(loaded, new Lifetime(loaded.size()));
    }

    /** As {@link #run(List, PrintWriter)}, of what is loaded already, until the lifetime is closed. */
    static int run(List<LoadedConfig> loaded, Lifetime lifetime) {
        List<String> names = new ArrayList<>();
        List<Level> levels = new ArrayList<>();
        for (LoadedConfig each : loaded) {
            names.add(each.config().name());
            levels.add(each.config().logLevel().threshold());
        }
        // The libraries below log for all of them; InstanceLog holds back what an instance does not want of its own.
        levels.sort(Comparator.comparingInt(Level::getSeverity));
        LineLog.standardOutput().threshold(levels.getFirst());
        ServiceReports reports = ServiceReports.of(names, System.getenv(), LOGGER);
        lifetime.endWithProcess(reports::stopping);
        try {
            Instances instances = new Instances(reports, lifetime);
            lookForLibraries(loaded);
            loaded.forEach(instances::start);
            return lifetime.awaitEnd();
        } finally {
            lifetime.close();
            lifetime.leaveExitCode();
        }
    }

    /** Finding and trying a library takes as long as reading certificates, and is done beside it. */
    private static void lookForLibraries(List<LoadedConfig> loaded) {
        for (LoadedConfig each : loaded) {
            Crypto crypto = each.config().packetPath().crypto();
            if (crypto != Crypto.JDK) {
                // Whoever needs it waits for this search, or makes it.
                Thread.ofPlatform().name("mpquic-prepare").daemon().start(crypto::provider);
                return;
            }
        }
    }

    static void print(ConfigException e, PrintWriter err) {
        for (ConfigProblem problem : e.problems()) {
            err.println("error: " + problem);
        }
        err.flush();
    }

    private void start(LoadedConfig loaded) {
        InstanceConfig config = loaded.config();
        InstanceLog log = new InstanceLog(config.name(), config.logLevel().threshold(), LOGGER);
        ServiceReport report = reports.instance(config.name());
        for (ConfigProblem warning : loaded.warnings()) {
            log.warn(warning.toString());
        }
        log.starting(config);
        if (config.side() instanceof Side.Client client) {
            Surroundings.missingIdentity(client).ifPresent(log::warn);
        } else if (config.side() instanceof Side.Server server) {
            Surroundings.openToAll(server).ifPresent(log::warn);
        }
        Tunnel running;
        try {
            Tunnel tunnel =
                    Instance.of(config, authorities, lifetime.listener(new TunnelLog(config.name(), log), report));
            tunnel.start();
            running = tunnel;
        } catch (CredentialException e) {
            fail(e, log, report, ExitCode.USAGE);
            return;
        } catch (IOException | RuntimeException e) {
            // Of a defect too only this instance dies.
            fail(e, log, report, ExitCode.FAILED);
            return;
        }
        lifetime.add(running);
        report.watch(running);
        if (config.side() instanceof Side.Client) {
            report.clientStarts();
        }
    }

    private void fail(Exception cause, InstanceLog log, ServiceReport report, int code) {
        log.fail(cause);
        report.failed();
        lifetime.ended(code);
    }
}
