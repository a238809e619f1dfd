package io.mpquic.cli.demo;

import io.mpquic.quic.tls.Identity;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Starts six tunnels, tries each of them, and prints a table. */
public final class Demonstration {
    private static final int TUNNELS = 6;
    private static final String ROW = "%-9s %-21s %-21s %12s %8s %10s %12s  %s%n";

    private final PrintWriter out;
    private final Duration transfer;

    /**
     * Prepares the demonstration.
     *
     * @param out where the table goes
     * @param transfer how long each direction of each tunnel is loaded
     */
    public Demonstration(PrintWriter out, Duration transfer) {
        this.out = out;
        this.transfer = transfer;
    }

    /** Runs it; returns what was found out, one entry a tunnel. */
    public List<DemoResult> run() throws IOException, InterruptedException {
        Identity identity = Identity.selfSigned(DemoTunnel.SERVER_NAME);
        warmUp(identity);
        List<DemoTunnel> tunnels = new ArrayList<>();
        try {
            for (int number = 1; number <= TUNNELS; number++) {
                DemoTunnel tunnel = new DemoTunnel(number, identity);
                tunnels.add(tunnel);
                tunnel.start();
            }
            say(
                    "%d tunnels on the loopback interface; %.1f s of packets each way through each.%n%n",
                    TUNNELS, transfer.toMillis() / 1e3);
            return measure(tunnels);
        } finally {
            tunnels.forEach(DemoTunnel::close);
        }
    }

    /** One more tunnel, before the others and not in the table: code that has just been loaded is still slow. */
    private void warmUp(Identity identity) throws IOException, InterruptedException {
        say("Warming up.%n");
        try (DemoTunnel tunnel = new DemoTunnel(TUNNELS + 1, identity)) {
            tunnel.start();
            tunnel.measure(transfer);
        }
    }

    private List<DemoResult> measure(List<DemoTunnel> tunnels) throws InterruptedException {
        say(ROW, "instance", "local", "remote", "handshake ms", "ping ms", "up Mbit/s", "down Mbit/s", "result");
        List<DemoResult> results = new ArrayList<>();
        for (DemoTunnel tunnel : tunnels) {
            DemoResult result = tunnel.measure(transfer);
            results.add(result);
            say(
                    ROW,
                    result.instance(),
                    result.local(),
                    result.remote(),
                    number(result.handshakeMs()),
                    String.format(Locale.ROOT, "%.3f", result.pingMs()),
                    number(result.upMbit()),
                    number(result.downMbit()),
                    result.failure().map(why -> "FAIL: " + why).orElse("PASS"));
        }
        long passed = results.stream().filter(DemoResult::passed).count();
        say("%n%d passed, %d failed%n", passed, TUNNELS - passed);
        return results;
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    @SuppressWarnings("AnnotateFormatMethod") // every format is in this file
    private void say(String format, Object... values) {
        out.printf(Locale.ROOT, format, values);
        out.flush();
    }
}
