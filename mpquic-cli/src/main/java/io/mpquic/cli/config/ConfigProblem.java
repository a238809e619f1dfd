package io.mpquic.cli.config;

import java.nio.file.Path;
import java.util.Objects;

/**
 * One thing that is wrong, or doubtful, in a configuration file.
 *
 * @param file the file it is in
 * @param line where, counted from 1; 1 for a fault of the file as a whole
 * @param column where in the line, in code points counted from 1
 * @param key the key it belongs to; empty for a fault of the file as a whole
 * @param message what is wrong
 * @param remedy what to do about it
 */
public record ConfigProblem(Path file, int line, int column, String key, String message, String remedy) {

    /** Refuses a place outside every file. */
    public ConfigProblem {
        Objects.requireNonNull(file);
        if (line < 1 || column < 1) {
            throw new IllegalArgumentException("line " + line + ", column " + column);
        }
    }

    /** One line for the operator, in the form that editors and compilers use: {@code file:line:column: text}. */
    @Override
    public String toString() {
        String subject = key.isEmpty() ? "" : key + ": ";
        return file + ":" + line + ":" + column + ": " + subject + message + "; " + remedy;
    }
}
