package io.mpquic.cli.config;

import java.net.InetAddress;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads IP addresses as they are written, and never asks the DNS. */
final class IpLiteral {
    private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
    private static final Pattern V4 = Pattern.compile(OCTET + "(\\." + OCTET + "){3}");
    private static final Pattern V6 = Pattern.compile("[0-9A-Fa-f:.]+");

    private IpLiteral() {}

    /**
     * The address that the text is the literal of, or null when it is none. Short and octal forms of IPv4 count as none:
     * programs disagree about them.
     */
    static @Nullable InetAddress parse(String text) {
        boolean v6 = text.indexOf(':') >= 0 && V6.matcher(text).matches();
        if (!v6 && !V4.matcher(text).matches()) {
            return null;
        }
        try {
            return InetAddress.ofLiteral(text);
        } catch (IllegalArgumentException notAnAddress) {
            return null;
        }
    }
}
