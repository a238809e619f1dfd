package io.mpquic.quic.conformance;

import java.io.IOException;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The tests among the compiled test classes that say which requirements they hold, found by their annotation. */
final class HoldingTests {
    /** What makes a method a test, in JUnit, in jqwik and in the fuzzer's replay. */
    private static final Set<String> TEST_ANNOTATIONS = Set.of(
            "org.junit.jupiter.api.Test",
            "org.junit.jupiter.api.RepeatedTest",
            "org.junit.jupiter.api.TestFactory",
            "org.junit.jupiter.params.ParameterizedTest",
            "net.jqwik.api.Property",
            "net.jqwik.api.Example",
            "com.code_intelligence.jazzer.junit.FuzzTest");

    private static final String DECEIVERS = ConformanceDocumentTest.Deceivers.class.getName();
    private static final String CONDITIONS = "org.junit.jupiter.api.condition.";

    /** A test method. */
    record Holder(Class<?> owner, String method) implements Comparable<Holder> {
        @Override
        public int compareTo(Holder other) {
            return toString().compareTo(other.toString());
        }

        @Override
        public String toString() {
            return owner.getName() + "." + method;
        }
    }

    /** Requirement id to the tests that hold it, both sorted. */
    final TreeMap<String, List<Holder>> byId = new TreeMap<>();
    /** What is wrong with annotated methods. */
    final List<String> faults = new ArrayList<>();

    static HoldingTests ofThisModule() throws IOException, URISyntaxException, ClassNotFoundException {
        HoldingTests tests = new HoldingTests();
        Path root = testClasses();
        List<Path> files;
        try (Stream<Path> walk = Files.walk(root)) {
            files = walk.filter(file -> file.toString().endsWith(".class"))
                    .sorted()
                    .toList();
        }
        for (Path file : files) {
            String path = root.relativize(file).toString();
            String name = path.substring(0, path.length() - ".class".length())
                    .replace(file.getFileSystem().getSeparator(), ".");
            if (!name.equals(DECEIVERS)) {
                tests.addAll(Class.forName(name, false, HoldingTests.class.getClassLoader()));
            }
        }
        tests.byId.values().forEach(holders -> holders.sort(null));
        return tests;
    }

    private static Path testClasses() throws URISyntaxException {
        URL self = HoldingTests.class.getResource("HoldingTests.class");
        Path path = Path.of(self.toURI());
        for (int i = HoldingTests.class.getName().split("\\.").length; i > 0; i--) {
            path = path.getParent();
        }
        return path;
    }

    void addAll(Class<?> type) {
        for (Method method : type.getDeclaredMethods()) {
            Requirement requirement = method.getAnnotation(Requirement.class);
            if (requirement != null) {
                add(new Holder(type, method.getName()), method, requirement);
            }
        }
    }

    private void add(Holder holder, Method method, Requirement requirement) {
        if (Arrays.stream(method.getAnnotations()).noneMatch(each -> TEST_ANNOTATIONS.contains(nameOf(each)))) {
            faults.add(holder + " is not a test");
        }
        if (Stream.concat(
                        Arrays.stream(method.getAnnotations()),
                        Arrays.stream(holder.owner().getAnnotations()))
                .anyMatch(HoldingTests::disables)) {
            faults.add(holder + " is disabled, or only runs under a condition");
        }
        if (!holder.owner().getSimpleName().matches(".*(Test|Properties)")) {
            faults.add(holder + " is in a class that the build does not run with the unit tests");
        }
        for (String id : requirement.value()) {
            List<Holder> holders = byId.computeIfAbsent(id, absent -> new ArrayList<>());
            if (holders.contains(holder)) {
                faults.add(holder + " names " + id + " twice");
            }
            holders.add(holder);
        }
    }

    private static boolean disables(Annotation annotation) {
        String name = nameOf(annotation);
        return name.endsWith(".Disabled") || name.startsWith(CONDITIONS);
    }

    private static String nameOf(Annotation annotation) {
        return annotation.annotationType().getName();
    }
}
