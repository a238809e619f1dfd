package io.mpquic.quic.connection;

import io.mpquic.quic.congestion.CongestionAlgorithm;
import io.mpquic.quic.congestion.CongestionController;
import io.mpquic.quic.stream.StreamLimits;
import io.mpquic.quic.stream.StreamMemory;
import java.time.Duration;

/** What one end of a connection asks for and tolerates. Immutable. */
public final class TransportSettings {
    /** The smallest UDP payload that every QUIC path carries (RFC 9000 §14). */
    public static final int MIN_UDP_PAYLOAD_BYTES = 1200;

    /** The largest payload of a UDP datagram over IPv4. */
    private static final int MAX_UDP_PAYLOAD_BYTES = 65_507;

    private static final int MAX_DATAGRAM_FRAME_BYTES = 65_535;
    /** RFC 9000 §18.2: fewer are not permitted. */
    private static final int MIN_CONNECTION_IDS = 2;
    /** More would only cost memory. */
    private static final int MAX_CONNECTION_IDS = 64;

    private static final long UNSET = -1;
    /** At 100 ms it carries 80 Mbit/s. */
    private static final long STREAM_WINDOW_BYTES = 1L << 20;
    /** So many full windows a peer can make this end keep by default. */
    private static final int WINDOWS_TOGETHER = 4;
    /** A window is one array. */
    private static final long MAX_STREAM_BYTES = 1L << 30;
    /** A peer can open all of them with one frame. */
    private static final long MAX_STREAMS = 1L << 16;

    private final long idleTimeoutNs;
    private final long keepAliveNs;
    private final long handshakeTimeoutNs;
    private final long initialRttNs;
    private final int maxUdpPayloadBytes;
    private final int maxDatagramFrameBytes;
    private final CongestionController.Factory congestion;
    private final int activeConnectionIdLimit;
    private final boolean spinBit;
    private final boolean activeMigration;
    private final boolean ecn;
    private final PreferredAddresses preferredAddresses;
    private final boolean followsPreferredAddress;
    private final boolean greaseQuicBit;

    private final StreamLimits streamLimits;
    private final StreamMemory streamMemory;

    private TransportSettings(Builder builder) {
        streamLimits = builder.streamLimits();
        streamMemory = builder.streamMemory;
        idleTimeoutNs = builder.idleTimeoutNs;
        keepAliveNs = builder.keepAliveNs;
        handshakeTimeoutNs = builder.handshakeTimeoutNs;
        initialRttNs = builder.initialRttNs;
        maxUdpPayloadBytes = builder.maxUdpPayloadBytes;
        maxDatagramFrameBytes = builder.maxDatagramFrameBytes;
        congestion = builder.congestion;
        activeConnectionIdLimit = builder.activeConnectionIdLimit;
        spinBit = builder.spinBit;
        activeMigration = builder.activeMigration;
        ecn = builder.ecn;
        preferredAddresses = builder.preferredAddresses;
        followsPreferredAddress = builder.followsPreferredAddress;
        greaseQuicBit = builder.greaseQuicBit;
    }

    /** What an IP tunnel uses: idle timeout 60 s, keep-alive 15 s, datagrams of any size, an Ethernet link. */
    public static TransportSettings defaults() {
        return builder().build();
    }

    /** A builder that holds the {@link #defaults}. */
    public static Builder builder() {
        return new Builder();
    }

    /** A builder that holds these settings. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.idleTimeoutNs = idleTimeoutNs;
        builder.keepAliveNs = keepAliveNs;
        builder.handshakeTimeoutNs = handshakeTimeoutNs;
        builder.initialRttNs = initialRttNs;
        builder.maxUdpPayloadBytes = maxUdpPayloadBytes;
        builder.maxDatagramFrameBytes = maxDatagramFrameBytes;
        builder.congestion = congestion;
        builder.activeConnectionIdLimit = activeConnectionIdLimit;
        builder.spinBit = spinBit;
        builder.streamMemory = streamMemory;
        builder.maxData = streamLimits.data();
        builder.maxStreamDataBidiLocal = streamLimits.streamDataBidiLocal();
        builder.maxStreamDataBidiRemote = streamLimits.streamDataBidiRemote();
        builder.maxStreamDataUni = streamLimits.streamDataUni();
        builder.maxStreamsBidi = streamLimits.streamsBidi();
        builder.maxStreamsUni = streamLimits.streamsUni();
        if (streamLimits.equals(StreamLimits.NONE)) {
            builder.forgetStreamWindows();
        }
        builder.activeMigration = activeMigration;
        builder.ecn = ecn;
        builder.preferredAddresses = preferredAddresses;
        builder.followsPreferredAddress = followsPreferredAddress;
        builder.greaseQuicBit = greaseQuicBit;
        return builder;
    }

    /**
     * How long the connection survives without a packet from the peer, in nanoseconds; 0: for ever (RFC 9000 §10.1). The
     * lower one of both ends counts.
     */
    public long idleTimeoutNs() {
        return idleTimeoutNs;
    }

    /** After how long without traffic a PING is sent, in nanoseconds; 0: never. */
    public long keepAliveNs() {
        return keepAliveNs;
    }

    /** How long the handshake may take, in nanoseconds. */
    public long handshakeTimeoutNs() {
        return handshakeTimeoutNs;
    }

    /** The round-trip time that is assumed before the first sample, in nanoseconds (RFC 9002 §6.2.2). */
    public long initialRttNs() {
        return initialRttNs;
    }

    /** The largest UDP payload that the link can carry, in bytes: path MTU discovery ends there. */
    public int maxUdpPayloadBytes() {
        return maxUdpPayloadBytes;
    }

    /** The largest DATAGRAM frame that is accepted, in bytes; 0: none (RFC 9221 §3). */
    public int maxDatagramFrameBytes() {
        return maxDatagramFrameBytes;
    }

    /** How many of the peer's connection IDs this end stores (RFC 9000 §18.2, active_connection_id_limit). */
    public int activeConnectionIdLimit() {
        return activeConnectionIdLimit;
    }

    /**
     * Whether packets show the round-trip time to those who watch them pass (RFC 9000 §17.4); even then one connection
     * in 16 does not. Off by default: a tunnel has nothing to gain from being measured.
     */
    public boolean spinBit() {
        return spinBit;
    }

    /** What the peer may do with streams: nothing by default, as a tunnel has none. */
    public StreamLimits streamLimits() {
        return streamLimits;
    }

    /** How far the windows of streams grow beyond {@link #streamLimits}, and what a stream buffers to send. */
    public StreamMemory streamMemory() {
        return streamMemory;
    }

    /**
     * Whether the peer may move to another address on purpose (RFC 9000 §18.2, disable_active_migration). A peer whose
     * address changes by itself, behind a NAT, is followed in any case.
     */
    public boolean activeMigration() {
        return activeMigration;
    }

    /**
     * Whether packets are marked for Explicit Congestion Notification as long as the path and the peer deal with it (RFC
     * 9000 §13.4). To be off where the socket cannot mark, or the test of it is wasted.
     */
    public boolean ecn() {
        return ecn;
    }

    /**
     * Where a server asks its clients to go after the handshake (RFC 9000 §9.6): nowhere by default. Each address has to
     * lead to this server's socket, by a wildcard address or a forwarder, which also chooses the source of what is sent.
     */
    public PreferredAddresses preferredAddresses() {
        return preferredAddresses;
    }

    /**
     * Whether a client goes where the server asks it to (RFC 9000 §9.6). Off by default: a tunnel is bound to one WAN, and
     * routes, firewalls and the peer's own configuration know it by the address that was configured. The socket must not
     * be connected to that one address where this is on.
     */
    public boolean followsPreferredAddress() {
        return followsPreferredAddress;
    }

    /**
     * Whether the QUIC bit of packets, always 1 in plain version 1, varies at random towards peers that take it so, and
     * theirs may vary too (RFC 9287). On by default: peers that do not know it see one parameter more, which they ignore.
     * To be off where something on the way tells QUIC by that bit, or shares the port by it.
     */
    public boolean greaseQuicBit() {
        return greaseQuicBit;
    }

    /** Makes the congestion controllers: {@link CongestionAlgorithm#CUBIC} by default. */
    public CongestionController.Factory congestion() {
        return congestion;
    }

    /** Collects settings; each call checks its range. Not thread-safe. */
    public static final class Builder {
        private long idleTimeoutNs = Duration.ofSeconds(60).toNanos();
        private long keepAliveNs = Duration.ofSeconds(15).toNanos();
        private long handshakeTimeoutNs = Duration.ofSeconds(10).toNanos();
        private long initialRttNs = Duration.ofMillis(333).toNanos();
        /** An Ethernet link's 1500 bytes less the IPv4 and UDP headers. */
        private int maxUdpPayloadBytes = 1472;

        private int maxDatagramFrameBytes = MAX_DATAGRAM_FRAME_BYTES;
        /** One in use, one for the next path, and two to spare while retirements are under way. */
        private int activeConnectionIdLimit = 4;

        private boolean spinBit;
        private boolean activeMigration = true;
        private boolean ecn = true;
        private PreferredAddresses preferredAddresses = PreferredAddresses.NONE;
        private boolean followsPreferredAddress;
        private boolean greaseQuicBit = true;

        private CongestionController.Factory congestion = CongestionAlgorithm.CUBIC;
        private StreamMemory streamMemory = StreamMemory.DEFAULT;
        private long maxData = UNSET;
        private long maxStreamDataBidiLocal = UNSET;
        private long maxStreamDataBidiRemote = UNSET;
        private long maxStreamDataUni = UNSET;
        private long maxStreamsBidi;
        private long maxStreamsUni;

        private Builder() {}

        /** See {@link TransportSettings#idleTimeoutNs}: 0 or more. */
        public Builder idleTimeoutNs(long ns) {
            idleTimeoutNs = requireWithin("idleTimeoutNs", ns, 0, Long.MAX_VALUE);
            return this;
        }

        /** See {@link TransportSettings#keepAliveNs}: 0 or more. */
        public Builder keepAliveNs(long ns) {
            keepAliveNs = requireWithin("keepAliveNs", ns, 0, Long.MAX_VALUE);
            return this;
        }

        /** See {@link TransportSettings#handshakeTimeoutNs}: above 0. */
        public Builder handshakeTimeoutNs(long ns) {
            handshakeTimeoutNs = requireWithin("handshakeTimeoutNs", ns, 1, Long.MAX_VALUE);
            return this;
        }

        /** See {@link TransportSettings#initialRttNs}: above 0. */
        public Builder initialRttNs(long ns) {
            initialRttNs = requireWithin("initialRttNs", ns, 1, Long.MAX_VALUE);
            return this;
        }

        /** See {@link TransportSettings#maxUdpPayloadBytes}: 1200 to 65,507. */
        public Builder maxUdpPayloadBytes(int bytes) {
            maxUdpPayloadBytes =
                    (int) requireWithin("maxUdpPayloadBytes", bytes, MIN_UDP_PAYLOAD_BYTES, MAX_UDP_PAYLOAD_BYTES);
            return this;
        }

        /** See {@link TransportSettings#maxDatagramFrameBytes}: 0 to 65,535. */
        public Builder maxDatagramFrameBytes(int bytes) {
            maxDatagramFrameBytes = (int) requireWithin("maxDatagramFrameBytes", bytes, 0, MAX_DATAGRAM_FRAME_BYTES);
            return this;
        }

        /** See {@link TransportSettings#activeConnectionIdLimit}: 2 to 64. */
        public Builder activeConnectionIdLimit(int limit) {
            activeConnectionIdLimit =
                    (int) requireWithin("activeConnectionIdLimit", limit, MIN_CONNECTION_IDS, MAX_CONNECTION_IDS);
            return this;
        }

        /** See {@link TransportSettings#spinBit}. */
        public Builder spinBit(boolean on) {
            spinBit = on;
            return this;
        }

        /** See {@link TransportSettings#streamMemory}. */
        public Builder streamMemory(StreamMemory memory) {
            streamMemory = memory;
            return this;
        }

        /** Bytes on all streams together that wait to be read at first (RFC 9000 §4.1): 0 to 2^30; by default 4 MiB when the peer may open streams, otherwise 0. */
        public Builder maxData(long bytes) {
            maxData = requireWithin("maxData", bytes, 0, MAX_STREAM_BYTES);
            return this;
        }

        /** Bytes that wait to be read on a bidirectional stream of this end at first (RFC 9000 §4.1): 0 to 2^30; by default 1 MiB when the peer may open streams, otherwise 0. */
        public Builder maxStreamDataBidiLocal(long bytes) {
            maxStreamDataBidiLocal = requireWithin("maxStreamDataBidiLocal", bytes, 0, MAX_STREAM_BYTES);
            return this;
        }

        /** Bytes that wait to be read on a bidirectional stream of the peer at first (RFC 9000 §4.1): 0 to 2^30; by default 1 MiB when the peer may open streams, otherwise 0. */
        public Builder maxStreamDataBidiRemote(long bytes) {
            maxStreamDataBidiRemote = requireWithin("maxStreamDataBidiRemote", bytes, 0, MAX_STREAM_BYTES);
            return this;
        }

        /** Bytes that wait to be read on a unidirectional stream of the peer at first (RFC 9000 §4.1): 0 to 2^30; by default 1 MiB when the peer may open streams, otherwise 0. */
        public Builder maxStreamDataUni(long bytes) {
            maxStreamDataUni = requireWithin("maxStreamDataUni", bytes, 0, MAX_STREAM_BYTES);
            return this;
        }

        /** Bidirectional streams that the peer may have open at once (RFC 9000 §4.6): 0 to 2^16, by default 0. */
        public Builder maxStreamsBidi(long streams) {
            maxStreamsBidi = requireWithin("maxStreamsBidi", streams, 0, MAX_STREAMS);
            return this;
        }

        /** Unidirectional streams that the peer may have open at once (RFC 9000 §4.6): 0 to 2^16, by default 0. */
        public Builder maxStreamsUni(long streams) {
            maxStreamsUni = requireWithin("maxStreamsUni", streams, 0, MAX_STREAMS);
            return this;
        }

        /** See {@link TransportSettings#activeMigration}. */
        public Builder activeMigration(boolean permitted) {
            activeMigration = permitted;
            return this;
        }

        /** See {@link TransportSettings#ecn}. */
        public Builder ecn(boolean on) {
            ecn = on;
            return this;
        }

        /** See {@link TransportSettings#preferredAddresses}; only a server's count. */
        public Builder preferredAddresses(PreferredAddresses addresses) {
            preferredAddresses = addresses;
            return this;
        }

        /** See {@link TransportSettings#followsPreferredAddress}; only a client's counts. */
        public Builder followsPreferredAddress(boolean on) {
            followsPreferredAddress = on;
            return this;
        }

        /** See {@link TransportSettings#greaseQuicBit}. */
        public Builder greaseQuicBit(boolean on) {
            greaseQuicBit = on;
            return this;
        }

        /** See {@link TransportSettings#congestion}: one of {@link CongestionAlgorithm}, or an own one. */
        public Builder congestion(CongestionController.Factory factory) {
            congestion = factory;
            return this;
        }

        /** The settings. */
        public TransportSettings build() {
            return new TransportSettings(this);
        }

        private void forgetStreamWindows() {
            maxData = UNSET;
            maxStreamDataBidiLocal = UNSET;
            maxStreamDataBidiRemote = UNSET;
            maxStreamDataUni = UNSET;
        }

        // The parameters of a tunnel, which has no streams, stay as small as they were.
        private StreamLimits streamLimits() {
            long window = maxStreamsBidi + maxStreamsUni > 0 ? STREAM_WINDOW_BYTES : 0;
            return new StreamLimits(
                    maxData == UNSET ? window * WINDOWS_TOGETHER : maxData,
                    maxStreamDataBidiLocal == UNSET ? window : maxStreamDataBidiLocal,
                    maxStreamDataBidiRemote == UNSET ? window : maxStreamDataBidiRemote,
                    maxStreamDataUni == UNSET ? window : maxStreamDataUni,
                    maxStreamsBidi,
                    maxStreamsUni);
        }

        private static long requireWithin(String name, long value, long min, long max) {
            if (value < min || value > max) {
                String range = max == Long.MAX_VALUE ? "at least " + min : min + " to " + max;
                throw new IllegalArgumentException(name + " must be " + range + ", not " + value);
            }
            return value;
        }
    }
}
