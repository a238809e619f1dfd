package io.mpquic.quic.conformance;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What one RFC demands, read from a table of the test resources. A line that begins with {@code §} opens a section: its
 * number, how many sentences of it demand something (MUST, MUST NOT, SHALL, REQUIRED), its title. Each other line is a
 * requirement: its place among those of the section, what it says in a few words, and why no test holds it if none does.
 * The fields are separated by tabs.
 */
record RequirementTable(int rfc, List<Section> sections) {
    static final List<Integer> RFCS = List.of(8999, 9000, 9001, 9002, 9221);
    private static final String NOT_APPLICABLE = "n/a: ";
    private static final String OPEN = "open: ";

    RequirementTable {
        sections = List.copyOf(sections);
    }

    /** A section, with the number of its sentences that demand something. */
    record Section(String number, int sentences, String title, List<Rule> rules) {
        Section {
            rules = Collections.unmodifiableList(rules); // filled while the table is read
        }
    }

    /** A requirement: held by a test, unless a reason or what is missing is told; an empty text is none. */
    record Rule(String id, String words, String notApplicable, String open) {
        boolean needsTest() {
            return notApplicable.isEmpty() && open.isEmpty();
        }
    }

    List<Rule> rules() {
        return sections.stream().flatMap(section -> section.rules().stream()).toList();
    }

    static List<RequirementTable> all() {
        return RFCS.stream().map(RequirementTable::read).toList();
    }

    static RequirementTable read(int rfc) {
        String name = "/conformance/rfc" + rfc + ".tsv";
        try (InputStream in = RequirementTable.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is missing");
            }
            return parse(rfc, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static RequirementTable parse(int rfc, String text) {
        List<Section> sections = new ArrayList<>();
        List<Rule> rules = new ArrayList<>();
        String section = "";
        for (String line : text.lines().toList()) {
            String[] fields = line.split("\t", -1);
            if (line.startsWith("§")) {
                rules = new ArrayList<>();
                section = fields[0].substring(1).strip();
                sections.add(new Section(section, Integer.parseInt(fields[1]), fields[2], rules));
            } else if (!line.isBlank() && !line.startsWith("#")) {
                rules.add(rule(rfc + "-" + section + "-" + fields[0], fields));
            }
        }
        return new RequirementTable(rfc, sections);
    }

    private static Rule rule(String id, String[] fields) {
        String rest = fields.length < 3 ? "" : fields[2];
        if (fields.length < 2 || fields.length > 3 || !isKnown(rest)) {
            throw new IllegalStateException(id + ": not a number, words, and a reason perhaps");
        }
        return new Rule(id, fields[1], after(NOT_APPLICABLE, rest), after(OPEN, rest));
    }

    private static boolean isKnown(String rest) {
        return rest.isEmpty() || rest.startsWith(NOT_APPLICABLE) || rest.startsWith(OPEN);
    }

    private static String after(String prefix, String text) {
        return text.startsWith(prefix) ? text.substring(prefix.length()) : "";
    }
}
