package io.mpquic.cli.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.mpquic.tun.InterfaceName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The twelve files of {@code deploy/config} describe six tunnels whose two ends fit together. */
class DeployedConfigTest {
    private static final Path DIRECTORY = Path.of("..", "deploy", "config");

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6})
    void theTwoEndsOfATunnelFitTogether(int number) throws Exception {
        LoadedConfig client = ConfigLoader.load(DIRECTORY.resolve("client").resolve(number + ".yaml"));
        LoadedConfig server = ConfigLoader.load(DIRECTORY.resolve("server").resolve(number + ".yaml"));

        InterfaceName wan = new InterfaceName("enp7s" + (number + 2));
        assertEquals(new BindTarget.Device(wan), client.config().bind());
        assertEquals("mpq" + number, client.config().name());
        assertEquals("mpq" + number, server.config().name());
        assertEquals("10.200." + number + ".1/30", client.config().tunAddress().toString());
        assertEquals("10.200." + number + ".2/30", server.config().tunAddress().toString());
        assertInstanceOf(Side.Client.class, client.config().side());
        Port port = new Port(45000 + number);
        assertEquals(port, client.config().side().port());
        assertEquals(
                new Side.Server(
                        port,
                        Optional.of(new CertificateFiles(
                                Path.of("/etc/mpquic/tls/server.crt"), Path.of("/etc/mpquic/tls/server.key"))),
                        Optional.of(Path.of("/etc/mpquic/tls/client-ca.crt"))),
                server.config().side());
        assertEquals(
                Optional.of(new CertificateFiles(
                        Path.of("/etc/mpquic/tls/client.crt"), Path.of("/etc/mpquic/tls/client.key"))),
                ((Side.Client) client.config().side()).identity());
        assertEquals(1, client.warnings().size(), "only the placeholder in remote_addr: " + client.warnings());
        assertEquals(0, server.warnings().size());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6})
    void whatTheSystemPreparesIsWhatTheDaemonIsToldToUse(int number) throws Exception {
        Map<String, String> client = environment("client", number);
        Map<String, String> server = environment("server", number);

        assertEquals(config("client", number).tunName().value(), client.get("TUN_NAME"));
        assertEquals(config("server", number).tunName().value(), server.get("TUN_NAME"));
        assertEquals(config("client", number).tunAddress().toString(), client.get("TUN_CIDR"));
        assertEquals(config("server", number).tunAddress().toString(), server.get("TUN_CIDR"));
        assertEquals(config("client", number).bind().toString(), "if:" + client.get("WAN_DEVICE"));
        assertEquals(Integer.toString(45000 + number), server.get("LISTEN_PORT"));
        assertEquals(server.get("TUN_CIDR"), client.get("PEER_TUN_ADDRESS") + "/30");
        assertEquals(client.get("TUN_CIDR"), server.get("PEER_TUN_ADDRESS") + "/30");
        assertEquals("172.16." + number + ".0/30", server.get("TUN_ROUTES"));
    }

    private static InstanceConfig config(String role, int number) throws ConfigException {
        return ConfigLoader.load(DIRECTORY.resolve(role).resolve(number + ".yaml"))
                .config();
    }

    private static Map<String, String> environment(String role, int number) throws IOException {
        Map<String, String> values = new HashMap<>();
        for (String line : Files.readAllLines(DIRECTORY.resolve(role).resolve(number + ".env"))) {
            if (!line.isBlank() && !line.startsWith("#")) {
                String[] pair = line.split("=", 2);
                values.put(pair[0], pair[1].replace("\"", ""));
            }
        }
        return values;
    }
}
