package io.mpquic.cli.command;

import io.mpquic.cli.config.ConfigProblem;
import io.mpquic.cli.config.InstanceConfig;
import io.mpquic.cli.config.LoadedConfig;
import io.mpquic.cli.config.Side;
import io.mpquic.cli.log.Event;
import io.mpquic.cli.log.LineLog;
import io.mpquic.cli.service.ServiceReport;
import io.mpquic.dataplane.Tunnel;
import io.mpquic.quic.tls.CredentialException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Runs one end of one tunnel until it is told to stop. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        usageHelpAutoWidth = true,
        header = "Run one end of one tunnel.",
        description = {
            "",
            "Runs until SIGTERM or SIGINT, which end it within a second; the peer is told. A client connects again"
                    + " whenever its connection is lost. Logs one line an event on standard output. The command word"
                    + " may be left out: 'mpquic --config FILE' does the same.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it was told to stop",
            "1:it could not start, or failed while it ran",
            "2:the configuration is wrong"
        },
        footerHeading = "%nExamples:%n",
        footer = "  mpquic run --config /etc/mpquic/instances/1.yaml")
final class Run implements Callable<Integer> {
    private static final System.Logger LOGGER = System.getLogger(Run.class.getPackageName());

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOption config;

    @SuppressWarnings("NullAway.Init") // picocli sets the fields
    Run() {}

    @Override
    public Integer call() {
        return run(spec, config);
    }

    static int run(CommandSpec spec, ConfigOption option) {
        Optional<LoadedConfig> loaded = option.load(spec);
        if (loaded.isEmpty()) {
            return ExitCode.USAGE;
        }
        InstanceConfig config = loaded.get().config();
        LineLog.standardOutput().threshold(config.logLevel().threshold());
        for (ConfigProblem warning : loaded.get().warnings()) {
            warn(config, warning.toString());
        }
        LOGGER.log(Level.INFO, starting(config));
        switch (config.side()) {
            case Side.Client client -> Surroundings.missingIdentity(client).ifPresent(text -> warn(config, text));
            case Side.Server server -> Surroundings.openToAll(server).ifPresent(text -> warn(config, text));
        }
        return runTunnel(config);
    }

    private static int runTunnel(InstanceConfig config) {
        ServiceReport service = ServiceReport.of(config.name(), System.getenv(), LOGGER);
        Lifetime lifetime = new Lifetime(new TunnelLog(config.name(), LOGGER), service);
        try (Tunnel tunnel = Instance.of(config, lifetime)) {
            lifetime.endWithProcess(tunnel, service::stopping);
            tunnel.start();
            if (config.side() instanceof Side.Client) {
                service.clientStarts();
            }
            service.watch(tunnel);
            return lifetime.awaitEnd() ? ExitCode.OK : ExitCode.FAILED;
        } catch (CredentialException e) {
            fail(config, e);
            return ExitCode.USAGE;
        } catch (IOException e) {
            fail(config, e);
            return ExitCode.FAILED;
        } finally {
            lifetime.leaveExitCode();
        }
    }

    private static String starting(InstanceConfig config) {
        return Event.of("starting")
                .with("instance", config.name())
                .with("role", config.side() instanceof Side.Client ? "client" : "server")
                .with("bind", config.bind())
                .with("tun", config.tunName())
                .with("version", Version.number())
                .toString();
    }

    private static void warn(InstanceConfig config, String text) {
        LOGGER.log(
                Level.WARNING,
                Event.of("warning")
                        .with("instance", config.name())
                        .with("text", text)
                        .toString());
    }

    private static void fail(InstanceConfig config, IOException cause) {
        LOGGER.log(
                Level.ERROR,
                Event.of("failed")
                        .with("instance", config.name())
                        .with("cause", String.valueOf(cause.getMessage()))
                        .toString());
    }
}
