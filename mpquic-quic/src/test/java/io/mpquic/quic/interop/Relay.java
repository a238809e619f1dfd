package io.mpquic.quic.interop;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Random;

/**
 * A network between one client and its server, in this process: it loses, damages, or sends from another port, as it is
 * told, and looks at what passes.
 */
final class Relay implements AutoCloseable {
    private static final int LARGEST_DATAGRAM_BYTES = 65_535;
    private static final int UNKNOWN_VERSION = 0x1a2a3a4a; // RFC 9000 §15: reserved, so nobody speaks it

    /** What the network does to datagrams. */
    enum Condition {
        /** Nothing. */
        NONE,
        /** Loses one in ten, of either direction. */
        LOSS,
        /** Turns one bit over in one of ten, of either direction. */
        CORRUPTION,
        /** The server sees the client at another port after some packets, like a NAT that has forgotten. */
        REBINDING,
        /** Gives the client's first datagram a version that nobody speaks. */
        UNKNOWN_VERSION
    }

    private static final int REBIND_AFTER = 20;

    private final Condition condition;
    private final Random random;
    private final InetSocketAddress server;
    private final DatagramSocket towardsClient;
    private volatile DatagramSocket towardsServer;
    private volatile SocketAddress client;
    private volatile boolean closed;
    private int fromClient;
    private volatile int lost;
    private volatile int damaged;
    private volatile boolean rebound;
    private volatile boolean answeredAfterRebinding;
    private volatile boolean retrySeen;
    private volatile boolean negotiationSeen;

    Relay(InetSocketAddress server, Condition condition, long seed) throws IOException {
        this.server = server;
        this.condition = condition;
        this.random = new Random(seed);
        towardsClient = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        towardsServer = connected();
        Thread.ofPlatform().daemon().name("relay to server").start(this::passToServer);
        fromServer(towardsServer);
    }

    private DatagramSocket connected() throws IOException {
        DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        socket.connect(server);
        return socket;
    }

    private void fromServer(DatagramSocket socket) {
        Thread.ofPlatform().daemon().name("relay to client").start(() -> passToClient(socket));
    }

    /** Where the client is to connect to. */
    InetSocketAddress address() {
        return (InetSocketAddress) towardsClient.getLocalSocketAddress();
    }

    int lost() {
        return lost;
    }

    int damaged() {
        return damaged;
    }

    /** Whether the server has found the client again. */
    boolean answeredAfterRebinding() {
        return answeredAfterRebinding;
    }

    boolean retrySeen() {
        return retrySeen;
    }

    /** Whether the server has offered version 1, and nothing false, to a client that spoke another. */
    boolean negotiationSeen() {
        return negotiationSeen;
    }

    private void passToServer() {
        byte[] buffer = new byte[LARGEST_DATAGRAM_BYTES];
        try {
            while (true) {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                towardsClient.receive(packet);
                client = packet.getSocketAddress();
                fromClient++;
                if (condition == Condition.UNKNOWN_VERSION && fromClient == 1) {
                    RawHeader.setVersion(buffer, UNKNOWN_VERSION);
                }
                if (condition == Condition.REBINDING && fromClient == REBIND_AFTER) {
                    DatagramSocket old = towardsServer;
                    towardsServer = connected();
                    rebound = true;
                    old.close();
                    fromServer(towardsServer);
                }
                if (survives(buffer, packet.getLength())) {
                    send(towardsServer, new DatagramPacket(buffer, packet.getLength()));
                }
            }
        } catch (IOException over) {
            giveUp(over);
        }
    }

    private void passToClient(DatagramSocket socket) {
        byte[] buffer = new byte[LARGEST_DATAGRAM_BYTES];
        try {
            while (true) {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                socket.receive(packet);
                answeredAfterRebinding |= rebound && socket == towardsServer;
                retrySeen |= RawHeader.isRetry(buffer, packet.getLength());
                negotiationSeen |= RawHeader.offersVersion1(buffer, packet.getLength());
                if (survives(buffer, packet.getLength())) {
                    send(towardsClient, new DatagramPacket(buffer, packet.getLength(), client));
                }
            }
        } catch (IOException over) {
            if (socket == towardsServer) {
                giveUp(over);
            }
        }
    }

    /** A process that has ended is refused by the system: to the network that is a lost datagram. */
    private static void send(DatagramSocket socket, DatagramPacket packet) {
        try {
            socket.send(packet);
        } catch (IOException refused) {
            // Lost.
        }
    }

    private void giveUp(IOException cause) {
        if (!closed && !(cause instanceof java.net.PortUnreachableException)) {
            throw new java.io.UncheckedIOException(cause);
        }
    }

    private synchronized boolean survives(byte[] datagram, int length) {
        if (condition == Condition.LOSS && random.nextInt(10) == 0) {
            lost++;
            return false;
        }
        if (condition == Condition.CORRUPTION && random.nextInt(10) == 0) {
            datagram[random.nextInt(length)] ^= (byte) (1 << random.nextInt(8));
            damaged++;
        }
        return true;
    }

    @Override
    public void close() {
        closed = true;
        towardsClient.close();
        towardsServer.close();
    }
}
