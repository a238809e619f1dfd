package io.mpquic.quic.tls;

/**
 * Gets the secrets of handshakes, in the format of NSS that Wireshark reads ({@code SSLKEYLOGFILE}). Whoever has them can
 * decrypt the traffic of the connection: for looking into a problem, not for every day.
 *
 * <p>It is called on the thread of the connection, once for each secret. The keys of later key phases follow from the
 * secrets of the first (RFC 9001 §6.1), so an update has no line.
 */
@FunctionalInterface
public interface KeyLog {
    /**
     * Takes a secret.
     *
     * @param line label, the client's random number and the secret, the latter two in hexadecimal, with a space in
     *     between and no line feed at the end
     */
    void log(String line);
}
