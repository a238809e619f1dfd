package io.mpquic.cli.command;

import io.mpquic.cli.demo.DemoResult;
import io.mpquic.cli.demo.Demonstration;
import io.mpquic.cli.log.LineLog;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Shows six tunnels at work, without rights and without a network. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        usageHelpAutoWidth = true,
        header = "Show six tunnels at work inside one process.",
        description = {
            "",
            "Starts both ends of six tunnels in this process. They speak QUIC over the loopback interface; their TUN"
                    + " devices, and the hosts behind them, are made of memory. Each tunnel must answer pings both"
                    + " ways and carry packets both ways, and every byte is compared.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:all six passed", "1:at least one did not"})
final class Demo implements Callable<Integer> {
    private static final double LONGEST_S = 60;

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-s", "--seconds"},
            paramLabel = "N",
            defaultValue = "1",
            description = "How long each direction of each tunnel is loaded (default: ${DEFAULT-VALUE}).")
    private double seconds;

    @SuppressWarnings("NullAway.Init") // picocli sets the fields
    Demo() {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (!(seconds > 0 && seconds <= LONGEST_S)) {
            throw new ParameterException(spec.commandLine(), "--seconds takes a number above 0 and up to 60");
        }
        LineLog.standardOutput().threshold(Level.ERROR);
        Duration transfer = Duration.ofMillis(Math.max(1, (long) (seconds * 1000)));
        List<DemoResult> results = new Demonstration(spec.commandLine().getOut(), transfer).run();
        return results.stream().allMatch(DemoResult::passed) ? ExitCode.OK : ExitCode.FAILED;
    }
}
