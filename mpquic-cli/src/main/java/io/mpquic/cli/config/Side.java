package io.mpquic.cli.config;

import java.nio.file.Path;
import java.util.Optional;

/** What an instance needs to know as a client, or as a server. */
public sealed interface Side {

    /** The server's UDP port: the client sends to it, the server listens on it. */
    Port port();

    /**
     * The end that connects.
     *
     * @param host the server
     * @param port the server's port
     * @param trust which servers are believed
     * @param serverName what the server's certificate must be made out to
     * @param identity the client's own certificate, for servers that ask for one
     */
    record Client(Host host, Port port, ServerTrust trust, Host serverName, Optional<CertificateFiles> identity)
            implements Side {}

    /**
     * The end that listens.
     *
     * @param port where it listens
     * @param identity its certificate; without one it makes one when it starts
     * @param clientAuthorities PEM file with the authorities that clients must come from; without it any client may
     *     connect
     */
    record Server(Port port, Optional<CertificateFiles> identity, Optional<Path> clientAuthorities) implements Side {}
}
