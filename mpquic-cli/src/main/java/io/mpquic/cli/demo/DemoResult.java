package io.mpquic.cli.demo;

import java.util.Optional;

/**
 * What the demonstration found out about one tunnel.
 *
 * @param instance its name
 * @param local the client's address; empty when it never came up
 * @param remote the server's address
 * @param handshakeMs how long the handshake took
 * @param pingMs the median time of a ping
 * @param upMbit what arrived from client to server, in Mbit/s of IP packets
 * @param downMbit what arrived from server to client
 * @param failure what went wrong; empty when nothing did
 */
public record DemoResult(
        String instance,
        String local,
        String remote,
        double handshakeMs,
        double pingMs,
        double upMbit,
        double downMbit,
        Optional<String> failure) {

    /** Whether the tunnel carried everything it was given to carry. */
    public boolean passed() {
        return failure.isEmpty();
    }
}
