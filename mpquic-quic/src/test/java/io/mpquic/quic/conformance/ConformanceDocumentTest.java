package io.mpquic.quic.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.conformance.HoldingTests.Holder;
import io.mpquic.quic.conformance.RequirementTable.Rule;
import io.mpquic.quic.conformance.RequirementTable.Section;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;

/** Every requirement has a test or a reason, every test that claims one is there and runs, and the document says so. */
class ConformanceDocumentTest {
    private static final String WRITE = "conformance.write";
    private static final String HOW = "write it anew: mvn -pl mpquic-quic -am test -Dtest=ConformanceDocumentTest"
            + " -Dsurefire.failIfNoSpecifiedTests=false -D" + WRITE + "=true";

    @Test
    void everyRequirementHasATestOrAReason() throws Exception {
        Set<String> held = HoldingTests.ofThisModule().byId.keySet();
        List<String> faults = new ArrayList<>();
        for (Rule rule : allRules()) {
            if (rule.needsTest() && !held.contains(rule.id())) {
                faults.add(rule.id() + " has neither a test nor a reason: " + rule.words());
            }
            if (!rule.needsTest() && held.contains(rule.id())) {
                faults.add(rule.id() + " has a test, and needs no reason: " + rule.words());
            }
        }
        assertEquals(List.of(), faults);
    }

    @Test
    void everyTestNamesRequirementsThatExistAndRuns() throws Exception {
        HoldingTests tests = HoldingTests.ofThisModule();
        assertEquals(List.of(), tests.faults);
        Set<String> unknown = new HashSet<>(tests.byId.keySet());
        allRules().forEach(rule -> unknown.remove(rule.id()));
        assertEquals(Set.of(), unknown, "these requirements are in no table");
    }

    @Test
    void noSentenceOfASectionIsForgotten() {
        for (RequirementTable table : RequirementTable.all()) {
            Set<String> seen = new HashSet<>();
            for (Section section : table.sections()) {
                assertTrue(
                        section.rules().size() >= section.sentences() && section.sentences() > 0,
                        () -> table.rfc() + " §" + section.number() + " has " + section.sentences() + " sentences, but "
                                + section.rules().size() + " requirements");
                assertTrue(seen.add(section.number()), section.number());
                for (Rule rule : section.rules()) {
                    assertTrue(seen.add(rule.id()), rule.id());
                    assertTrue(!rule.words().isBlank() && !rule.words().contains("|"), rule.id());
                }
            }
        }
    }

    @Test
    void theDocumentIsWhatTheTablesAndTestsSay() throws Exception {
        Path file = Path.of(System.getProperty("basedir", "."), "..", "docs", "conformance.md");
        String expected = ConformanceDocument.of(RequirementTable.all(), HoldingTests.ofThisModule().byId);
        if (Boolean.getBoolean(WRITE)) {
            Files.writeString(file, expected);
        }
        String actual = Files.exists(file) ? Files.readString(file) : "";
        assertTrue(expected.equals(actual), file + " is out of date; " + HOW);
    }

    @Test
    void aMethodThatIsNoTestOrDoesNotRunHoldsNothing() {
        HoldingTests tests = new HoldingTests();
        tests.addAll(Deceivers.class);
        String name = Deceivers.class.getName();
        assertTrue(tests.faults.contains(name + ".noTest is not a test"), tests.faults.toString());
        assertTrue(tests.faults.contains(name + ".disabled is disabled, or only runs under a condition"));
        assertTrue(tests.faults.contains(
                name + ".disabled is in a class that the build does not run with the unit tests"));
        assertEquals(List.of(new Holder(Deceivers.class, "noTest")), tests.byId.get("0-1-2"));
    }

    @Test
    void aTableTellsSectionsWordsAndReasons() {
        RequirementTable table = RequirementTable.parse(
                7, "# words\n§1.2\t2\tTitle\n1\tone\n2\ttwo\tn/a: why\n§3\t1\tOther\n1\tthree\topen: waits\n");
        assertEquals(
                List.of(
                        new Rule("7-1.2-1", "one", "", ""),
                        new Rule("7-1.2-2", "two", "why", ""),
                        new Rule("7-3-1", "three", "", "waits")),
                table.rules());
    }

    /** Seen by {@link #aMethodThatIsNoTestOrDoesNotRunHoldsNothing} alone. */
    static final class Deceivers {
        @Requirement("0-1-1")
        @Disabled("for show")
        @Test
        void disabled() {}

        @Requirement("0-1-2")
        void noTest() {}
    }

    private static List<Rule> allRules() {
        return RequirementTable.all().stream()
                .flatMap(table -> table.rules().stream())
                .toList();
    }
}
