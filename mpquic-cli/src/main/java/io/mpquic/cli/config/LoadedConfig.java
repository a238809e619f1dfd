package io.mpquic.cli.config;

import java.util.List;

/**
 * A configuration file that can be used.
 *
 * @param config what it says
 * @param warnings what is doubtful in it, in the order of the lines
 */
public record LoadedConfig(InstanceConfig config, List<ConfigProblem> warnings) {

    /** Takes a copy of the warnings. */
    public LoadedConfig {
        warnings = List.copyOf(warnings);
    }
}
