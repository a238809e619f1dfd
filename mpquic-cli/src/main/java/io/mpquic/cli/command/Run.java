package io.mpquic.cli.command;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Runs one end of a tunnel, or of several, until it is told to stop. {@link RunWords} is a short way to the same. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        usageHelpAutoWidth = true,
        header = "Run one end of one tunnel, or of several.",
        description = {
            "",
            "Runs until SIGTERM or SIGINT, which end it within a second; the peer is told. A client connects again"
                    + " whenever its connection is lost. Logs one line an event on standard output. The command word"
                    + " may be left out: 'mpquic --config FILE' does the same.",
            "",
            "With --config several times, or of a directory, one process runs all those tunnels. A fault in any file"
                    + " keeps all from starting. After that, a tunnel that cannot start or fails ends alone, with a"
                    + " line 'failed' in the log, and the process ends with the last one.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it was told to stop",
            "1:all tunnels are over, and one could not start or failed while it ran",
            "2:a configuration is wrong"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  mpquic run --config /etc/mpquic/instances/1.yaml",
            "  mpquic run --config 1.yaml --config 2.yaml",
            "  mpquic run --config /etc/mpquic/instances"
        })
final class Run implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOption config;

    @SuppressWarnings("NullAway.Init") // picocli sets the fields
    Run() {}

    @Override
    public Integer call() {
        return Instances.run(config.required(spec), spec.commandLine().getErr());
    }
}
