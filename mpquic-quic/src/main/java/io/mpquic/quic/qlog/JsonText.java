package io.mpquic.quic.qlog;

import java.util.HexFormat;

/** Builds one line of JSON text (RFC 8259). Who calls it keeps the order of calls right; it adds commas and escapes. */
final class JsonText {
    private static final HexFormat HEX = HexFormat.of();

    private final StringBuilder text = new StringBuilder(256);
    private boolean first = true;

    JsonText open(char bracket) {
        separate();
        text.append(bracket);
        first = true;
        return this;
    }

    JsonText close(char bracket) {
        text.append(bracket);
        first = false;
        return this;
    }

    JsonText name(String name) {
        separate();
        quote(name);
        text.append(':');
        first = true;
        return this;
    }

    JsonText value(long number) {
        separate();
        text.append(number);
        return this;
    }

    JsonText value(boolean truth) {
        separate();
        text.append(truth);
        return this;
    }

    JsonText value(String string) {
        separate();
        quote(string);
        return this;
    }

    JsonText hex(byte[] bytes) {
        return value(HEX.formatHex(bytes));
    }

    /** Nanoseconds as milliseconds with three digits behind the point. */
    JsonText milliseconds(long ns) {
        separate();
        long us = ns / 1_000;
        text.append(us / 1_000).append('.');
        long fraction = Math.abs(us % 1_000);
        text.append(fraction < 100 ? fraction < 10 ? "00" : "0" : "").append(fraction);
        return this;
    }

    private void separate() {
        if (!first) {
            text.append(',');
        }
        first = false;
    }

    private void quote(String string) {
        text.append('"');
        for (int i = 0; i < string.length(); i++) {
            char c = string.charAt(i);
            if (c == '"' || c == '\\') {
                text.append('\\').append(c);
            } else if (c < ' ' || isLoneSurrogate(string, i)) {
                text.append("\\u").append(HEX.toHexDigits(c));
            } else {
                text.append(c);
            }
        }
        text.append('"');
    }

    // A lone surrogate has no UTF-8 form: whoever reads the file would stumble over it.
    private static boolean isLoneSurrogate(String string, int at) {
        char c = string.charAt(at);
        if (Character.isHighSurrogate(c)) {
            return at + 1 == string.length() || !Character.isLowSurrogate(string.charAt(at + 1));
        }
        return Character.isLowSurrogate(c) && (at == 0 || !Character.isHighSurrogate(string.charAt(at - 1)));
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
