package io.mpquic.quic.io;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether an exception means EMSGSIZE.
 *
 * <p>The JDK has no type for it, only the system's text, which depends on platform and language. So the text is learnt
 * by sending something that is too large for any UDP socket.
 */
final class TooLargeMessage {
    /** The length field of UDP has 16 bits. No system takes this, so nothing is sent. */
    private static final int TOO_LARGE_FOR_UDP_BYTES = 66_000;

    private static final @Nullable String TEXT = learn();

    private TooLargeMessage() {}

    static boolean matches(IOException e) {
        return TEXT != null && TEXT.equals(e.getMessage());
    }

    private static @Nullable String learn() {
        try (DatagramChannel channel = DatagramChannel.open()) {
            InetSocketAddress self = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
            channel.bind(self);
            channel.send(ByteBuffer.allocate(TOO_LARGE_FOR_UDP_BYTES), channel.getLocalAddress());
            return null;
        } catch (IOException e) {
            return e.getMessage();
        }
    }
}
