package io.mpquic.cli.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.cli.log.LineLoggerFinder.LineLogger;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

class LineLogTest {
    private static final Instant NOON = Instant.parse("2026-01-31T12:00:00Z");

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    @Test
    void aLineHasTimeLevelAndEvent() {
        logger("io.mpquic.cli", false).log(Level.INFO, Event.of("up").with("instance", "mpq1"));
        assertEquals("2026-01-31T12:00:00.000Z INFO up instance=mpq1\n", written());
    }

    @Test
    void theJournalGetsAPriorityInPlaceOfTheTime() {
        System.Logger logger = logger("io.mpquic.cli", true);
        logger.log(Level.INFO, "up");
        logger.log(Level.WARNING, "down");
        logger.log(Level.ERROR, "failed");
        assertEquals("<6>INFO up\n<4>WARNING down\n<3>ERROR failed\n", written());
    }

    @Test
    void lessSevereLinesThanTheThresholdAreLeftOut() {
        LineLog log = log(true);
        log.threshold(Level.ERROR);
        System.Logger logger = new LineLogger("io.mpquic.cli", log);
        logger.log(Level.INFO, "up");
        logger.log(Level.ERROR, "failed");
        assertEquals("<3>ERROR failed\n", written());
        assertFalse(logger.isLoggable(Level.WARNING));
        assertFalse(logger.isLoggable(Level.OFF));
    }

    @Test
    void otherLibrariesAreOnlyHeardWhenTheyWarn() {
        LineLog log = log(true);
        log.threshold(Level.DEBUG);
        System.Logger jdk = new LineLogger("java.lang.Runtime", log);
        jdk.log(Level.INFO, "noise");
        jdk.log(Level.WARNING, "{0} left", 3);
        assertEquals("<4>WARNING 3 left\n", written());
    }

    @Test
    void aThrownExceptionStaysOnTheLine() {
        logger("io.mpquic.cli", true).log(Level.ERROR, "failed", new IOException("no\nroute"));
        assertEquals("<3>ERROR failed cause=\"java.io.IOException: no\\u000aroute\"\n", written());
    }

    @Test
    void aMessageOfSeveralLinesIsCutToOne() {
        logger("io.mpquic.cli", true).log(Level.INFO, "first\nINFO up instance=forged");
        assertEquals("<6>INFO first\n", written());
    }

    @Test
    void aValueCannotAddPairsOrLines() {
        assertEquals(
                "down reason=\"x\\\" peer=\\u000aforged \\\\\"",
                Event.of("down").with("reason", "x\" peer=\nforged \\").toString());
        assertEquals("e a=\"\" b=1", Event.of("e").with("a", "").with("b", 1).toString());
        assertTrue(Event.of("e").with("a", "x".repeat(5000)).toString().length() < 400);
    }

    @Test
    void durationsAreWrittenInMilliseconds() {
        assertEquals(
                "up handshake_ms=41.3",
                Event.of("up").withMs("handshake_ms", 41_260_000).toString());
    }

    @Test
    void everyLoggerOfTheProcessIsOurs() {
        assertInstanceOf(LineLogger.class, System.LoggerFinder.getLoggerFinder().getLogger("io.mpquic.x", null));
    }

    private LineLog log(boolean journal) {
        return new LineLog(new PrintStream(bytes, true, StandardCharsets.UTF_8), journal, InstantSource.fixed(NOON));
    }

    private System.Logger logger(String name, boolean journal) {
        return new LineLogger(name, log(journal));
    }

    private String written() {
        return bytes.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
    }
}
