package io.mpquic.cli.command;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The option that names the configuration files. */
final class ConfigOption {

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "The configuration file of one end of one tunnel, in YAML. Several of them, or a directory"
                    + " with *.yaml files, stand for as many tunnels in one process.")
    private List<Path> files = new ArrayList<>();

    /** The files and directories, at least one. */
    List<Path> required(CommandSpec spec) {
        if (files.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "Which configuration file? Write --config FILE, such as deploy/config/client/1.yaml");
        }
        return files;
    }
}
