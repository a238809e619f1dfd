package io.mpquic.cli.config;

/**
 * The name of a Linux network interface.
 *
 * @param value 1 to 15 visible ASCII characters
 */
public record InterfaceName(String value) {
    /** IFNAMSIZ is 16, and the last byte is the terminating zero. */
    private static final int MAX_BYTES = 15;

    /** Refuses what the kernel refuses, and {@code %}, which it replaces with a number. */
    public InterfaceName {
        if (value.isEmpty()) {
            throw new IllegalArgumentException("the name of the interface is missing");
        }
        if (value.length() > MAX_BYTES) {
            throw new IllegalArgumentException(
                    Problems.quote(value) + " is " + value.length() + " characters long and Linux takes " + MAX_BYTES);
        }
        boolean allowed = value.chars().allMatch(c -> c > ' ' && c < 0x7f && "/:%".indexOf(c) < 0);
        if (!allowed || value.equals(".") || value.equals("..")) {
            throw new IllegalArgumentException(Problems.quote(value) + " is not the name of an interface");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
