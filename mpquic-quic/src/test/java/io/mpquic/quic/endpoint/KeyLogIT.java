package io.mpquic.quic.endpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mpquic.quic.io.KeyLogFile;
import io.mpquic.quic.sim.LinkConditions;
import io.mpquic.quic.tls.TlsClientConfig;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Another program decrypts a connection with its key log. Needs tshark (Debian package tshark). */
class KeyLogIT {
    /** The packets of the file begin with an IPv4 header (LINKTYPE_IPV4). */
    private static final int LINK_TYPE_IPV4 = 228;

    private static final int IPV4_HEADER_BYTES = 20;
    private static final int UDP_HEADER_BYTES = 8;
    private static final byte[] DATAGRAM = "a datagram to be seen".getBytes(StandardCharsets.US_ASCII);
    private static final int DATAGRAMS = 3;

    @TempDir
    private Path directory;

    @BeforeAll
    static void needTshark() {
        boolean there = Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(path -> Files.isExecutable(Path.of(path, "tshark")));
        if (!there && "1".equals(System.getenv("MPQUIC_REQUIRE_ALL"))) {
            throw new AssertionError("tshark is missing; apt-get install tshark");
        }
        assumeTrue(there, "tshark is missing; apt-get install tshark");
    }

    @Test
    void aCaptureIsDecryptedWithTheKeyLogAlsoAfterKeyUpdates() throws Exception {
        Path keys = directory.resolve("keys.log");
        Path capture = directory.resolve("capture.pcap");
        try (KeyLogFile log = KeyLogFile.append(keys)) {
            Files.write(capture, exchange(log));
        }
        String seen = HexFormat.of().formatHex(DATAGRAM) + "\n";
        List<String> fields = List.of("-Y", "quic.dg", "-T", "fields", "-e", "quic.dg");
        assertEquals(seen.repeat(DATAGRAMS), tshark(capture, "tls.keylog_file:" + keys, fields));
        assertEquals("", tshark(capture, "tls.keylog_file:", fields), "without the secrets there is nothing to see");
    }

    /** The capture of a connection. */
    private static byte[] exchange(KeyLogFile log) {
        TlsClientConfig tls = TlsClientConfig.builder()
                .alpn("mpquic-ip")
                .serverName("mpquic-server")
                .insecure()
                .keyLog(log)
                .build();
        SimulatedPair pair = new SimulatedPair(
                5, LinkConditions.perfect(), each -> ClientConfig.builder(tls, new SplittableRandom(5)), each -> each);
        ByteArrayOutputStream capture = new ByteArrayOutputStream();
        capture.writeBytes(ByteBuffer.allocate(24)
                .putInt(0xa1b2c3d4) // microseconds, big-endian
                .putInt(0x0002_0004)
                .putLong(0)
                .putInt(65_535)
                .putInt(LINK_TYPE_IPV4)
                .array());
        record(pair, SimulatedPair.CLIENT, SimulatedPair.SERVER, capture);
        record(pair, SimulatedPair.SERVER, SimulatedPair.CLIENT, capture);
        pair.connect();
        for (int i = 0; i < DATAGRAMS; i++) {
            pair.network.runFor(TimeUnit.SECONDS.toNanos(1));
            assertTrue(pair.connection.updateKeys(pair.network.nowNs()), "later keys follow from the logged ones");
            assertTrue(pair.connection.offerDatagram(DATAGRAM));
        }
        pair.network.runFor(TimeUnit.SECONDS.toNanos(1));
        return capture.toByteArray();
    }

    private static void record(
            SimulatedPair pair, InetSocketAddress from, InetSocketAddress to, ByteArrayOutputStream capture) {
        pair.network.dropIf(from, to, (index, payload, nowNs) -> {
            long micros = TimeUnit.NANOSECONDS.toMicros(nowNs);
            int udpBytes = UDP_HEADER_BYTES + payload.length;
            int bytes = IPV4_HEADER_BYTES + udpBytes;
            capture.writeBytes(ByteBuffer.allocate(16 + bytes)
                    .putInt((int) (micros / 1_000_000))
                    .putInt((int) (micros % 1_000_000))
                    .putInt(bytes)
                    .putInt(bytes)
                    .put((byte) 0x45)
                    .put((byte) 0)
                    .putShort((short) bytes)
                    .putInt(0)
                    .put((byte) 64)
                    .put((byte) 17)
                    .putShort((short) 0)
                    .put(from.getAddress().getAddress())
                    .put(to.getAddress().getAddress())
                    .putShort((short) from.getPort())
                    .putShort((short) to.getPort())
                    .putShort((short) udpBytes)
                    .putShort((short) 0)
                    .put(payload)
                    .array());
            return false;
        });
    }

    private static String tshark(Path capture, String preference, List<String> arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("tshark", "-r", capture.toString(), "-o", preference));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor());
        return output;
    }
}
