package io.mpquic.tun;

import java.nio.charset.StandardCharsets;

/**
 * A name that Linux accepts for a network interface.
 *
 * @param value 1 to 15 bytes of UTF-8 without white space, control characters, {@code /}, {@code :} or {@code %}; not
 *     {@code .} or {@code ..}
 */
public record InterfaceName(String value) {
    /** One less than IFNAMSIZ, which counts the terminating zero. */
    private static final int MAX_BYTES = 15;

    /**
     * Checks the name.
     *
     * @throws IllegalArgumentException when Linux would refuse it, or read it as a pattern
     */
    public InterfaceName {
        if (value.isEmpty()) {
            throw new IllegalArgumentException("an interface name must not be empty");
        }
        if (value.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            throw refused(value, "is longer than " + MAX_BYTES + " bytes");
        }
        if (value.equals(".") || value.equals("..")) {
            throw refused(value, "is the name of a directory");
        }
        value.codePoints().forEach(c -> {
            // The kernel takes "%d" for a pattern and picks a number; a colon marks an alias.
            if (c == '/' || c == ':' || c == '%') {
                throw refused(value, "contains '" + Character.toString(c) + "'");
            }
            if (Character.isWhitespace(c) || Character.isSpaceChar(c) || Character.isISOControl(c)) {
                throw refused(value, "contains white space or a control character");
            }
        });
    }

    @Override
    public String toString() {
        return value;
    }

    private static IllegalArgumentException refused(String value, String why) {
        return new IllegalArgumentException("interface name \"" + value + "\" " + why);
    }
}
