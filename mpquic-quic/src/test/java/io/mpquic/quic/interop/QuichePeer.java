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
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.quic.InsecureQuicTokenHandler;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicCodecBuilder;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.ssl.ClientAuth;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
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
        QuicSslContextBuilder security = QuicSslContextBuilder.forServer(own.key(), null, own.certificate())
                .applicationProtocols(ALPN);
        if (clientAuthority != null) {
            security.trustManager(clientAuthority.certificate()).clientAuth(ClientAuth.REQUIRE);
        }
        CompletableFuture<Report> firstGone = new CompletableFuture<>();
        QuicServerCodecBuilder codec = configured(new QuicServerCodecBuilder(), security.build())
                .handler(new ChannelInitializer<QuicChannel>() {
                    @Override
                    protected void initChannel(QuicChannel channel) {
                        Datagrams datagrams = new Datagrams(true);
                        channel.pipeline().addLast(datagrams);
                        datagrams.gone.thenAccept(firstGone::complete);
                    }
                })
                // Nobody opens a stream, yet the builder insists on a handler for them.
                .streamHandler(new ChannelInboundHandlerAdapter());
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
            public Report awaitClientGone() {
                return KwikPeer.await(firstGone);
            }

            @Override
            public void close() {
                socket.close().awaitUninterruptibly();
                end(group);
            }
        };
    }

    @Override
    public Report connect(InetSocketAddress server, TestCertificate trusted, @Nullable TestCertificate own, int count)
            throws IOException {
        QuicSslContextBuilder builder = QuicSslContextBuilder.forClient()
                .trustManager(trusted.certificate())
                .applicationProtocols(ALPN);
        if (own != null) {
            builder.keyManager(own.key(), null, own.certificate());
        }
        QuicSslContext security = builder.build();
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
            datagrams.exchange.run(count, datagram -> connection.writeAndFlush(Unpooled.wrappedBuffer(datagram)));
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
            ByteBuf datagram = (ByteBuf) message;
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
