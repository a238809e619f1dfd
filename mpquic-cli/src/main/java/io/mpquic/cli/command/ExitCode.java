package io.mpquic.cli.command;

/** How the process ends; scripts and systemd look at it. */
final class ExitCode {
    static final int OK = 0;
    static final int FAILED = 1;
    /** Starting again would not help: the command line or the configuration is wrong. */
    static final int USAGE = 2;

    private ExitCode() {}
}
