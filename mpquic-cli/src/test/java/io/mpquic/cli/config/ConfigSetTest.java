package io.mpquic.cli.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigSetTest {
    @TempDir
    private Path directory;

    @Test
    void aDirectoryStandsForItsYamlFilesByName() throws Exception {
        server("b.yml", "mpq2", 45002);
        server("a.yaml", "mpq1", 45001);
        Files.writeString(directory.resolve("notes.txt"), "not YAML: [");
        List<LoadedConfig> loaded = ConfigSet.load(List.of(directory));
        assertEquals(
                List.of("mpq1", "mpq2"),
                loaded.stream().map(each -> each.config().name()).toList());
        assertEquals(directory.resolve("b.yml"), loaded.get(1).file());
    }

    @Test
    void theFaultsOfAllFilesAreReportedInTheOrderOfTheFiles() throws Exception {
        Path first = Files.writeString(directory.resolve("1.yaml"), "role: sever\n");
        Path second = server("2.yaml", "mpq2", 45002);
        Path third = directory.resolve("3.yaml");
        List<String> problems = problems(first, second, third);
        assertTrue(
                problems.stream().anyMatch(problem -> problem.startsWith(first + ":1:7: role: ")), problems::toString);
        assertEquals(
                third + ":1:1: there is no such file; correct the path, or copy one of deploy/config",
                problems.getLast());
    }

    @Test
    void twoTunnelsOfOneInterfaceAreRefusedWithThePlaceOfTheSecond() throws Exception {
        Path first = server("1.yaml", "mpq1", 45001);
        Path second = server("2.yaml", "mpq1", 45002);
        List<String> problems = problems(first, second);
        assertEquals(1, problems.size());
        String expected = second + ":4:11: tun_name: " + first + " has the same; ";
        assertEquals(expected, problems.getFirst().substring(0, expected.length()));
    }

    @Test
    void twoServersAtOneSocketAreRefusedAndTwoClientsOfOneServerAreNot() throws Exception {
        Path first = server("1.yaml", "mpq1", 45001);
        Path second = server("2.yaml", "mpq2", 45001);
        String expected = second + ":3:14: remote_port: " + first + " has the same; ";
        assertEquals(expected, problems(first, second).getFirst().substring(0, expected.length()));
        String client = "role: client\nremote_addr: 192.0.2.7\n";
        Files.writeString(first, client + body("mpq1", 45001));
        Files.writeString(second, client + body("mpq2", 45001));
        assertEquals(2, ConfigSet.load(List.of(first, second)).size());
    }

    @Test
    void aDirectoryWithoutFilesIsAFault() {
        String expected = directory + ":1:1: there is no *.yaml in this directory; put one file for each tunnel there";
        assertEquals(List.of(expected), problems(directory));
    }

    private static List<String> problems(Path... files) {
        return assertThrows(ConfigException.class, () -> ConfigSet.load(List.of(files))).problems().stream()
                .map(ConfigProblem::toString)
                .toList();
    }

    private Path server(String file, String tunName, int port) throws IOException {
        return Files.writeString(directory.resolve(file), "role: server\n" + body(tunName, port));
    }

    private static String body(String tunName, int port) {
        return "bind_ip: 0.0.0.0\nremote_port: " + port + "\ntun_name: " + tunName + "\ntun_cidr: 10.200.1.2/30\n";
    }
}
