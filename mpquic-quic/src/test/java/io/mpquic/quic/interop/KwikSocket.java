package io.mpquic.quic.interop;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;

/**
 * A socket that holds its first datagram back for a moment; all others pass at once.
 *
 * <p>Kwik's client needs that: it notes down what it has offered only after its first datagram is on the way. On
 * loopback our server answers within that time, and then Kwik acknowledges the ServerHello, cannot make sense of it, and
 * waits for ever. No network is as fast as that.
 */
final class KwikSocket extends DatagramSocket {
    private static final int DELAY_MS = 200;

    private volatile boolean first = true;

    KwikSocket(InetAddress local) throws SocketException {
        super(new InetSocketAddress(local, 0));
    }

    @Override
    public void receive(DatagramPacket packet) throws IOException {
        super.receive(packet);
        if (first) {
            first = false;
            try {
                Thread.sleep(DELAY_MS); // the delay is what this class is for
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
