package io.mpquic.cli.config;

import java.util.regex.Pattern;

/**
 * A UDP port that can be sent to.
 *
 * @param number 1 to 65535
 */
public record Port(int number) {
    private static final int MAX = 65535;
    private static final Pattern DIGITS = Pattern.compile("[0-9]{1,9}");

    /** Refuses what is not a port. */
    public Port {
        if (number < 1 || number > MAX) {
            throw new IllegalArgumentException(number + " is not a port");
        }
    }

    static Port parse(String text) {
        if (!DIGITS.matcher(text).matches()) {
            throw new IllegalArgumentException(Problems.quote(text) + " is not a port");
        }
        return new Port(Integer.parseInt(text));
    }

    @Override
    public String toString() {
        return Integer.toString(number);
    }
}
