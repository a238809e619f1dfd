package io.mpquic.cli.log;

import java.net.InetSocketAddress;
import java.util.Locale;

/**
 * One line of the log while it is put together: a word for what happened, then {@code key=value} pairs. What a value
 * holds cannot break the line or add pairs of its own; some of it comes from the peer. Not thread-safe.
 */
public final class Event {
    private static final int LONGEST_VALUE = 300;
    private static final double NS_PER_MS = 1e6;

    private final StringBuilder line;

    private Event(String word) {
        this.line = new StringBuilder(word);
    }

    /** Starts the line with what happened. */
    public static Event of(String word) {
        return new Event(word);
    }

    /** Adds a pair. */
    public Event with(String key, Object value) {
        line.append(' ').append(key).append('=');
        appendValue(String.valueOf(value));
        return this;
    }

    /** Adds a text, in quotes even where none are needed. */
    public Event withText(String key, String text) {
        line.append(' ').append(key).append('=');
        appendQuoted(text);
        return this;
    }

    /** Adds an address and port as one types them, {@code *} for any address; a name is never looked up for it. */
    public Event withAddress(String key, InetSocketAddress address) {
        if (!address.isUnresolved() && address.getAddress().isAnyLocalAddress()) {
            return with(key, "*:" + address.getPort());
        }
        String host = address.isUnresolved()
                ? address.getHostString()
                : address.getAddress().getHostAddress();
        return with(key, (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort());
    }

    /** Adds a duration, given in nanoseconds and written in milliseconds; {@code key} should end in {@code _ms}. */
    public Event withMs(String key, long durationNs) {
        return with(key, String.format(Locale.ROOT, "%.1f", durationNs / NS_PER_MS));
    }

    private void appendValue(String value) {
        boolean plain = !value.isEmpty() && value.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '"' && c != '\\');
        if (plain && value.length() <= LONGEST_VALUE) {
            line.append(value);
        } else {
            appendQuoted(value);
        }
    }

    private void appendQuoted(String value) {
        line.append('"');
        value.codePoints().limit(LONGEST_VALUE).forEach(this::appendQuoted);
        line.append(value.length() > LONGEST_VALUE ? "...\"" : "\"");
    }

    private void appendQuoted(int c) {
        if (c == '"' || c == '\\') {
            line.append('\\').append((char) c);
        } else if (c == ' ' || Character.isLetterOrDigit(c) || (c > ' ' && c < 0x7f)) {
            line.appendCodePoint(c);
        } else {
            line.append(String.format(Locale.ROOT, "\\u%04x", c));
        }
    }

    @Override
    public String toString() {
        return line.toString();
    }
}
