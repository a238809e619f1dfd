package io.mpquic.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the README promises, the repository keeps. */
class ReadmeTest {
    private static final Path ROOT = Path.of("..");
    private static final String SOURCE = "mpquic-cli/src/test/java/io/mpquic/cli/ReadmeExample.java";
    private static final Pattern EXAMPLE =
            Pattern.compile("<!-- example: (\\S+) -->\\R```java\\R(.*?)```", Pattern.DOTALL);
    private static final Pattern LINK = Pattern.compile("\\]\\(([^):#]+)\\)");

    @Test
    void theExampleIsTheOneThatCompiles() throws Exception {
        Matcher example = EXAMPLE.matcher(Files.readString(ROOT.resolve("README.md")));
        assertTrue(example.find(), "the README has no example");
        assertEquals(SOURCE, example.group(1));
        String between = Files.readString(ROOT.resolve(SOURCE)).split(" *// README\\R", -1)[1];
        assertEquals(between.stripTrailing().stripIndent(), example.group(2).strip());
    }

    @Test
    void theFilesThatTheDocumentsPointToAreThere() throws Exception {
        for (String document : List.of("README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/embedding.md")) {
            Path file = ROOT.resolve(document);
            Matcher link = LINK.matcher(Files.readString(file));
            while (link.find()) {
                Path target = file.resolveSibling(link.group(1));
                assertTrue(Files.exists(target), document + " points to " + link.group(1));
            }
        }
    }

    @Test
    void everyKeyOfTheConfigurationIsExplained() throws Exception {
        String readme = Files.readString(ROOT.resolve("README.md"));
        List<String> explained = readme.lines()
                .filter(line -> line.startsWith("| `") && line.contains("` | "))
                .map(line -> line.substring(3, line.indexOf('`', 3)))
                .toList();
        String keys = Files.readString(ROOT.resolve("mpquic-cli/src/main/java/io/mpquic/cli/config/ConfigKey.java"));
        Matcher key = Pattern.compile("^ {4}([A-Z_]+)\\(\"", Pattern.MULTILINE).matcher(keys);
        int count = 0;
        while (key.find()) {
            count++;
            assertTrue(explained.contains(key.group(1).toLowerCase(Locale.ROOT)), key.group(1));
        }
        assertTrue(count >= 13, "the pattern finds only " + count);
    }
}
