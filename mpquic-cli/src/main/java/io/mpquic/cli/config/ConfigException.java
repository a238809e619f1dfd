package io.mpquic.cli.config;

import java.util.List;
import java.util.stream.Collectors;

/** A configuration file cannot be used. Carries every problem found, in the order of the lines. */
public final class ConfigException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<ConfigProblem> problems;

    ConfigException(List<ConfigProblem> problems) {
        super(problems.stream().map(ConfigProblem::toString).collect(Collectors.joining(System.lineSeparator())));
        if (problems.isEmpty()) {
            throw new IllegalArgumentException("no problem");
        }
        this.problems = List.copyOf(problems);
    }

    /** What is wrong with the file; at least one entry. */
    public List<ConfigProblem> problems() {
        return problems;
    }
}
