package io.mpquic.cli.config;

import java.io.StringReader;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * A YAML file as a flat list of keys and texts, each with its place. It is read as nodes, never as objects: nothing in a
 * file can name a class, and what a value means is for the key to say, so that {@code 45001} and {@code "45001"} are the
 * same port.
 */
final class YamlDocument {
    /** A flat file needs a depth of two; the bound keeps the parser's recursion off the end of the stack. */
    private static final int MAX_DEPTH = 16;

    private static final int MAX_ALIASES = 8;
    private static final int LONGEST_KEY = 60;
    private static final Set<Tag> PLAIN_TAGS = Set.of(Tag.STR, Tag.INT, Tag.FLOAT, Tag.BOOL, Tag.NULL, Tag.TIMESTAMP);

    /**
     * One key with its value.
     *
     * @param text the value, without blanks around it; empty when the value is null
     * @param line where the value begins, from 1
     * @param column where the value begins, from 1
     * @param scalar whether the value is a single one; false for a list, a mapping or a value with a tag of its own
     * @param keyLine where the key begins, from 1
     * @param keyColumn where the key begins, from 1
     */
    record Entry(String text, int line, int column, boolean scalar, int keyLine, int keyColumn) {}

    private YamlDocument() {}

    /** The entries in the order of the file. Faults go to {@code problems}. */
    static Map<String, Entry> parse(String text, Problems problems) {
        @Nullable Node root = compose(text, problems);
        Map<String, Entry> entries = new LinkedHashMap<>();
        if (root instanceof MappingNode mapping) {
            if (mapping.getValue().isEmpty()) {
                reportEmpty(problems);
            }
            for (NodeTuple tuple : mapping.getValue()) {
                addEntry(tuple, entries, problems);
            }
        } else if (root != null) {
            problems.error(
                    line(root),
                    column(root),
                    "",
                    "this is not a list of keys and values",
                    "write one 'key: value' a line, such as 'role: client'");
        }
        return entries;
    }

    private static @Nullable Node compose(String text, Problems problems) {
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(ConfigText.MAX_BYTES);
        options.setNestingDepthLimit(MAX_DEPTH);
        options.setMaxAliasesForCollections(MAX_ALIASES);
        options.setAllowRecursiveKeys(false);
        try {
            @Nullable Node root = new Yaml(options).compose(new StringReader(text));
            if (root == null || root.getTag().equals(Tag.NULL)) {
                reportEmpty(problems);
                return null;
            }
            return root;
        } catch (MarkedYAMLException e) {
            @Nullable Mark mark = e.getProblemMark() != null ? e.getProblemMark() : e.getContextMark();
            String problem = e.getProblem() != null ? e.getProblem() : "not YAML";
            problems.error(
                    mark == null ? 1 : mark.getLine() + 1,
                    mark == null ? 1 : mark.getColumn() + 1,
                    "",
                    "YAML syntax: " + oneLine(problem),
                    "write one 'key: value' a line, and quotes around values with special characters");
        } catch (RuntimeException e) {
            // Any text may stand in the file, and a parser's slip must not become a stack trace for the operator.
            problems.error("YAML syntax: " + oneLine(String.valueOf(e.getMessage())), "write one 'key: value' a line");
        }
        return null;
    }

    private static void reportEmpty(Problems problems) {
        problems.error("the file is empty", "write at least role, bind_ip, remote_port, tun_name and tun_cidr");
    }

    private static void addEntry(NodeTuple tuple, Map<String, Entry> entries, Problems problems) {
        Node keyNode = tuple.getKeyNode();
        if (!(keyNode instanceof ScalarNode keyScalar)) {
            problems.error(line(keyNode), column(keyNode), "", "this key is not a word", "write 'key: value'");
            return;
        }
        String key = keyScalar.getValue();
        @Nullable Entry earlier = entries.get(key);
        if (earlier != null) {
            problems.error(
                    line(keyNode),
                    column(keyNode),
                    printable(key),
                    "this key was given on line " + earlier.keyLine() + " already",
                    "keep one of the two");
            return;
        }
        Node value = tuple.getValueNode();
        boolean single = value instanceof ScalarNode && PLAIN_TAGS.contains(value.getTag());
        boolean empty = !single || value.getTag().equals(Tag.NULL);
        String text =
                !empty && value instanceof ScalarNode scalar ? scalar.getValue().strip() : "";
        entries.put(key, new Entry(text, line(value), column(value), single, line(keyNode), column(keyNode)));
    }

    /** A key as it may stand in a message. */
    static String printable(String key) {
        return Problems.visible(key, LONGEST_KEY);
    }

    private static String oneLine(String text) {
        return text.replaceAll("\\s+", " ");
    }

    private static int line(Node node) {
        return node.getStartMark().getLine() + 1;
    }

    private static int column(Node node) {
        return node.getStartMark().getColumn() + 1;
    }
}
