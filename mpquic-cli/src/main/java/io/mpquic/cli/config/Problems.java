package io.mpquic.cli.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects what is wrong with one file while its reading goes on. */
final class Problems {
    private static final int LONGEST_QUOTE = 100;
    private static final int LONGEST_MESSAGE = 300;
    private static final Comparator<ConfigProblem> BY_PLACE =
            Comparator.comparingInt(ConfigProblem::line).thenComparingInt(ConfigProblem::column);

    private final Path file;
    private final List<ConfigProblem> errors = new ArrayList<>();
    private final List<ConfigProblem> warnings = new ArrayList<>();

    Problems(Path file) {
        this.file = file;
    }

    /** What is read. */
    Path file() {
        return file;
    }

    void error(int line, int column, String key, String message, String remedy) {
        errors.add(new ConfigProblem(file, line, column, key, visible(message, LONGEST_MESSAGE), remedy));
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

    boolean isEmpty() {
        return errors.isEmpty() && warnings.isEmpty();
    }

    void throwIfAny() throws ConfigException {
        if (!errors.isEmpty()) {
            throw new ConfigException(errors.stream().sorted(BY_PLACE).toList());
        }
    }

    /** The text as it may stand in a message, in quotes. */
    static String quote(String text) {
        return "'" + visible(text, LONGEST_QUOTE) + "'";
    }

    /** The text cut short, on one line, and without anything that steers a terminal. */
    static String visible(String text, int longest) {
        StringBuilder visible = new StringBuilder();
        text.codePoints().limit(longest).forEach(c -> visible.appendCodePoint(isVisible(c) ? c : '?'));
        if (text.codePointCount(0, text.length()) > longest) {
            visible.append("...");
        }
        return visible.toString();
    }

    private static boolean isVisible(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.UNASSIGNED -> false;
            default -> true;
        };
    }
}
