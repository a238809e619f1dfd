package io.mpquic.cli.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Whatever stands in a file, the loader ends with a configuration or with its own exception. */
class ConfigLoaderFuzzTest {
    private static final Path FILE = Path.of("fuzz.yaml");
    private static final int ROUNDS = 5_000;
    private static final String VALID = """
            role: client
            bind_ip: 0.0.0.0
            remote_addr: vps.example.net
            remote_port: 45001
            tun_name: mpq1
            tun_cidr: 10.200.1.1/30
            """;
    private static final List<String> PIECES = List.of(
            "role",
            "remote_addr",
            "tls_ca_file",
            "client",
            "if:",
            ": ",
            "\n",
            "  ",
            "- ",
            "[",
            "]",
            "{",
            "}",
            "&a ",
            "*a",
            "!!int ",
            "!!binary ",
            "!",
            "|\n",
            ">",
            "\"",
            "'",
            "\\x",
            "\\u0000",
            "%YAML 1.1\n",
            "---\n",
            "...\n",
            "# ",
            "<<: ",
            "? ",
            "~",
            "\t",
            "\r",
            "\u0085",
            "\u2028",
            "\uFEFF",
            "\u00fc",
            "\uD83D\uDE00",
            "\u0007",
            "::1",
            "/30",
            "999999999999",
            "0x1F",
            "1e9",
            "2001-01-01",
            "null",
            "@",
            "`",
            "%",
            ",");

    @Test
    void filesChangedByteByByteNeverEscapeTheLoader() {
        SplittableRandom random = new SplittableRandom(1);
        for (int round = 0; round < ROUNDS; round++) {
            byte[] bytes = VALID.getBytes(StandardCharsets.UTF_8);
            for (int change = random.nextInt(1, 6); change > 0; change--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            check(bytes);
        }
    }

    @Test
    void filesPutTogetherFromPiecesOfYamlNeverEscapeTheLoader() {
        SplittableRandom random = new SplittableRandom(2);
        for (int round = 0; round < ROUNDS; round++) {
            StringBuilder text = new StringBuilder(random.nextBoolean() ? VALID : "");
            for (int piece = random.nextInt(1, 30); piece > 0; piece--) {
                String word = PIECES.get(random.nextInt(PIECES.size()));
                text.insert(text.isEmpty() ? 0 : random.nextInt(text.length()), word);
            }
            check(text.toString().getBytes(StandardCharsets.UTF_8));
        }
    }

    @Test
    void deepAndLongFilesNeverEscapeTheLoader() {
        for (String unit : List.of("[", "{", "- ", "? ", "a: ", "&a ", "!", "(", "'", "|", "{a: ", "[{", "\\", "*a ")) {
            check(unit.repeat(60_000 / unit.length()).getBytes(StandardCharsets.UTF_8));
        }
    }

    private static void check(byte[] bytes) {
        try {
            InstanceConfig config = ConfigLoader.parse(FILE, bytes).config();
            assertFalse(config.name().isBlank());
        } catch (ConfigException e) {
            assertFalse(e.problems().isEmpty());
            for (ConfigProblem problem : e.problems()) {
                assertEquals(FILE, problem.file());
                assertTrue(problem.line() >= 1 && problem.column() >= 1, problem::toString);
                assertFalse(problem.message().isBlank(), problem::toString);
                assertFalse(problem.remedy().isBlank(), problem::toString);
                assertEquals(1, problem.toString().lines().count(), problem::toString);
            }
        }
    }
}
