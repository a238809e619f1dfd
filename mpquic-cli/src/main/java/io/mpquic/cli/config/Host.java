package io.mpquic.cli.config;

import java.net.InetAddress;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A machine as an operator names it: an IPv4 address, an IPv6 address or a DNS name. A name is not resolved here; it is
 * resolved again for each connection, because addresses change.
 *
 * @param value the address without brackets, or the name without a closing dot
 */
public record Host(String value) {
    // RFC 1035 §2.3.4: 63 octets a label, 255 on the wire, which leaves 253 in text.
    private static final int MAX_NAME = 253;
    // Underscores are not for host names, yet the DNS carries them and resolvers take them.
    private static final Pattern LABEL = Pattern.compile("[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?");
    private static final Pattern ALL_NUMERIC = Pattern.compile("[0-9.]+");
    private static final Pattern WITH_PORT = Pattern.compile("(\\[.*]|[^:]+):[0-9]+");

    /** Refuses what is neither an address nor a name. */
    public Host {
        if (WITH_PORT.matcher(value).matches()) {
            throw new IllegalArgumentException(Problems.quote(value) + " has a port in it");
        }
        boolean address = isAddress(value);
        if (!address && (value.indexOf(':') >= 0 || ALL_NUMERIC.matcher(value).matches() || !isName(value))) {
            throw new IllegalArgumentException(Problems.quote(value) + " is neither an address nor a DNS name");
        }
    }

    static Host parse(String text) {
        if (text.length() > 2 && text.startsWith("[") && text.endsWith("]") && text.indexOf(':') > 0) {
            return new Host(text.substring(1, text.length() - 1));
        }
        return new Host(text.endsWith(".") ? text.substring(0, text.length() - 1) : text);
    }

    /** The address, when this is one and its meaning does not depend on the machine (no IPv6 zone). */
    public Optional<InetAddress> address() {
        return Optional.ofNullable(IpLiteral.parse(value));
    }

    /** Whether this is a name, which needs the DNS. */
    public boolean isName() {
        return !isAddress(value);
    }

    private static boolean isAddress(String text) {
        int zone = text.indexOf('%');
        @Nullable InetAddress parsed = IpLiteral.parse(zone < 0 ? text : text.substring(0, zone));
        if (parsed == null || zone < 0) {
            return parsed != null;
        }
        // RFC 4007 §11: a zone follows an IPv6 address only; on Linux it names an interface.
        String name = text.substring(zone + 1);
        return text.indexOf(':') >= 0
                && name.length() <= 15
                && LABEL.matcher(name).matches();
    }

    private static boolean isName(String text) {
        if (text.isEmpty() || text.length() > MAX_NAME) {
            return false;
        }
        for (String label : text.split("\\.", -1)) {
            if (!LABEL.matcher(label).matches()) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return value;
    }
}
