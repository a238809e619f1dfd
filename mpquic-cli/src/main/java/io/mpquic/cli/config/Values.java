package io.mpquic.cli.config;

import io.mpquic.cli.config.ForeignKey.Effect;
import io.mpquic.cli.config.YamlDocument.Entry;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a file, asked for by key and turned into values. An absent key and an empty value are the same. A value
 * that cannot be read is reported and then counts as absent.
 */
final class Values {
    private final Map<String, Entry> entries;
    private final Problems problems;

    Values(Map<String, Entry> entries, Problems problems) {
        this.entries = entries;
        this.problems = problems;
        entries.forEach(this::reportIfUnusable);
    }

    private void reportIfUnusable(String key, Entry entry) {
        boolean known = ConfigKey.named(key).isPresent();
        Optional<Effect> foreign = known ? Optional.empty() : ForeignKey.of(key, entry.text());
        if (known && !entry.scalar()) {
            problems.error(
                    entry.line(), entry.column(), key, "a list or mapping stands where one value belongs", remedy(key));
        } else if (foreign.isPresent()) {
            reportForeign(key, entry, foreign.get());
        } else if (!known) {
            String remedy = ConfigKey.nearest(key)
                    .map(nearest -> "did you mean " + nearest + "?")
                    .orElse("remove it; the README lists the keys");
            problems.error(
                    entry.keyLine(), entry.keyColumn(), YamlDocument.printable(key), "there is no such key", remedy);
        }
    }

    private void reportForeign(String key, Entry entry, Effect effect) {
        switch (effect) {
            case NONE -> {}
            case PASSED_OVER ->
                problems.warning(entry.keyLine(), entry.keyColumn(), key, "this key has no effect here", "remove it");
            case REFUSED ->
                problems.error(
                        entry.line(),
                        entry.column(),
                        key,
                        "this program has one QUIC connection a tunnel and sends packets as datagrams",
                        "remove the key and run one instance for each WAN");
        }
    }

    private static String remedy(String key) {
        return ConfigKey.named(key).map(ConfigKey::remedy).orElse("");
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    /** Whether the key is there with a value, be it a wrong one. */
    boolean has(ConfigKey key) {
        @Nullable Entry entry = entries.get(key.yamlName());
        return entry != null && (!entry.scalar() || !entry.text().isEmpty());
    }

    /** The value; empty when it is absent or was reported as wrong. */
    <T> Optional<T> optional(ConfigKey key, Function<String, T> parser) {
        @Nullable Entry entry = entries.get(key.yamlName());
        if (entry == null || !entry.scalar() || entry.text().isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(parser.apply(entry.text()));
        } catch (InvalidPathException e) {
            error(key, Problems.quote(entry.text()) + " is not a path");
        } catch (IllegalArgumentException e) {
            error(key, String.valueOf(e.getMessage()));
        }
        return Optional.empty();
    }

    /** The value; null when it is absent or wrong, which is then reported. */
    <T> @Nullable T mandatory(ConfigKey key, String why, Function<String, T> parser) {
        if (!has(key)) {
            error(key, "this key is missing" + why);
        }
        return optional(key, parser).orElse(null);
    }

    Optional<Path> path(ConfigKey key) {
        return optional(key, Path::of);
    }

    // The words are those that YAML 1.1 reads as booleans, which is what the Go program takes.
    boolean flag(ConfigKey key, boolean otherwise) {
        return optional(key, text -> switch (text.toLowerCase(Locale.ROOT)) {
                    case "true", "yes", "on", "y" -> true;
                    case "false", "no", "off", "n" -> false;
                    default -> throw new IllegalArgumentException(Problems.quote(text) + " is neither true nor false");
                })
                .orElse(otherwise);
    }

    /** Reports a fault at the value of a key, or at the beginning of the file when the key is not there. */
    void error(ConfigKey key, String message) {
        @Nullable Entry entry = entries.get(key.yamlName());
        problems.error(
                entry == null ? 1 : entry.line(),
                entry == null ? 1 : entry.column(),
                key.yamlName(),
                message,
                key.remedy());
    }

    /** Where a key's value stands, for messages about it that come later than the reading of the file. */
    String place(ConfigKey key) {
        @Nullable Entry entry = entries.get(key.yamlName());
        String position = entry == null ? "" : ":" + entry.line() + ":" + entry.column();
        return problems.file() + position + ": " + key.yamlName();
    }

    /** Reports something doubtful about a key, when it is there. */
    void warnIfPresent(ConfigKey key, String message, String remedy) {
        @Nullable Entry entry = entries.get(key.yamlName());
        if (entry != null && has(key)) {
            problems.warning(entry.line(), entry.column(), key.yamlName(), message, remedy);
        }
    }
}
