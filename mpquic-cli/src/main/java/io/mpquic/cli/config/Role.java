package io.mpquic.cli.config;

import java.util.Locale;

/** Which end of the tunnel an instance is. */
enum Role {
    CLIENT,
    SERVER;

    static Role parse(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "client" -> CLIENT;
            case "server" -> SERVER;
            default -> throw new IllegalArgumentException(Problems.quote(text) + " is not a role");
        };
    }

    /** The word for it in a configuration file. */
    String word() {
        return switch (this) {
            case CLIENT -> "client";
            case SERVER -> "server";
        };
    }
}
