package io.mpquic.cli.command;

import java.util.Optional;

/** The version of the program. */
final class ProgramVersion {
    private ProgramVersion() {}

    /** The version in the jar's manifest; outside of a jar there is none. */
    static String number() {
        return Optional.ofNullable(ProgramVersion.class.getPackage().getImplementationVersion())
                .orElse("(built from source)");
    }
}
