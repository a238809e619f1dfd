package io.mpquic.cli.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.tun.InterfaceName;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigLoaderTest {
    private static final Path FILE = Path.of("1.yaml");
    private static final String CLIENT = """
            role: client
            bind_ip: if:enp7s3
            remote_addr: 203.0.113.7
            remote_port: 45001
            tun_name: mpq1
            tun_cidr: 10.200.1.1/30
            log_level: info
            tls_ca_file: /etc/mpquic/tls/ca.crt
            tls_server_name: mpquic-server
            tls_insecure_skip_verify: false
            """;
    private static final String SERVER = """
            role: server
            bind_ip: 0.0.0.0
            remote_addr: ""
            remote_port: 45001
            tun_name: mpq1
            tun_cidr: 10.200.1.2/30
            log_level: info
            tls_cert_file: /etc/mpquic/tls/server.crt
            tls_key_file: /etc/mpquic/tls/server.key
            """;

    @Test
    void aClientFileOfTheGoProgramMeansTheSameHere() throws ConfigException {
        LoadedConfig loaded = load(CLIENT);
        InstanceConfig config = loaded.config();
        assertEquals(new BindTarget.Device(new InterfaceName("enp7s3")), config.bind());
        assertEquals("mpq1", config.name());
        assertEquals("10.200.1.1/30", config.tunAddress().toString());
        assertEquals(LogLevel.INFO, config.logLevel());
        assertEquals(
                new Side.Client(
                        new Host("203.0.113.7"),
                        new Port(45001),
                        new ServerTrust.Authorities(Path.of("/etc/mpquic/tls/ca.crt")),
                        new Host("mpquic-server"),
                        Optional.empty()),
                config.side());
        assertEquals(List.of(), loaded.warnings());
    }

    @Test
    void theCongestionControlIsCubicUnlessTheFileSaysOtherwise() throws ConfigException {
        assertEquals(Congestion.CUBIC, load(CLIENT).config().congestion());
        assertEquals(
                Congestion.CUBIC, load(SERVER + "congestion: cubic\n").config().congestion());
        assertEquals(Congestion.BBR, load(SERVER + "congestion: bbr\n").config().congestion());
        assertEquals(
                Congestion.NEWRENO,
                load(SERVER + "congestion: newreno\n").config().congestion());
    }

    @Test
    void packetsTakeEveryShortcutUnlessTheFileSaysOtherwise() throws ConfigException {
        assertEquals(
                new PacketPathChoice(Crypto.AUTO, true, true, true, true),
                load(CLIENT).config().packetPath());
        assertEquals(
                new PacketPathChoice(Crypto.JDK, false, false, false, false),
                load(CLIENT + "crypto: jdk\nlinux_socket: false\nudp_gso: off\nudp_gro: no\ntun_offload: false\n")
                        .config()
                        .packetPath());
    }

    @Test
    void anUnknownLibraryForPacketProtectionIsReportedWithThoseThatThereAre() {
        ConfigProblem problem = failure(CLIENT + "crypto: boringssl\n").getFirst();
        assertEquals("crypto", problem.key());
        assertTrue(problem.message().contains("'boringssl' is not a library"), problem::toString);
        assertTrue(problem.toString().contains("auto, libcrypto or jdk"), problem::toString);
    }

    @Test
    void anUnknownCongestionControlIsReportedWithThoseThatThereAre() {
        ConfigProblem problem = failure(CLIENT + "congestion: vegas\n").getFirst();
        assertEquals("congestion", problem.key());
        assertEquals(1 + CLIENT.lines().count(), problem.line());
        assertTrue(problem.message().contains("'vegas' is not a congestion control"), problem::toString);
        assertEquals("write cubic, newreno or bbr", problem.remedy());
    }

    @Test
    void qlogsAreWrittenWhereTheFileSays() throws ConfigException {
        assertEquals(Optional.empty(), load(CLIENT).config().qlogDirectory());
        for (String text : List.of(CLIENT, SERVER)) {
            assertEquals(
                    Optional.of(Path.of("/var/log/mpquic")),
                    load(text + "qlog_dir: /var/log/mpquic\n").config().qlogDirectory());
        }
    }

    @Test
    void aKeyLogIsWrittenWhereTheFileSaysWhichIsAWarning() throws ConfigException {
        assertEquals(Optional.empty(), load(CLIENT).config().keyLog());
        for (String text : List.of(CLIENT, SERVER)) {
            LoadedConfig loaded = load(text + "tls_key_log_file: /var/log/mpquic/keys.log\n");
            KeyLogTarget target = loaded.config().keyLog().orElseThrow();
            assertEquals(Path.of("/var/log/mpquic/keys.log"), target.file());
            assertTrue(target.place().matches(".*:\\d+:19: tls_key_log_file"), target.place());
            assertTrue(loaded.warnings().stream()
                    .anyMatch(warning -> warning.toString().contains("can decrypt the traffic")));
        }
    }

    @Test
    void aServerFileOfTheGoProgramMeansTheSameHere() throws ConfigException {
        LoadedConfig loaded = load(SERVER);
        assertEquals(
                new Side.Server(
                        new Port(45001),
                        Optional.of(new CertificateFiles(
                                Path.of("/etc/mpquic/tls/server.crt"), Path.of("/etc/mpquic/tls/server.key"))),
                        Optional.empty()),
                loaded.config().side());
        assertEquals(List.of(), loaded.warnings());
    }

    @Test
    void keysOfTheOtherRoleAreAWarningAtMost() throws ConfigException {
        assertEquals(
                List.of("tls_ca_file", "tls_insecure_skip_verify"),
                keys(load(SERVER + "tls_ca_file: ca.crt\ntls_insecure_skip_verify: true\n")
                        .warnings()));
        assertEquals(
                List.of("tls_client_ca_file"),
                keys(load(CLIENT + "tls_client_ca_file: ca.crt\n").warnings()));
    }

    @Test
    void aServerWithoutCertificateFilesMakesItsOwn() throws ConfigException {
        Side side =
                load(without(SERVER, "tls_cert_file", "tls_key_file")).config().side();
        assertEquals(Optional.empty(), assertInstanceOf(Side.Server.class, side).identity());
    }

    @Test
    void halfAPairOfCertificateFilesIsAnErrorOnAServerAndAWarningOnAClient() throws ConfigException {
        assertEquals(List.of("tls_key_file"), keys(failure(without(SERVER, "tls_key_file"))));
        assertEquals(List.of("tls_cert_file"), keys(failure(without(SERVER, "tls_cert_file"))));
        assertEquals(
                List.of("tls_key_file"),
                keys(load(CLIENT + "tls_key_file: client.key\n").warnings()));
    }

    @Test
    void aClientTrustsTheAuthoritiesOfTheSystemWhenTheFileNamesNone() throws ConfigException {
        Side.Client client = client(without(CLIENT, "tls_ca_file", "tls_server_name"));
        assertEquals(new ServerTrust.SystemAuthorities(), client.trust());
        assertEquals(new Host("203.0.113.7"), client.serverName());
    }

    @Test
    void theServerNameIsTheCustomaryOneWhenAnOwnAuthorityIsTrusted() throws ConfigException {
        assertEquals(
                new Host("mpquic-server"),
                client(without(CLIENT, "tls_server_name")).serverName());
    }

    @Test
    void trustInAnyoneHasToBeAskedForAndIsWarnedOf() throws ConfigException {
        LoadedConfig loaded = load(CLIENT.replace("verify: false", "verify: true"));
        assertEquals(new ServerTrust.Anyone(), ((Side.Client) loaded.config().side()).trust());
        assertEquals(List.of("tls_insecure_skip_verify"), keys(loaded.warnings()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"45001", "\"45001\"", "'45001'", "!!str 45001", "!!int 45001", "  45001   # comment"})
    void aPortIsAPortHoweverItIsWritten(String port) throws ConfigException {
        assertEquals(new Port(45001), client(with("remote_port", port)).port());
    }

    @ParameterizedTest
    @CsvSource({
        "203.0.113.7, 203.0.113.7",
        "2001:db8::7, 2001:db8::7",
        "'\"[2001:db8::7]\"', 2001:db8::7",
        "fe80::7%enp7s3, fe80::7%enp7s3",
        "vps.example.net, vps.example.net",
        "vps.example.net., vps.example.net",
        "VPS_PUBLIC_IP, VPS_PUBLIC_IP",
        "localhost, localhost"
    })
    void aServerIsNamedByAddressOrName(String written, String host) throws ConfigException {
        String text = without(with("remote_addr", written), "bind_ip") + "bind_ip: 0.0.0.0\n";
        assertEquals(new Host(host), client(text).host());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "role|router|'router' is not a role",
                "bind_ip|enp7s3|'enp7s3' is neither an address nor if:NAME",
                "bind_ip|'\"if:\"'|an interface name must not be empty",
                "bind_ip|if:a-name-too-long-for-linux|is longer than 15 bytes",
                "bind_ip|224.0.0.1|is a multicast address",
                "bind_ip|'\"::1\"'|are of different IP versions",
                "bind_ip|if:mpq1|cannot leave through the tunnel",
                "remote_addr|203.0.113.300|is neither an address nor a DNS name",
                "remote_addr|203.0.113|is neither an address nor a DNS name",
                "remote_addr|203.0.113.7:45001|has a port in it",
                "remote_addr|-vps.example.net|is neither an address nor a DNS name",
                "remote_addr|a..b|is neither an address nor a DNS name",
                "remote_addr|7%enp7s3|is neither an address nor a DNS name",
                "remote_port|0|0 is not a port",
                "remote_port|65536|65536 is not a port",
                "remote_port|-1|'-1' is not a port",
                "remote_port|http|'http' is not a port",
                "remote_port|99999999999999999999|is not a port",
                "tun_name|mpq/1|\"mpq/1\" contains",
                "tun_name|mpq%d|\"mpq%d\" contains",
                "tun_cidr|10.200.1.1|the prefix length is missing",
                "tun_cidr|10.200.1.1/33|prefix length 33 is not between 0 and 32",
                "tun_cidr|10.200.1.1/0|a prefix of 0 bits would put every address",
                "tun_cidr|10.200.01.1/30|is neither an IPv4 nor an IPv6 address",
                "tun_cidr|0.0.0.0/8|cannot be the address of a tunnel",
                "log_level|loud|'loud' is not a log level",
                "tls_insecure_skip_verify|perhaps|'perhaps' is neither true nor false",
                "tls_ca_file|'\"a\\0b\"'|is not a path",
                "tls_server_name|two words|is neither an address nor a DNS name",
                "remote_port|[45001]|a list or mapping stands where one value belongs",
                "remote_port|{a: b}|a list or mapping stands where one value belongs",
                "remote_port|!port 45001|a list or mapping stands where one value belongs"
            })
    void aWrongValueIsReportedAtItsLine(String key, String value, String message) {
        ConfigProblem problem = failure(with(key, value)).getFirst();
        assertEquals(key, problem.key());
        assertEquals(1 + CLIENT.lines().toList().indexOf(line(CLIENT, key)), problem.line());
        assertEquals(key.length() + 3, problem.column());
        assertTrue(problem.message().contains(message), problem::toString);
        assertEquals(ConfigKey.named(key).orElseThrow().remedy(), problem.remedy());
    }

    @ParameterizedTest
    @ValueSource(strings = {"role", "bind_ip", "remote_addr", "remote_port", "tun_name", "tun_cidr"})
    void aMissingKeyIsReported(String key) {
        for (String text : List.of(without(CLIENT, key), with(key, ""), with(key, "~"), with(key, "\"\""))) {
            List<ConfigProblem> problems = failure(text);
            assertEquals(List.of(key), keys(problems));
            assertTrue(problems.getFirst().message().startsWith("this key is missing"));
        }
    }

    @Test
    void everyFaultIsReportedAtOnce() {
        List<ConfigProblem> problems = failure("""
                role: client
                bind_ip: nowhere
                remote_adr: 203.0.113.7
                remote_port: 70000
                tun_name: mpq1
                tun_name: mpq2
                log_level: loud
                """);
        assertEquals(
                List.of("tun_cidr", "remote_addr", "bind_ip", "remote_adr", "remote_port", "tun_name", "log_level"),
                keys(problems));
        assertEquals(
                "1.yaml:3:1: remote_adr: there is no such key; did you mean remote_addr?",
                problems.get(3).toString());
        assertEquals(
                "1.yaml:6:1: tun_name: this key was given on line 5 already; keep one of the two",
                problems.get(5).toString());
    }

    @ParameterizedTest
    @CsvSource({
        "tun_nmae, tun_name",
        "Role, role",
        "bind-ip, bind_ip",
        "tls_insecure, tls_insecure_skip_verify",
        "port, remote_port",
        "tls_cafile, tls_ca_file"
    })
    void aSlipInAKeyIsMetWithTheKeyThatWasMeant(String written, String meant) {
        boolean near = ConfigKey.nearest(written).isPresent();
        String remedy = failure(CLIENT + written + ": x\n").getFirst().remedy();
        assertEquals(near ? "did you mean " + meant + "?" : "remove it; the README lists the keys", remedy);
        assertEquals(!written.equals("port") && !written.equals("tls_insecure"), near);
    }

    @Test
    void aSyntaxErrorIsReportedWithItsLineAndColumn() {
        ConfigProblem problem = failure("role: client\nbind_ip: \"0.0.0.0\n").getFirst();
        assertEquals("", problem.key());
        assertEquals(3, problem.line());
        ConfigProblem tab = failure("role: client\n\tbind_ip: 0.0.0.0\n").getFirst();
        assertEquals(2, tab.line());
        assertEquals(1, tab.column());
        assertTrue(tab.message().startsWith("YAML syntax: "), tab::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n\n", "# only a comment\n", "---\n", "{}", "\uFEFF"})
    void anEmptyFileIsReportedAsSuch(String text) {
        assertEquals("the file is empty", failure(text).getFirst().message());
    }

    @ParameterizedTest
    @ValueSource(strings = {"client", "- role: client", "a: 1\n---\nb: 2\n", "? [a]\n: b\n", "<<: {role: client}\n"})
    void whatIsNotOneListOfKeysIsRefused(String text) {
        assertTrue(failure(text).getFirst().line() >= 1);
    }

    @Test
    void aFileThatStartsWithAByteOrderMarkOrHasWindowsLineEndsIsRead() throws ConfigException {
        assertEquals(load(CLIENT), load("\uFEFF" + CLIENT.replace("\n", "\r\n")));
    }

    @Test
    void aFileInAnotherEncodingIsReportedAtTheFirstStrangeByte() {
        byte[] latin1 = (CLIENT + "# gate \u00fc\n").getBytes(StandardCharsets.ISO_8859_1);
        ConfigProblem problem = assertThrows(ConfigException.class, () -> ConfigLoader.parse(FILE, latin1))
                .problems()
                .getFirst();
        assertEquals("this is not UTF-8", problem.message());
        assertEquals(11, problem.line());
        assertEquals(8, problem.column());
    }

    @Test
    void binaryFilesHugeFilesAndAliasBombsAreRefused() {
        assertTrue(failure("role: cli\u0000ent").getFirst().message().contains("U+0000"));
        assertTrue(failure("#".repeat(70_000)).getFirst().message().startsWith("the file is longer than"));
        assertTrue(failure("[".repeat(1000)).getFirst().message().startsWith("YAML syntax"));
        StringBuilder bomb = new StringBuilder("a: &a [x, x, x, x, x, x, x, x, x]\n");
        for (char c = 'b'; c < 'k'; c++) {
            String alias = "*" + (char) (c - 1);
            bomb.append(c).append(": &").append(c).append(" [").append((alias + ", ").repeat(9));
            bomb.append(alias).append("]\n");
        }
        assertTrue(failure(bomb.toString()).getFirst().message().startsWith("YAML syntax"));
    }

    @Test
    void aKeyThatOnlyTunesTheGoProgramIsPassedOver() throws ConfigException {
        LoadedConfig loaded = load(CLIENT + """
                congestion_algorithm: bbr
                multipath_enabled: false
                transport_mode: datagram
                stripe_pacing_rate: 50
                """);
        assertEquals(List.of("congestion_algorithm", "stripe_pacing_rate"), keys(loaded.warnings()));
    }

    @Test
    void aKeyThatAsksForAnotherKindOfTunnelIsRefused() {
        assertEquals(List.of("multi_conn_enabled"), keys(failure(SERVER + "multi_conn_enabled: true\n")));
        assertEquals(List.of("transport_mode"), keys(failure(CLIENT + "transport_mode: reliable\n")));
    }

    @Test
    void thePlaceholderAndANetworkAddressAreWarnedOf() throws ConfigException {
        String text = with("remote_addr", "VPS_PUBLIC_IP").replace("10.200.1.1/30", "10.200.1.3/30");
        assertEquals(List.of("remote_addr", "tun_cidr"), keys(load(text).warnings()));
        assertEquals(List.of(), load(CLIENT.replace("1.1/30", "1.0/31")).warnings());
    }

    @Test
    void aFileThatCannotBeReadIsReportedByName(@TempDir Path directory) throws Exception {
        Path missing = directory.resolve("7.yaml");
        ConfigProblem none = assertThrows(ConfigException.class, () -> ConfigLoader.load(missing))
                .problems()
                .getFirst();
        assertEquals(missing, none.file());
        assertEquals("there is no such file", none.message());
        ConfigProblem dir = assertThrows(ConfigException.class, () -> ConfigLoader.load(directory))
                .problems()
                .getFirst();
        assertEquals("this is a directory", dir.message());
        Files.writeString(missing, CLIENT);
        assertEquals(load(CLIENT).config(), ConfigLoader.load(missing).config());
    }

    @Test
    void whatAMessageQuotesCannotSteerATerminal() {
        String message =
                failure(with("log_level", "\"\\e[2J\\n\\u202E\"")).getFirst().message();
        assertTrue(message.startsWith("'?[2J??'"), message);
    }

    private static LoadedConfig load(String text) throws ConfigException {
        return ConfigLoader.parse(FILE, text.getBytes(StandardCharsets.UTF_8));
    }

    private static Side.Client client(String text) throws ConfigException {
        return assertInstanceOf(Side.Client.class, load(text).config().side());
    }

    private static List<ConfigProblem> failure(String text) {
        return assertThrows(ConfigException.class, () -> load(text)).problems();
    }

    private static List<String> keys(List<ConfigProblem> problems) {
        return problems.stream().map(ConfigProblem::key).toList();
    }

    private static String line(String text, String key) {
        return text.lines().filter(l -> l.startsWith(key + ":")).findFirst().orElseThrow();
    }

    /** The client's file with another value. */
    private static String with(String key, String value) {
        return CLIENT.replace(line(CLIENT, key), key + ": " + value);
    }

    private static String without(String text, String... keys) {
        String rest = text;
        for (String key : keys) {
            rest = rest.replace(line(rest, key) + "\n", "");
        }
        return rest;
    }
}
