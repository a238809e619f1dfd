package io.mpquic.cli.config;

import java.nio.file.Path;

/** How a client decides whether it talks to its server. */
public sealed interface ServerTrust {

    /**
     * The server's certificate leads to one of these.
     *
     * @param file PEM file with one or more certificates
     */
    record Authorities(Path file) implements ServerTrust {}

    /** The server's certificate leads to an authority that this machine trusts. */
    record SystemAuthorities() implements ServerTrust {}

    /** Any certificate will do: encryption without authentication, for trials only. */
    record Anyone() implements ServerTrust {}
}
