package io.mpquic.cli.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.tls.Identity;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class CommandLineTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"", "run", "check", "demo"})
    void everyCommandExplainsItselfInLinesOfEightyColumns(String command) {
        String[] args = command.isEmpty() ? new String[] {"--help"} : new String[] {command, "--help"};
        assertEquals(0, execute(args));
        assertTrue(out.toString().contains("Exit codes:"), out::toString);
        assertTrue(out.toString().lines().allMatch(line -> line.length() <= 80), out::toString);
        assertEquals("", err.toString());
    }

    @Test
    void theVersionIsPrinted() {
        assertEquals(0, execute("--version"));
        assertTrue(out.toString().startsWith("mpquic "), out::toString);
    }

    @Test
    void withoutAConfigurationFileItSaysWhatIsMissing() {
        assertEquals(2, execute());
        assertTrue(err.toString().startsWith("error: Which configuration file?"), err::toString);
        assertEquals(2, execute("check"));
        assertEquals(2, execute("run"));
    }

    @Test
    void aSlipInAnOptionIsMetWithTheOptionThatWasMeant() {
        assertEquals(2, execute("check", "--confg", "x.yaml"));
        assertTrue(err.toString().contains("--config"), err::toString);
        assertTrue(err.toString().contains("Try 'mpquic check --help'."), err::toString);
        assertEquals(2, execute("demo", "--seconds", "0"));
    }

    @Test
    void aFileThatIsMissingIsAnErrorOfUsage() {
        Path missing = directory.resolve("1.yaml");
        for (String command : new String[] {"run", "check"}) {
            assertEquals(2, execute(command, "--config", missing.toString()));
        }
        assertEquals(2, execute("--config", missing.toString()));
        assertEquals(
                3,
                err.toString()
                        .lines()
                        .filter(line -> line.startsWith("error: " + missing + ":1:1: there is no such file"))
                        .count());
    }

    @Test
    void aServerFileWithItsCertificateIsOk() throws Exception {
        writeIdentity();
        Path file = write(server() + "tls_client_ca_file: " + directory.resolve("server.crt") + "\n");
        assertEquals(0, execute("check", "--config", file.toString()), err::toString);
        assertEquals("OK", out.toString().strip());
        assertEquals("", err.toString());
    }

    @Test
    void aServerThatIsOpenToAllIsWarnedOf() throws Exception {
        writeIdentity();
        Path file = write(server());
        assertEquals(0, execute("check", "--config", file.toString()), err::toString);
        assertTrue(err.toString().startsWith("warning: any client may connect"), err::toString);
    }

    @Test
    void aCertificateThatIsMissingOrNoneIsAnError() throws Exception {
        Path file = write(server());
        assertEquals(2, execute("check", "--config", file.toString()));
        assertTrue(err.toString().contains("server.crt"), err::toString);
        assertEquals("", out.toString());
        writeIdentity();
        Files.writeString(directory.resolve("server.key"), "not a key");
        assertEquals(2, execute("check", "--config", file.toString()));
        assertTrue(err.toString().contains("server.key"), err::toString);
    }

    @Test
    void whatIsMissingOnThisMachineNowIsAWarning() throws Exception {
        writeIdentity();
        Path file = write("""
                role: client
                bind_ip: if:none0
                remote_addr: 203.0.113.7
                remote_port: 45001
                tun_name: mpq1
                tun_cidr: 10.200.1.1/30
                tls_ca_file: %s
                tls_cert_file: /nowhere/client.crt
                tls_key_file: /nowhere/client.key
                """.formatted(directory.resolve("server.crt")));
        assertEquals(0, execute("check", "--config", file.toString()), err::toString);
        assertTrue(err.toString().contains("warning: bind_ip: there is no interface none0"), err::toString);
        assertTrue(err.toString().contains("the client shows no certificate"), err::toString);
        assertFalse(err.toString().contains("error:"), err::toString);
    }

    @Test
    void theFaultsOfAllFilesAreToldTogether() throws Exception {
        Path first = Files.writeString(directory.resolve("1.yaml"), "role: sever\n");
        Path second = Files.writeString(directory.resolve("2.yaml"), "role: server\nbind_ipp: 0.0.0.0\n");
        for (String command : new String[] {"run", "check"}) {
            assertEquals(2, execute(command, "-c", first.toString(), "-c", second.toString()));
            assertEquals(2, execute(command, "--config", directory.toString()));
        }
        for (String problem : new String[] {first + ":1:7: role: ", second + ":2:1: bind_ipp: "}) {
            assertEquals(
                    4,
                    err.toString()
                            .lines()
                            .filter(line -> line.startsWith("error: " + problem))
                            .count(),
                    err::toString);
        }
    }

    @Test
    void aDirectoryOfFilesThatWillDoIsOk() throws Exception {
        writeIdentity();
        Files.writeString(directory.resolve("1.yaml"), server());
        Files.writeString(
                directory.resolve("2.yml"), server().replace("mpq1", "mpq2").replace("45001", "45002"));
        assertEquals(0, execute("check", "--config", directory.toString()), err::toString);
        assertEquals("OK", out.toString().strip());
    }

    @Test
    void aTunnelThatCannotStartDoesNotMakeTheConfigurationOfAnotherGood() throws Exception {
        Path first = Files.writeString(directory.resolve("1.yaml"), server());
        Path second = Files.writeString(
                directory.resolve("2.yaml"), server().replace("mpq1", "mpq2").replace("45001", "45002"));
        // Neither has its certificate.
        assertEquals(2, execute("run", "-c", first.toString(), "-c", second.toString()));
    }

    @Test
    void runningWithAnUnusableCertificateFailsBeforeAnythingStarts() throws Exception {
        Path file = write(server() + "log_level: error\n");
        assertEquals(2, execute("run", "--config", file.toString()));
    }

    private int execute(String... args) {
        CommandLine commandLine = Mpquic.commandLine();
        commandLine.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        commandLine.setUsageHelpWidth(80).setUsageHelpAutoWidth(false);
        commandLine.getSubcommands().values().forEach(sub -> sub.setUsageHelpAutoWidth(false));
        commandLine.setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
        return commandLine.execute(args);
    }

    private String server() {
        return """
                role: server
                bind_ip: 0.0.0.0
                remote_port: 45001
                tun_name: mpq1
                tun_cidr: 10.200.1.2/30
                tls_cert_file: %1$s/server.crt
                tls_key_file: %1$s/server.key
                """.formatted(directory);
    }

    private Path write(String text) throws Exception {
        return Files.writeString(directory.resolve("1.yaml"), text);
    }

    private void writeIdentity() throws Exception {
        Identity identity = Identity.selfSigned("mpquic-server");
        Files.writeString(directory.resolve("server.crt"), identity.certificatesPem());
        Files.writeString(directory.resolve("server.key"), identity.privateKeyPem());
    }
}
