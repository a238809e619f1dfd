package io.mpquic.cli.command;

import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The program: {@code run} by the short way, everything else by picocli. */
public final class Program {
    private Program() {}

    /**
     * Runs the program to its end.
     *
     * @return the exit code of the process
     */
    public static int execute(String... args) {
        @Nullable List<Path> files = RunWords.files(args);
        if (files != null) {
            return Instances.run(files, standardError());
        }
        if (args.length == 1 && args[0].equals(Rehearsal.WORD)) {
            return Rehearsal.run(standardError());
        }
        return Mpquic.execute(args);
    }

    private static PrintWriter standardError() {
        return new PrintWriter(new OutputStreamWriter(System.err, System.err.charset()), true);
    }
}
