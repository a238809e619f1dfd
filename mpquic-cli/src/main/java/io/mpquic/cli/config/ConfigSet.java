package io.mpquic.cli.config;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The configuration files that one process runs, read as one: what is wrong with any of them is told together. */
public final class ConfigSet {
    private final List<LoadedConfig> loaded = new ArrayList<>();
    private final List<ConfigProblem> errors = new ArrayList<>();

    private ConfigSet() {}

    /**
     * Loads files, and of each directory those whose names end in {@code .yaml} or {@code .yml}, by name.
     *
     * @param given files and directories, at least one
     * @return one entry a file, in this order; each has a tunnel and, on a server, a socket of its own
     * @throws ConfigException when any file cannot be used, with everything that is wrong with all of them
     */
    public static List<LoadedConfig> load(List<Path> given) throws ConfigException {
        ConfigSet set = new ConfigSet();
        for (Path path : given) {
            if (Files.isDirectory(path)) {
                set.addDirectory(path);
            } else {
                set.add(path);
            }
        }
        if (set.errors.isEmpty()) {
            set.refuseClashes();
        }
        if (!set.errors.isEmpty()) {
            throw new ConfigException(set.errors);
        }
        return List.copyOf(set.loaded);
    }

    private void addDirectory(Path directory) {
        Problems problems = new Problems(directory);
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, "*.{yaml,yml}")) {
            entries.forEach(found::add);
        } catch (IOException | DirectoryIteratorException e) {
            problems.error("the directory cannot be read: " + e.getMessage(), "give this user the right to read it");
        }
        if (found.isEmpty() && problems.isEmpty()) {
            problems.error("there is no *.yaml in this directory", "put one file for each tunnel there");
        }
        found.sort(null);
        found.forEach(this::add);
        collect(problems);
    }

    private void add(Path file) {
        try {
            loaded.add(ConfigLoader.load(file));
        } catch (ConfigException e) {
            errors.addAll(e.problems());
        }
    }

    /** Two tunnels cannot share an interface, nor two servers a socket. */
    private void refuseClashes() {
        Map<String, Path> tunNames = new HashMap<>();
        Map<String, Path> sockets = new HashMap<>();
        for (LoadedConfig each : loaded) {
            Path file = each.file();
            InstanceConfig config = each.config();
            refuseSecond(ConfigKey.TUN_NAME, config.tunName().value(), file, tunNames);
            if (config.side() instanceof Side.Server server) {
                String socket = config.bind() + " " + server.port().number();
                refuseSecond(ConfigKey.REMOTE_PORT, socket, file, sockets);
            }
        }
    }

    private void refuseSecond(ConfigKey key, String value, Path file, Map<String, Path> seen) {
        @Nullable Path first = seen.putIfAbsent(value, file);
        if (first != null) {
            // The place is wanted in this case only, so the file is read again for it.
            Problems problems = new Problems(file);
            String text = ConfigText.decode(ConfigText.read(file, problems), problems);
            new Values(YamlDocument.parse(text, problems), problems).error(key, first + " has the same");
            collect(problems);
        }
    }

    private void collect(Problems problems) {
        try {
            problems.throwIfAny();
        } catch (ConfigException e) {
            errors.addAll(e.problems());
        }
    }
}
