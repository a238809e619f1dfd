package io.mpquic.cli.command;

import io.mpquic.cli.config.ConfigException;
import io.mpquic.cli.config.ConfigLoader;
import io.mpquic.cli.config.ConfigProblem;
import io.mpquic.cli.config.LoadedConfig;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The option that names the configuration file. */
final class ConfigOption {

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "The configuration file of one end of one tunnel, in YAML.")
    private @Nullable Path file;

    /** The file. */
    Path requiredFile(CommandSpec spec) {
        if (file == null) {
            throw new ParameterException(
                    spec.commandLine(),
                    "Which configuration file? Write --config FILE, such as deploy/config/client/1.yaml");
        }
        return file;
    }

    /** Loads the file; empty when it cannot be used, which is then printed. */
    Optional<LoadedConfig> load(CommandSpec spec) {
        PrintWriter err = spec.commandLine().getErr();
        try {
            return Optional.of(ConfigLoader.load(requiredFile(spec)));
        } catch (ConfigException e) {
            for (ConfigProblem problem : e.problems()) {
                err.println("error: " + problem);
            }
            err.flush();
            return Optional.empty();
        }
    }
}
