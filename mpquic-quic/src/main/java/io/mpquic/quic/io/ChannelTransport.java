package io.mpquic.quic.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.UnsupportedAddressTypeException;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;

/**
 * UDP over {@link DatagramChannel}: on every platform, one system call a datagram.
 *
 * <p>A wait can last up to a millisecond longer than asked, since a {@link Selector} counts in milliseconds.
 */
public final class ChannelTransport implements UdpTransport {
    private static final Logger LOG = System.getLogger(ChannelTransport.class.getName());

    /** 30 ms at 1 Gbit/s: so long may the thread be away before datagrams are lost. */
    private static final int WANTED_BUFFER_BYTES = 4 << 20;

    /** Longer than any link carries. A longer datagram is cut, and a cut packet fails authentication. */
    private static final int RECEIVE_CAPACITY_BYTES = 65_536;

    private static final long NS_PER_MS = 1_000_000;

    private final DatagramChannel channel;
    private final Selector selector;
    private final SelectionKey key;
    private final InetSocketAddress localAddress;
    private final SegmentBuffer received = new SegmentBuffer();
    private final SegmentBuffer sent = new SegmentBuffer();
    private @Nullable InetSocketAddress lastSender;
    private int lastDatagramBytes;
    private boolean sendBlocked;
    private int markedWith;
    private boolean marks = true;

    private ChannelTransport(DatagramChannel channel, Selector selector) throws IOException {
        this.channel = channel;
        this.selector = selector;
        channel.configureBlocking(false);
        this.key = channel.register(selector, SelectionKey.OP_READ);
        tryOption(StandardSocketOptions.SO_RCVBUF, WANTED_BUFFER_BYTES);
        tryOption(StandardSocketOptions.SO_SNDBUF, WANTED_BUFFER_BYTES);
        // RFC 9000 §14: UDP datagrams of QUIC must not be fragmented on IPv4, by us or on the way.
        tryOption(ExtendedSocketOptions.IP_DONTFRAGMENT, true);
        this.localAddress = (InetSocketAddress) channel.getLocalAddress();
    }

    /**
     * Opens a socket.
     *
     * @param local where to bind it; port 0 lets the system choose. The IPv6 wildcard also serves IPv4.
     * @throws IOException if the address is in use or not one of this host
     */
    public static ChannelTransport open(InetSocketAddress local) throws IOException {
        DatagramChannel channel = DatagramChannel.open(
                local.getAddress() instanceof Inet4Address
                        ? StandardProtocolFamily.INET
                        : StandardProtocolFamily.INET6);
        try {
            channel.bind(local);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
        return of(channel);
    }

    /**
     * Takes over a channel that its maker has prepared, for example bound to a device. It is bound to any port when it
     * is not bound yet, and closed with the transport, or at once when this fails.
     */
    public static ChannelTransport of(DatagramChannel channel) throws IOException {
        @Nullable Selector selector = null;
        try {
            if (channel.getLocalAddress() == null) {
                channel.bind(null);
            }
            selector = Selector.open();
            return new ChannelTransport(channel, selector);
        } catch (IOException | RuntimeException e) {
            channel.close();
            if (selector != null) {
                selector.close();
            }
            throw e;
        }
    }

    @Override
    public int receive(MemorySegment buffer, long offset, int capacity) throws IOException {
        ByteBuffer view = received.of(buffer, offset, capacity);
        int start = view.position();
        while (true) {
            try {
                InetSocketAddress sender = (InetSocketAddress) channel.receive(view);
                if (sender == null) {
                    return -1;
                }
                lastSender = sender;
                lastDatagramBytes = view.position() - start;
                return lastDatagramBytes;
            } catch (PortUnreachableException e) {
                // An answer by ICMP to what was sent earlier. It proves nothing, anyone can send one: read on.
            }
        }
    }

    @Override
    public int lastDatagramBytes() {
        return lastDatagramBytes;
    }

    @Override
    public int receiveCapacityBytes() {
        return RECEIVE_CAPACITY_BYTES;
    }

    @Override
    public InetSocketAddress lastSender() {
        if (lastSender == null) {
            throw new IllegalStateException("nothing was received yet");
        }
        return lastSender;
    }

    // Measured: the JDK sets the field of IPv4, IPv6 and mapped addresses alike. It cannot read that of what comes, so
    // this transport reports no marks (RFC 9000 §13.4.1 permits that), and peers stop marking.
    @Override
    public SendStatus send(
            MemorySegment buffer, long offset, int lengthBytes, int datagramBytes, InetSocketAddress to, int codepoint)
            throws IOException {
        if (lengthBytes > datagramBytes) {
            throw new IllegalArgumentException("a channel sends one datagram at a time");
        }
        if (codepoint != markedWith && marks) {
            mark(codepoint);
        }
        ByteBuffer view = sent.of(buffer, offset, lengthBytes);
        try {
            return sendOnce(view, to);
        } catch (PortUnreachableException e) {
            // That was an ICMP answer to an earlier datagram; this one has not been tried yet.
            return sendAgain(view, to);
        }
    }

    @Override
    public int maxBatchDatagrams() {
        return 1;
    }

    private void mark(int codepoint) throws IOException {
        try {
            channel.setOption(StandardSocketOptions.IP_TOS, codepoint);
            markedWith = codepoint;
        } catch (ClosedChannelException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            marks = false;
            LOG.log(Level.DEBUG, "this socket cannot mark packets: {0}", e.toString());
        }
    }

    private SendStatus sendAgain(ByteBuffer view, InetSocketAddress to) throws IOException {
        try {
            return sendOnce(view, to);
        } catch (PortUnreachableException e) {
            return SendStatus.UNREACHABLE;
        }
    }

    private SendStatus sendOnce(ByteBuffer view, InetSocketAddress to) throws IOException {
        try {
            // A datagram is taken whole or not at all; an empty one counts as taken.
            int length = view.remaining();
            sendBlocked = channel.send(view, to) < length;
            return sendBlocked ? SendStatus.WOULD_BLOCK : SendStatus.SENT;
        } catch (PortUnreachableException | ClosedChannelException e) {
            throw e;
        } catch (UnsupportedAddressTypeException e) {
            return SendStatus.UNREACHABLE; // an IPv6 address, and the socket is for IPv4 only
        } catch (IOException e) {
            if (!channel.isOpen()) {
                throw e;
            }
            return TooLargeMessage.matches(e) ? SendStatus.TOO_LARGE : SendStatus.UNREACHABLE;
        }
    }

    @Override
    public void await(long timeoutNs) throws IOException {
        if (sendBlocked) {
            key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
        }
        try {
            if (timeoutNs <= 0) {
                selector.selectNow(ChannelTransport::ignore);
            } else if (timeoutNs == Long.MAX_VALUE) {
                selector.select(ChannelTransport::ignore);
            } else {
                selector.select(ChannelTransport::ignore, Math.ceilDiv(timeoutNs, NS_PER_MS));
            }
        } finally {
            if (sendBlocked && key.isValid()) {
                key.interestOps(SelectionKey.OP_READ);
                sendBlocked = false;
            }
        }
    }

    @Override
    public void wakeup() {
        selector.wakeup();
    }

    @Override
    public InetSocketAddress localAddress() {
        return localAddress;
    }

    @Override
    public int receiveBufferBytes() {
        return option(StandardSocketOptions.SO_RCVBUF);
    }

    @Override
    public int sendBufferBytes() {
        return option(StandardSocketOptions.SO_SNDBUF);
    }

    @Override
    public void close() throws IOException {
        channel.close();
        selector.close();
    }

    /** The only key there is says nothing that {@link #receive} does not find out. */
    private static void ignore(SelectionKey key) {}

    /** Sets an option that makes things better and is not there everywhere. */
    private <T> void tryOption(SocketOption<T> option, T value) {
        if (!channel.supportedOptions().contains(option)) {
            LOG.log(Level.DEBUG, "this platform has no socket option {0}", option.name());
            return;
        }
        try {
            channel.setOption(option, value);
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.WARNING, "socket option " + option.name() + " = " + value + " not set: " + e);
        }
    }

    private int option(SocketOption<Integer> option) {
        try {
            return channel.getOption(option);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
