package io.mpquic.quic.endpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mpquic.quic.io.QlogDirectory;
import io.mpquic.quic.sim.LinkConditions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a qlog says is what happened: read by another JSON parser, and compared with the connection's own counters. */
class QlogTest {
    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);

    @TempDir
    Path directory;

    @Test
    void bothEndsTellTheSameStory() throws IOException {
        SimulatedPair pair = traced(QlogDirectory.DEFAULT_MAX_FILE_BYTES);
        pair.connect();
        for (int i = 0; i < 200; i++) {
            pair.connection.offerDatagram(new byte[1 + i]);
            pair.network.runFor(SECOND_NS / 100);
        }
        pair.network.runFor(SECOND_NS);
        long sent = pair.connection.statistics().packetsSent();
        long lost = pair.connection.statistics().packetsLost();
        pair.connection.close(7, "enough", pair.network.nowNs());
        pair.network.runFor(60 * SECOND_NS);

        List<JsonNode> client = records("client");
        List<JsonNode> server = records("server");
        String name = client.get(0).at("/trace/common_fields/ODCID").asText();
        assertEquals(name, server.get(0).at("/trace/common_fields/ODCID").asText());
        assertTrue(file("client").getFileName().toString().startsWith(name), name);
        assertEquals("client", client.get(0).at("/trace/vantage_point/type").asText());
        assertEquals("JSON-SEQ", client.get(0).get("qlog_format").asText());

        assertEquals(sent + 1, named(client, "transport:packet_sent").size(), "and the close");
        assertEquals(lost, named(client, "recovery:packet_lost").size());
        assertTrue(lost > 0, "nothing was lost: the test shows nothing");
        TreeSet<String> sentByClient = numbers(client, "transport:packet_sent");
        assertTrue(sentByClient.containsAll(numbers(server, "transport:packet_received")));
        assertEquals(200, framesOf(client, "transport:packet_sent", "datagram").size());
        assertEquals(
                pair.server.datagrams.stream().mapToLong(each -> each.length).sum(),
                framesOf(server, "transport:packet_received", "datagram").stream()
                        .mapToLong(frame -> frame.get("length").asLong())
                        .sum());
        assertFalse(framesOf(server, "transport:packet_sent", "ack").isEmpty());
        assertEquals(
                1,
                framesOf(client, "transport:packet_received", "handshake_done").size());

        List<JsonNode> closed = named(server, "connectivity:connection_closed");
        assertEquals(1, closed.size());
        assertEquals(7, closed.get(0).at("/data/application_code").asLong());
        assertEquals("remote", closed.get(0).at("/data/owner").asText());
        for (String each : List.of("recovery:metrics_updated", "transport:parameters_set")) {
            assertFalse(named(client, each).isEmpty(), each);
        }
    }

    @Test
    void aKeyUpdateIsWrittenDownByBothEnds() throws IOException {
        SimulatedPair pair = traced(QlogDirectory.DEFAULT_MAX_FILE_BYTES);
        pair.connect();
        pair.network.runFor(SECOND_NS);
        assertTrue(pair.connection.updateKeys(pair.network.nowNs()));
        for (int i = 0; i < 20; i++) {
            pair.connection.offerDatagram(new byte[100]);
            pair.network.runFor(SECOND_NS / 10);
        }
        pair.connection.close(0, "", pair.network.nowNs());
        pair.network.runFor(60 * SECOND_NS);
        String byClient = "{\"key_type\":\"client_1rtt_secret\",\"key_phase\":1,\"trigger\":";
        String byServer = "{\"key_type\":\"server_1rtt_secret\",\"key_phase\":1,\"trigger\":";
        assertEquals(
                List.of(byClient + "\"local_update\"}", byServer + "\"remote_update\"}"),
                data(named(records("client"), "security:key_updated")));
        assertEquals(List.of(byClient + "\"remote_update\"}"), data(named(records("server"), "security:key_updated")));
    }

    private static List<String> data(List<JsonNode> records) {
        return records.stream().map(each -> each.get("data").toString()).toList();
    }

    @Test
    void timesRunForwardFromTheBeginning() throws IOException {
        SimulatedPair pair = traced(QlogDirectory.DEFAULT_MAX_FILE_BYTES);
        pair.connect();
        pair.network.runFor(SECOND_NS);
        pair.client.endpoint.connections().get(0).close(0, "", pair.network.nowNs());
        pair.network.runFor(60 * SECOND_NS);
        double before = 0;
        List<JsonNode> all = records("client");
        for (JsonNode record : all.subList(1, all.size())) {
            assertNotNull(record.get("time"), record::toString);
            assertTrue(record.get("time").asDouble() >= before, record::toString);
            before = record.get("time").asDouble();
        }
        assertTrue(before > 900, "only " + before + " ms");
    }

    @Test
    void aFileEndsAtItsLimitAndTheConnectionGoesOn() throws IOException {
        SimulatedPair pair = traced(10_000);
        pair.connect();
        pair.network.runFor(20 * SECOND_NS);
        assertTrue(pair.connection.isEstablished());
        long length = Files.size(file("client"));
        assertTrue(length > 8_000 && length <= 10_000, length + " bytes");
        assertFalse(records("client").isEmpty());
    }

    @Test
    void aDirectoryThatIsTakenAwayEndsTheLogAndNotTheConnection() throws IOException {
        QlogDirectory traces = new QlogDirectory(directory.resolve("gone"), 1_000_000);
        Files.delete(directory.resolve("gone"));
        SimulatedPair pair = new SimulatedPair(
                1, LinkConditions.perfect(), each -> each.traces(traces), each -> each.traces(traces));
        pair.connect();
        assertTrue(pair.connection.isEstablished());
    }

    private SimulatedPair traced(long maxFileBytes) throws IOException {
        QlogDirectory traces = new QlogDirectory(directory, maxFileBytes);
        LinkConditions lossy = LinkConditions.builder().loss(0.05).delayMs(20).build();
        return new SimulatedPair(5, lossy, each -> each.traces(traces), each -> each.traces(traces));
    }

    private Path file(String role) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(each -> each.toString().endsWith("_" + role + ".sqlog"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private List<JsonNode> records(String role) throws IOException {
        String all = Files.readString(file(role));
        assertTrue(all.startsWith("\u001e") && all.endsWith("\n"));
        ObjectMapper mapper = new ObjectMapper();
        List<JsonNode> records = new ArrayList<>();
        for (String record : Arrays.asList(all.substring(1).split("\u001e"))) {
            records.add(mapper.readTree(record));
        }
        return records;
    }

    private static List<JsonNode> named(List<JsonNode> records, String name) {
        return records.stream()
                .filter(each -> name.equals(each.path("name").asText()))
                .toList();
    }

    private static List<JsonNode> framesOf(List<JsonNode> records, String event, String type) {
        return named(records, event).stream()
                .flatMap(each -> Stream.iterate(0, i -> i + 1)
                        .limit(each.at("/data/frames").size())
                        .map(i -> each.at("/data/frames").get(i)))
                .filter(frame -> type.equals(frame.get("frame_type").asText()))
                .toList();
    }

    private static TreeSet<String> numbers(List<JsonNode> records, String event) {
        TreeSet<String> numbers = new TreeSet<>();
        for (JsonNode each : named(records, event)) {
            numbers.add(each.at("/data/header").toString() + each.at("/data/raw/length"));
        }
        return numbers;
    }
}
