package io.mpquic.cli.config;

import java.nio.file.Path;

/**
 * Where TLS secrets are written to.
 *
 * @param file the file; whether it can be written to is known when the instance starts
 * @param place where the configuration says so, for messages: {@code file:line:column: key}
 */
public record KeyLogTarget(Path file, String place) {}
