package io.mpquic.cli.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads a configuration file as text. */
final class ConfigText {
    /** The longest honest file is a few kilobytes; a bound keeps a wrong path from filling the memory. */
    static final int MAX_BYTES = 64 * 1024;

    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private ConfigText() {}

    /** The bytes of the file; at most one more than {@link #MAX_BYTES}. Faults go to {@code problems}. */
    static byte[] read(Path file, Problems problems) {
        try {
            if (Files.isDirectory(file)) {
                problems.error("this is a directory", "name a file in it, such as " + file.resolve("1.yaml"));
                return new byte[0];
            }
            try (InputStream in = Files.newInputStream(file)) {
                return in.readNBytes(MAX_BYTES + 1);
            }
        } catch (NoSuchFileException e) {
            problems.error("there is no such file", "correct the path, or copy one of deploy/config");
        } catch (AccessDeniedException | SecurityException e) {
            problems.error("the file may not be read", "give this user the right to read it");
        } catch (IOException e) {
            problems.error("the file cannot be read: " + e.getMessage(), "see whether its disk is healthy");
        }
        return new byte[0];
    }

    /** The text, or an empty one after a fault. */
    static String decode(byte[] bytes, Problems problems) {
        if (bytes.length > MAX_BYTES) {
            problems.error(
                    "the file is longer than " + MAX_BYTES + " bytes", "name a configuration file, not something else");
            return "";
        }
        CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        CoderResult result = decoder.decode(in, out, true);
        String text = out.flip().toString();
        if (result.isError()) {
            problems.error(lineAt(text), columnAt(text), "", "this is not UTF-8", "save the file as UTF-8");
            return "";
        }
        if (!text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK) {
            text = text.substring(1);
        }
        return hasForbidden(text, problems) ? "" : text;
    }

    // YAML 1.2 §5.1: control characters other than tab and line ends cannot stand in a file.
    private static boolean hasForbidden(String text, Problems problems) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean control = c < ' ' && c != '\t' && c != '\n' && c != '\r';
            boolean high = c == 0x7f || (c > 0x7f && c < 0xa0 && c != 0x85) || c >= 0xfffe;
            if (control || high) {
                String before = text.substring(0, i);
                problems.error(
                        lineAt(before),
                        columnAt(before),
                        "",
                        String.format("the character U+%04X cannot stand in YAML", (int) c),
                        "remove it; it is often a trace of a copied text or of a binary file");
                return true;
            }
        }
        return false;
    }

    private static int lineAt(String before) {
        return 1 + (int) before.chars().filter(c -> c == '\n').count();
    }

    private static int columnAt(String before) {
        int lineStart = before.lastIndexOf('\n') + 1;
        return 1 + before.codePointCount(lineStart, before.length());
    }
}
