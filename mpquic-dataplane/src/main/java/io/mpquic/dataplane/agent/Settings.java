package io.mpquic.dataplane.agent;

import io.mpquic.dataplane.Bind;
import io.mpquic.dataplane.TunSource;
import io.mpquic.dataplane.UdpOptions;
import io.mpquic.quic.connection.ConnectionTrace;
import io.mpquic.quic.connection.TransportSettings;
import io.mpquic.quic.crypto.CryptoProvider;
import io.mpquic.quic.tls.TlsClientConfig;
import io.mpquic.quic.tls.TlsServerConfig;
import java.util.random.RandomGenerator;

/**
 * All that a tunnel is configured with.
 *
 * @param name of the tunnel; threads carry it
 * @param role which end it is
 * @param bind where its packets go
 * @param tun opens the device
 * @param closesTun whether the tunnel closes the device that it opened
 * @param transport timeouts and sizes of the connections
 * @param udp how the socket is made
 * @param crypto where ciphers come from
 * @param random for connection IDs and pauses
 * @param queuePackets how many packets of the host wait at most, a power of two
 * @param queueTimeNs how long a packet waits for a path that takes no more, in nanoseconds
 * @param peerSilenceNs after how long without an answer a client gives a session up, in nanoseconds
 * @param clampSegmentSize whether the segment size of TCP is lowered to what fits
 * @param wan follows the interface that a client is bound to
 * @param traces decides which connections are traced
 */
public record Settings(
        String name,
        Role role,
        Bind bind,
        TunSource tun,
        boolean closesTun,
        TransportSettings transport,
        UdpOptions udp,
        CryptoProvider crypto,
        RandomGenerator random,
        int queuePackets,
        long queueTimeNs,
        long peerSilenceNs,
        boolean clampSegmentSize,
        WanSource wan,
        ConnectionTrace.Factory traces) {

    /** Which end of the tunnel. */
    public sealed interface Role {}

    /**
     * The end that dials.
     *
     * @param host a name or an address
     */
    public record Client(String host, int port, TlsClientConfig tls) implements Role {
        @Override
        public String toString() {
            return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
        }
    }

    /**
     * The end that is dialled.
     *
     * @param port 0 for any
     * @param statelessResetKey 32 bytes
     */
    @SuppressWarnings("ArrayRecordComponent") // a secret; settings are not compared
    public record Server(int port, TlsServerConfig tls, byte[] statelessResetKey) implements Role {}
}
