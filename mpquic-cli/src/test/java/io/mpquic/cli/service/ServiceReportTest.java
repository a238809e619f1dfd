package io.mpquic.cli.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.dataplane.TunnelEvent;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ResourceBundle;
import org.junit.jupiter.api.Test;

class ServiceReportTest {
    private static final Duration WATCHDOG = Duration.ofSeconds(9);

    private final List<String> messages = new ArrayList<>();
    private final Log log = new Log();
    private final ManualTimer timer = new ManualTimer();
    private boolean broken;
    private boolean answers = true;
    private Duration patience = Duration.ZERO;
    private final ServiceReports reports = reports(WATCHDOG, "mpq1");
    private final ServiceReport report = reports.instance("mpq1");

    private ServiceReports reports(Duration watchdog, String... instances) {
        ServiceMessages messages = new ServiceMessages(String.join(",", instances), this::send, log);
        return new ServiceReports(List.of(instances), messages, timer, StatusTextTest.NOON, watchdog, log);
    }

    private void send(String message) throws IOException {
        if (broken) {
            throw new IOException("nobody listens");
        }
        messages.add(message);
    }

    private boolean isResponsive(Duration howLong) {
        patience = howLong;
        return answers;
    }

    private void assertMessages(String... expected) {
        assertEquals(List.of(expected), messages);
        messages.clear();
    }

    @Test
    void aServerIsReadyWhenItListens() {
        report.onEvent(new TunnelEvent.Listening(StatusTextTest.REMOTE));
        assertMessages("READY=1\nSTATUS=listening local=203.0.113.7:45001\n");
    }

    @Test
    void aClientIsReadyWhenItIsUpAndSaysSoOnce() {
        report.clientStarts();
        report.onEvent(new TunnelEvent.Connecting("vps:45001", 1));
        assertMessages("STATUS=connecting remote=vps:45001 attempt=1\n");
        report.onEvent(StatusTextTest.UP);
        assertTrue(messages.getFirst().startsWith("READY=1\nSTATUS=up local="), messages::toString);
        messages.clear();
        timer.advance(ServiceReport.READY_AFTER);
        report.onEvent(StatusTextTest.UP);
        assertMessages();
    }

    @Test
    void aClientWithoutItsWanIsReadyBecauseThereIsNothingToWaitFor() {
        report.onEvent(new TunnelEvent.Waiting("enp7s3", "not there"));
        assertMessages("READY=1\nSTATUS=waiting wan=enp7s3 reason=\"not there\"\n");
    }

    @Test
    void aClientThatDialsInVainIsReadyAfterTwentySeconds() {
        report.clientStarts();
        report.onEvent(new TunnelEvent.Down("no answer", 250_000_000));
        messages.clear();
        timer.advance(Duration.ofMillis(19_999));
        assertMessages();
        timer.advance(Duration.ofMillis(1));
        assertMessages("READY=1\n");
    }

    @Test
    void theWatchdogHearsOfATunnelThatAnswersEveryThirdOfItsTime() {
        report.watch(this::isResponsive);
        timer.advance(Duration.ofMillis(2_999));
        assertMessages();
        timer.advance(Duration.ofMillis(1));
        assertMessages("WATCHDOG=1\n");
        assertEquals(Duration.ofSeconds(3), patience);
        timer.advance(Duration.ofSeconds(9));
        assertMessages("WATCHDOG=1\n", "WATCHDOG=1\n", "WATCHDOG=1\n");
    }

    @Test
    void theWatchdogHearsNothingOfATunnelThatDoesNotAnswerAndTheLogOnce() {
        report.watch(this::isResponsive);
        answers = false;
        timer.advance(WATCHDOG);
        assertMessages();
        assertEquals(List.of("ERROR unresponsive instance=mpq1 patience_ms=3000.0"), log.lines);
        answers = true;
        timer.advance(Duration.ofSeconds(3));
        assertMessages("WATCHDOG=1\n");
        answers = false;
        timer.advance(Duration.ofSeconds(3));
        assertEquals(2, log.lines.size());
    }

    @Test
    void aTunnelThatEndsIsNotCalledUnresponsive() {
        report.watch(this::isResponsive);
        reports.stopping();
        assertMessages("STOPPING=1\n");
        answers = false;
        timer.advance(WATCHDOG);
        assertMessages();
        assertEquals(List.of(), log.lines);
    }

    @Test
    void withoutAWatchdogNobodyAsksTheTunnel() {
        ServiceReport without = reports(Duration.ZERO, "mpq1").instance("mpq1");
        without.watch(this::isResponsive);
        timer.advance(Duration.ofDays(1));
        assertMessages();
        assertEquals(Duration.ZERO, patience);
    }

    @Test
    void whatDidNotGetThroughIsSaidAgainAndLoggedOnce() {
        broken = true;
        report.watch(this::isResponsive);
        report.onEvent(new TunnelEvent.Listening(StatusTextTest.REMOTE));
        timer.advance(WATCHDOG);
        assertEquals(
                List.of("WARNING warning instance=mpq1 text=\"the service manager cannot be told: nobody listens\""),
                log.lines);
        broken = false;
        timer.advance(Duration.ofSeconds(3));
        assertMessages("READY=1\nSTATUS=listening local=203.0.113.7:45001\nWATCHDOG=1\n");
    }

    @Test
    void severalInstancesAreReadyTogetherAndTheStatusTellsOfThoseThatAreNotUp() {
        ServiceReports several = reports(WATCHDOG, "mpq1", "mpq2");
        several.instance("mpq1").onEvent(StatusTextTest.UP);
        assertMessages("STATUS=instances=2 up=1; mpq2 starting\n");
        several.instance("mpq2").onEvent(new TunnelEvent.Connecting("vps:45002", 1));
        assertMessages("STATUS=instances=2 up=1; mpq2 connecting remote=vps:45002 attempt=1\n");
        several.instance("mpq2").onEvent(StatusTextTest.UP);
        assertMessages("READY=1\nSTATUS=instances=2 up=2\n");
    }

    @Test
    void anInstanceThatFailedKeepsTheOthersFromNothing() {
        ServiceReports several = reports(WATCHDOG, "mpq1", "mpq2");
        several.instance("mpq1").failed();
        several.instance("mpq2").onEvent(StatusTextTest.UP);
        assertMessages(
                "STATUS=instances=2 up=0; mpq1 failed; mpq2 starting\n",
                "READY=1\nSTATUS=instances=2 up=1; mpq1 failed\n");
        several.instance("mpq2").watch(this::isResponsive);
        timer.advance(Duration.ofSeconds(3));
        assertMessages("WATCHDOG=1\n");
        several.instance("mpq2").onEvent(new TunnelEvent.Closed(new IOException("the interface was deleted")));
        assertMessages("STATUS=instances=2 up=0; mpq1 failed; mpq2 failed\n");
    }

    @Test
    void nothingIsReadyWhenEveryInstanceHasFailed() {
        ServiceReports several = reports(WATCHDOG, "mpq1", "mpq2");
        several.instance("mpq1").failed();
        several.instance("mpq2").failed();
        assertTrue(messages.stream().noneMatch(message -> message.contains("READY")), messages::toString);
    }

    @Test
    void theWatchdogIsFedOnlyWhenEveryInstanceAnswers() {
        ServiceReports several = reports(WATCHDOG, "mpq1", "mpq2");
        several.instance("mpq1").watch(howLong -> true);
        several.instance("mpq2").watch(this::isResponsive);
        timer.advance(Duration.ofSeconds(3));
        assertMessages("WATCHDOG=1\n");
        answers = false;
        timer.advance(Duration.ofSeconds(6));
        assertMessages();
        assertEquals(List.of("ERROR unresponsive instance=mpq2 patience_ms=3000.0"), log.lines);
        answers = true;
        timer.advance(Duration.ofSeconds(3));
        assertMessages("WATCHDOG=1\n");
    }

    @Test
    void withoutAServiceManagerNothingHappens() {
        ServiceReports none = ServiceReports.of(List.of("mpq1"), Map.of("WATCHDOG_USEC", "1000"), log);
        ServiceReport nobody = none.instance("mpq1");
        nobody.clientStarts();
        nobody.watch(this::isResponsive);
        nobody.onEvent(StatusTextTest.UP);
        none.stopping();
        assertEquals(List.of(), log.lines);
    }

    @Test
    void anAddressThatIsNoneIsLoggedOnceAndEndsNothing() {
        ServiceReports nonsense = ServiceReports.of(List.of("mpq1"), Map.of("NOTIFY_SOCKET", "nonsense"), log);
        nonsense.instance("mpq1").onEvent(StatusTextTest.UP);
        nonsense.stopping();
        assertEquals(1, log.lines.size());
        assertTrue(log.lines.getFirst().contains("nonsense"), log.lines::toString);
    }

    @Test
    void theWatchdogTimeCountsForTheProcessThatItIsMeantFor() {
        assertEquals(Duration.ofSeconds(10), WatchdogTime.of(Map.of("WATCHDOG_USEC", "10000000"), 7));
        assertEquals(Duration.ofMillis(5), WatchdogTime.of(Map.of("WATCHDOG_USEC", "5000", "WATCHDOG_PID", "7"), 7));
        for (Map<String, String> none : List.of(
                Map.<String, String>of(),
                Map.of("WATCHDOG_PID", "7"),
                Map.of("WATCHDOG_USEC", "5000", "WATCHDOG_PID", "8"),
                Map.of("WATCHDOG_USEC", "0"),
                Map.of("WATCHDOG_USEC", "-5"),
                Map.of("WATCHDOG_USEC", "soon"))) {
            assertEquals(Duration.ZERO, WatchdogTime.of(none, 7), none::toString);
        }
    }

    /** Time passes when the test says so. */
    private static final class ManualTimer implements ServiceTimer {
        private record Task(Duration due, Duration pause, Runnable body) {}

        private final List<Task> tasks = new ArrayList<>();
        private Duration now = Duration.ZERO;

        @Override
        public void after(Duration delay, Runnable task) {
            tasks.add(new Task(now.plus(delay), Duration.ZERO, task));
        }

        @Override
        public void every(Duration pause, Runnable task) {
            tasks.add(new Task(now.plus(pause), pause, task));
        }

        void advance(Duration time) {
            Duration end = now.plus(time);
            for (Task next = due(end); next != null; next = due(end)) {
                tasks.remove(next);
                now = next.due();
                next.body().run();
                if (!next.pause().isZero()) {
                    every(next.pause(), next.body());
                }
            }
            now = end;
        }

        private Task due(Duration end) {
            return tasks.stream()
                    .filter(task -> task.due().compareTo(end) <= 0)
                    .min((a, b) -> a.due().compareTo(b.due()))
                    .orElse(null);
        }
    }

    /** Remembers what was logged. */
    private static final class Log implements System.Logger {
        private final List<String> lines = new ArrayList<>();

        @Override
        public String getName() {
            return "test";
        }

        @Override
        public boolean isLoggable(Level level) {
            return true;
        }

        @Override
        public void log(Level level, ResourceBundle bundle, String message, Throwable thrown) {
            lines.add(level + " " + message);
        }

        @Override
        public void log(Level level, ResourceBundle bundle, String format, Object... params) {
            lines.add(level + " " + format);
        }
    }
}
