package io.mpquic.cli.config;

import java.nio.file.Path;
import java.util.List;

/**
 * A configuration file that can be used.
 *
 * @param file the file
 * @param config what it says
 * @param warnings what is doubtful in it, in the order of the lines
 */
public record LoadedConfig(Path file, InstanceConfig config, List<ConfigProblem> warnings) {

    /** Takes a copy of the warnings. */
    public LoadedConfig {
        warnings = List.copyOf(warnings);
    }
}
