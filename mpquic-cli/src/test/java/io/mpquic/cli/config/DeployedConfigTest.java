package io.mpquic.cli.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.tun.InterfaceName;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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
                        Optional.empty()),
                server.config().side());
        assertEquals(1, client.warnings().size(), "only the placeholder in remote_addr: " + client.warnings());
        assertEquals(0, server.warnings().size());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6})
    void theLinesToSwitchOnAreValidOnceTheHashIsGone(int number) throws Exception {
        for (String role : new String[] {"client", "server"}) {
            Path file = DIRECTORY.resolve(role).resolve(number + ".yaml");
            String enabled = Files.readString(file).replace("# tls_", "tls_").replace("VPS_PUBLIC_IP", "203.0.113.7");
            LoadedConfig loaded = ConfigLoader.parse(file, enabled.getBytes(StandardCharsets.UTF_8));
            assertEquals(0, loaded.warnings().size(), loaded.warnings()::toString);
            boolean named = switch (loaded.config().side()) {
                case Side.Client client -> client.identity().isPresent();
                case Side.Server server -> server.clientAuthorities().isPresent();
            };
            assertTrue(named);
        }
    }
}
