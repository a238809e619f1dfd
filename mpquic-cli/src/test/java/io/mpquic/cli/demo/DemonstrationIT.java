package io.mpquic.cli.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class DemonstrationIT {

    @Test
    void sixTunnelsCarryPacketsBothWays() throws Exception {
        StringWriter text = new StringWriter();
        List<DemoResult> results = new Demonstration(new PrintWriter(text), Duration.ofMillis(200)).run();
        assertEquals(6, results.size());
        for (DemoResult result : results) {
            assertTrue(result.passed(), text::toString);
            assertTrue(result.handshakeMs() > 0 && result.pingMs() > 0, text::toString);
            assertTrue(result.upMbit() > 0 && result.downMbit() > 0, text::toString);
        }
        assertTrue(text.toString().contains("6 passed, 0 failed"), text::toString);
    }
}
