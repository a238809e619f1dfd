package io.mpquic.cli.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects what is wrong with one file while its reading goes on. */
final class Problems {
    private static final int LONGEST_QUOTE = 100;
    private static final Comparator<ConfigProblem> BY_PLACE =
            Comparator.comparingInt(ConfigProblem::line).thenComparingInt(ConfigProblem::column);

    private final Path file;
    private final List<ConfigProblem> errors = new ArrayList<>();
    private final List<ConfigProblem> warnings = new ArrayList<>();

    Problems(Path file) {
        this.file = file;
    }

    void error(int line, int column, String key, String message, String remedy) {
        errors.add(new ConfigProblem(file, line, column, key, message, remedy));
    }

    /** A fault of the file as a whole, which has no better place than its beginning. */
    void error(String message, String remedy) {
        error(1, 1, "", message, remedy);
    }

    void warning(int line, int column, String key, String message, String remedy) {
        warnings.add(new ConfigProblem(file, line, column, key, message, remedy));
    }

    List<ConfigProblem> warnings() {
        return warnings.stream().sorted(BY_PLACE).toList();
    }

    void throwIfAny() throws ConfigException {
        if (!errors.isEmpty()) {
            throw new ConfigException(errors.stream().sorted(BY_PLACE).toList());
        }
    }

    /** The text as it may stand in a message: short, on one line, nothing that steers a terminal. */
    static String quote(String text) {
        StringBuilder quoted = new StringBuilder("'");
        text.codePoints().limit(LONGEST_QUOTE).forEach(c -> {
            boolean visible =
                    c >= ' ' && c != 0x7f && !(c >= 0x80 && c < 0xa0) && Character.getType(c) != Character.FORMAT;
            quoted.appendCodePoint(visible ? c : '?');
        });
        if (text.codePointCount(0, text.length()) > LONGEST_QUOTE) {
            quoted.append("...");
        }
        return quoted.append('\'').toString();
    }
}
