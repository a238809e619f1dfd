package io.mpquic.quic.interop;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.quic.InsecureQuicTokenHandler;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicCodecBuilder;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.handler.ssl.ClientAuth;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Cloudflare's quiche with BoringSSL, native code behind Netty. */
final class QuichePeer implements Peer {
    /** Datagrams that quiche keeps for each direction of a connection. */
    private static final int QUEUE_LENGTH = 1024;

    static {
        // Netty asserts that it knows each connection ID that its peer retires, and does not: quic-go retires one
        // early.
        QuichePeer.class.getClassLoader().setPackageAssertionStatus("io.netty.handler.codec.quic", false);
    }

    @Override
    public Server serve(TestCertificate own, boolean retry, @Nullable TestCertificate clientAuthority)
            throws IOException {
        QuicSslContextBuilder security =
                QuicSslContextBuilder.forServer(own.key(), null, own.chain()).applicationProtocols(ALPN);
        if (clientAuthority != null) {
            security.trustManager(clientAuthority.root()).clientAuth(ClientAuth.REQUIRE);
        }
        BlockingQueue<Report> gone = new LinkedBlockingQueue<>();
        QuicServerCodecBuilder codec = configured(new QuicServerCodecBuilder(), security.build())
                .handler(new ChannelInitializer<QuicChannel>() {
                    @Override
                    protected void initChannel(QuicChannel channel) {
                        Datagrams datagrams = new Datagrams(true);
                        channel.pipeline().addLast(datagrams);
                        datagrams.gone.thenAccept(gone::add);
                    }
                })
                .streamHandler(new ChannelInitializer<QuicStreamChannel>() {
                    @Override
                    protected void initChannel(QuicStreamChannel stream) {
                        stream.pipeline().addLast(new EchoOfStream());
                    }
                });
        if (retry) {
            codec.tokenHandler(InsecureQuicTokenHandler.INSTANCE);
        }
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        Channel socket = bind(group, codec.build());
        return new Server() {
            @Override
            public InetSocketAddress address() {
                return (InetSocketAddress) socket.localAddress();
            }

            @Override
            public Report awaitClientGone() throws IOException {
                return KwikPeer.next(gone);
            }

            @Override
            public void close() {
                socket.close().awaitUninterruptibly();
                end(group);
            }
        };
    }

    @Override
    public Report connect(InetSocketAddress server, Task task) throws IOException {
        QuicSslContextBuilder builder = QuicSslContextBuilder.forClient()
                .trustManager(task.trusted().root())
                .applicationProtocols(ALPN);
        if (task.own() != null) {
            builder.keyManager(task.own().key(), null, task.own().certificate());
        }
        QuicSslContext security = builder.build();
        Report report = connect(server, task, security);
        return task.action() == Action.RESUME ? connect(server, task, security) : report;
    }

    private static Report connect(InetSocketAddress server, Task task, QuicSslContext security) throws IOException {
        if (task.action() == Action.UPDATE_KEYS || task.action() == Action.MOVE) {
            throw new UnsupportedOperationException("quiche behind Netty: " + task.action());
        }
        QuicClientCodecBuilder codec = configured(new QuicClientCodecBuilder(), security)
                .sslEngineProvider(
                        channel -> security.newEngine(channel.alloc(), TestCertificate.NAME, server.getPort()));
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        Datagrams datagrams = new Datagrams(false);
        try {
            Channel socket = bind(group, codec.build());
            QuicChannel connection = await(QuicChannel.newBootstrap(socket)
                    .handler(datagrams)
                    .streamHandler(new ChannelInboundHandlerAdapter())
                    .remoteAddress(server)
                    .connect());
            datagrams.exchange.run(
                    task.datagrams(), datagram -> connection.writeAndFlush(Unpooled.wrappedBuffer(datagram)));
            if (task.streamBytes() > 0) {
                TestStream data = new TestStream(task.streamBytes());
                await(connection.createStream(QuicStreamType.BIDIRECTIONAL, new Asking(data)));
                data.awaitEcho();
            }
            ByteBuf reason = Unpooled.copiedBuffer(Close.REASON, StandardCharsets.UTF_8);
            connection.close(true, 0, reason).awaitUninterruptibly();
            Report report = KwikPeer.await(datagrams.gone);
            socket.close().awaitUninterruptibly();
            return report;
        } finally {
            // A refused handshake is reported before the peer is told: the loop must live until then.
            datagrams.removed.completeOnTimeout(true, 5, TimeUnit.SECONDS).join();
            end(group);
        }
    }

    private static <B extends QuicCodecBuilder<B>> B configured(B codec, QuicSslContext security) {
        return codec.sslContext(security)
                .maxIdleTimeout(60, TimeUnit.SECONDS)
                .initialMaxData(1 << 20)
                .initialMaxStreamsBidirectional(16)
                .initialMaxStreamDataBidirectionalLocal(256 << 10)
                .initialMaxStreamDataBidirectionalRemote(256 << 10)
                .datagram(QUEUE_LENGTH, QUEUE_LENGTH);
    }

    private static Channel bind(EventLoopGroup group, ChannelHandler codec) throws IOException {
        return new Bootstrap()
                .group(group)
                .channel(NioDatagramChannel.class)
                .handler(codec)
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .syncUninterruptibly()
                .channel();
    }

    private static <T> T await(Future<T> future) throws IOException {
        if (!future.awaitUninterruptibly(PATIENCE.toMillis())) {
            throw new IOException("no handshake within " + PATIENCE);
        }
        if (!future.isSuccess()) {
            throw new IOException(future.cause());
        }
        return future.getNow();
    }

    private static void end(EventLoopGroup group) {
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    /** Sends back what comes on a stream. */
    private static final class EchoOfStream extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            context.writeAndFlush(message);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event == ChannelInputShutdownReadComplete.INSTANCE) {
                context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(QuicStreamChannel.SHUTDOWN_OUTPUT);
            }
        }
    }

    /** Sends bytes on a stream that it has opened, and collects their echo. */
    private static final class Asking extends ChannelInboundHandlerAdapter {
        private final TestStream data;

        Asking(TestStream data) {
            this.data = data;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            context.writeAndFlush(Unpooled.wrappedBuffer(data.sent())).addListener(QuicStreamChannel.SHUTDOWN_OUTPUT);
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf piece = (ByteBuf) message;
            byte[] bytes = ByteBufUtil.getBytes(piece);
            piece.release();
            data.onReceived(bytes, bytes.length);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event == ChannelInputShutdownReadComplete.INSTANCE) {
                data.onEnd();
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            data.onFailure(new IOException("the stream is over"));
        }
    }

    /** The datagrams of one connection, and how it ended. */
    private static final class Datagrams extends ChannelInboundHandlerAdapter {
        private final Exchange exchange = new Exchange();
        private final CompletableFuture<Report> gone = new CompletableFuture<>();
        private final CompletableFuture<Boolean> removed = new CompletableFuture<>();
        private final boolean echo;
        private String alpn = "";
        private Close close = Close.DONE_HERE;

        Datagrams(boolean echo) {
            this.echo = echo;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            alpn = ((QuicChannel) context.channel()).sslEngine().getApplicationProtocol();
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (!(message instanceof ByteBuf datagram)) {
                context.fireChannelRead(message); // a stream, for which Netty has a handler
                return;
            }
            exchange.onDatagram(ByteBufUtil.getBytes(datagram));
            if (echo) {
                context.writeAndFlush(datagram);
            } else {
                datagram.release();
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof QuicConnectionCloseEvent closed) {
                close = new Close(true, closed.isApplicationClose(), closed.error());
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            exchange.end();
            gone.complete(exchange.report(alpn, close));
        }

        @Override
        public void handlerRemoved(ChannelHandlerContext context) {
            removed.complete(true);
        }
    }
}
