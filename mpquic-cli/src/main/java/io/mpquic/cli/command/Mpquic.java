package io.mpquic.cli.command;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The program itself: without a command it runs a tunnel, as the Go program does. */
@Command(
        name = "mpquic",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        usageHelpAutoWidth = true,
        subcommands = {Run.class, Check.class, Demo.class, HelpCommand.class},
        synopsisHeading = "Usage:%n",
        customSynopsis = {"  mpquic --config FILE ...        run one end of a tunnel", "  mpquic COMMAND [OPTIONS]"},
        description = {
            "",
            "IP tunnels over QUIC. Packets of a TUN device travel in QUIC DATAGRAM frames over one connection, which is"
                    + " tied to one uplink. Both ends run this program: the client on the gateway connects, the server"
                    + " on the VPS listens. Run one process for each tunnel, or one for several.",
            ""
        },
        commandListHeading = "%nCommands:%n",
        optionListHeading = "Options:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it worked, or the tunnel was told to stop (SIGTERM, SIGINT)",
            "1:it failed while it ran",
            "2:the command line or the configuration is wrong"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  mpquic demo                           see six tunnels work, without rights",
            "  mpquic check --config client/1.yaml   is this file right?",
            "  mpquic --config client/1.yaml         run it",
            "",
            "'mpquic' stands for 'java -jar mpquic-cli.jar'. The README lists the keys."
        })
final class Mpquic implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOption config;

    /** Made by {@link #execute}. */
    @SuppressWarnings("NullAway.Init") // picocli sets the fields
    Mpquic() {}

    /**
     * Runs the program to its end.
     *
     * @return the exit code of the process
     */
    static int execute(String... args) {
        return commandLine().execute(args);
    }

    static CommandLine commandLine() {
        return new CommandLine(new Mpquic())
                .setParameterExceptionHandler((e, _) -> reportUsage(e))
                .setExecutionExceptionHandler((e, commandLine, parsed) -> reportFailure(e, commandLine));
    }

    /** A wrong command line: what is wrong and where to read on, instead of the whole help. */
    private static int reportUsage(ParameterException e) {
        CommandLine commandLine = e.getCommandLine();
        PrintWriter err = commandLine.getErr();
        err.println("error: " + e.getMessage());
        UnmatchedArgumentException.printSuggestions(e, err);
        err.println("Try '" + commandLine.getCommandSpec().qualifiedName() + " --help'.");
        err.flush();
        return ExitCode.USAGE;
    }

    /** A failure that no command expected: a fault of the program, so the whole trace is wanted. */
    private static int reportFailure(Exception e, CommandLine commandLine) {
        PrintWriter err = commandLine.getErr();
        err.println("mpquic failed: " + e);
        e.printStackTrace(err);
        err.flush();
        return ExitCode.FAILED;
    }

    @Override
    public Integer call() {
        return Instances.run(config.required(spec), spec.commandLine().getErr());
    }
}
