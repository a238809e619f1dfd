package io.mpquic.cli.command;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The command lines that start tunnels, read without picocli: its classes are too old for the JVM's caches and would take
 * a third of the time from the start to the first packet, and two megabytes of every daemon. Whatever is not exactly such
 * a command line, help and mistakes among them, is left to picocli.
 */
final class RunWords {
    private RunWords() {}

    /** The files of {@code [run] --config FILE ...}; null for any other command line. */
    static @Nullable List<Path> files(String... words) {
        List<Path> files = new ArrayList<>();
        int next = words.length > 0 && words[0].equals("run") ? 1 : 0;
        while (next < words.length) {
            String word = words[next++];
            String file;
            if (word.startsWith("--config=")) {
                file = word.substring("--config=".length());
            } else if ((word.equals("--config") || word.equals("-c")) && next < words.length) {
                file = words[next++];
            } else {
                return null;
            }
            // A value in quotes, an empty one, or an option where one is missing: picocli knows what to do or say.
            if (file.isEmpty() || file.startsWith("-") || file.startsWith("\"") || file.startsWith("@")) {
                return null;
            }
            try {
                files.add(Path.of(file));
            } catch (InvalidPathException e) {
                return null;
            }
        }
        return files.isEmpty() ? null : files;
    }
}
