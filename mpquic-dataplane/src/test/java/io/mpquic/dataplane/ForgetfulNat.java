package io.mpquic.dataplane;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Stands between a client and its server on loopback. It can forget whom it has seen so far: their packets are lost from
 * then on, as when a client's address has changed and its server does not follow. New ones pass.
 */
final class ForgetfulNat implements AutoCloseable {
    private final DatagramSocket outside =
            new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    private final Map<SocketAddress, DatagramSocket> known = new ConcurrentHashMap<>();
    private final Set<SocketAddress> forgotten = ConcurrentHashMap.newKeySet();
    private final InetSocketAddress server;

    ForgetfulNat(int serverPort) throws IOException {
        server = new InetSocketAddress(InetAddress.getLoopbackAddress(), serverPort);
        Thread.ofVirtual().start(() -> forward(outside, this::toServer));
    }

    int port() {
        return outside.getLocalPort();
    }

    /** Loses everything of and for the clients so far. */
    void forget() {
        forgotten.addAll(known.keySet());
    }

    private void toServer(DatagramPacket packet) throws IOException {
        SocketAddress client = packet.getSocketAddress();
        DatagramSocket inside = known.get(client);
        if (inside == null) {
            DatagramSocket opened = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            known.put(client, opened);
            Thread.ofVirtual().start(() -> forward(opened, answer -> toClient(answer, client)));
            inside = opened;
        }
        if (!forgotten.contains(client)) {
            packet.setSocketAddress(server);
            inside.send(packet);
        }
    }

    private void toClient(DatagramPacket packet, SocketAddress client) throws IOException {
        if (!forgotten.contains(client)) {
            packet.setSocketAddress(client);
            outside.send(packet);
        }
    }

    /** What is done with a packet. */
    private interface Step {
        void take(DatagramPacket packet) throws IOException;
    }

    private static void forward(DatagramSocket from, Step step) {
        try {
            while (true) {
                DatagramPacket packet = new DatagramPacket(new byte[2048], 2048);
                from.receive(packet);
                step.take(packet);
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    @Override
    public void close() {
        outside.close();
        known.values().forEach(DatagramSocket::close);
    }
}
