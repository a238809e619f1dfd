package io.mpquic.cli;

import io.mpquic.cli.command.Program;

/** Entry point of the program. */
public final class Main {
    private Main() {}

    /** Runs the program and ends the process with its exit code. */
    public static void main(String[] args) {
        System.exit(Program.execute(args));
    }
}
