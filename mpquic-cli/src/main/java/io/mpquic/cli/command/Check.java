package io.mpquic.cli.command;

import io.mpquic.cli.config.LoadedConfig;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Tells whether a configuration file would do, without starting anything. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        usageHelpAutoWidth = true,
        header = "Check a configuration file.",
        description = {
            "",
            "Reads the file, the certificates and keys that it names, and looks for its interfaces. Prints OK, or"
                    + " everything that is wrong with file, line and remedy. What may be right by the time the tunnel"
                    + " starts, such as an interface that is missing now, is a warning.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:the file will do; there may be warnings", "2:it will not"},
        footerHeading = "%nExamples:%n",
        footer = "  mpquic check --config /etc/mpquic/instances/1.yaml")
final class Check implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOption config;

    @SuppressWarnings("NullAway.Init") // picocli sets the fields
    Check() {}

    @Override
    public Integer call() {
        Optional<LoadedConfig> loaded = config.load(spec);
        if (loaded.isEmpty()) {
            return ExitCode.USAGE;
        }
        PrintWriter err = spec.commandLine().getErr();
        loaded.get().warnings().forEach(warning -> err.println("warning: " + warning));
        List<String> errors = new ArrayList<>();
        Surroundings.examine(loaded.get().config(), errors::add, warning -> err.println("warning: " + warning));
        errors.forEach(error -> err.println("error: " + config.requiredFile(spec) + ": " + error));
        err.flush();
        if (!errors.isEmpty()) {
            return ExitCode.USAGE;
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println("OK");
        out.flush();
        return ExitCode.OK;
    }
}
