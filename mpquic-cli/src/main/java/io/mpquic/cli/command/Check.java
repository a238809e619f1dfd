package io.mpquic.cli.command;

import io.mpquic.cli.config.ConfigException;
import io.mpquic.cli.config.ConfigSet;
import io.mpquic.cli.config.LoadedConfig;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
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
        header = "Check configuration files.",
        description = {
            "",
            "Reads each file, the certificates and keys that it names, and looks for its interfaces. Prints OK, or"
                    + " everything that is wrong with file, line and remedy. What may be right by the time the tunnel"
                    + " starts, such as an interface that is missing now, is a warning.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:the files will do; there may be warnings", "2:one will not"},
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
        PrintWriter err = spec.commandLine().getErr();
        List<LoadedConfig> loaded;
        try {
            loaded = ConfigSet.load(config.required(spec));
        } catch (ConfigException e) {
            Instances.print(e, err);
            return ExitCode.USAGE;
        }
        List<String> errors = new ArrayList<>();
        for (LoadedConfig each : loaded) {
            each.warnings().forEach(warning -> err.println("warning: " + warning));
            Surroundings.examine(
                    each.config(),
                    error -> errors.add(each.file() + ": " + error),
                    warning -> err.println("warning: " + warning));
        }
        errors.forEach(error -> err.println("error: " + error));
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
