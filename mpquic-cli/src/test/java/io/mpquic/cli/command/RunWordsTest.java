package io.mpquic.cli.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunWordsTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "run --config 1.yaml -c 2.yaml",
                "--config 1.yaml --config 2.yaml",
                "run --config=1.yaml --config=2.yaml",
                "-c 1.yaml --config=2.yaml"
            })
    void filesAreReadInTheOrderInWhichTheyAreGiven(String words) {
        assertEquals(List.of(Path.of("1.yaml"), Path.of("2.yaml")), files(words));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "run",
                "--config",
                "run --config",
                "--config=",
                "run --help",
                "--version",
                "demo",
                "check --config 1.yaml",
                "--config 1.yaml run",
                "run --config --help",
                "run --config 1.yaml --help",
                "run --confg 1.yaml",
                "run 1.yaml",
                "run @words",
                "run --config @words",
                "run --config \"1.yaml\""
            })
    void everythingElseIsLeftToPicocli(String words) {
        assertNull(files(words));
    }

    private static List<Path> files(String words) {
        return RunWords.files(words.isEmpty() ? new String[0] : words.split(" ", -1));
    }
}
