package io.mpquic.quic.interop;

import io.mpquic.quic.connection.CloseReason;
import io.mpquic.quic.connection.DatagramSink;
import io.mpquic.quic.connection.QuicConnection;
import io.mpquic.quic.connection.QuicEvent;
import io.mpquic.quic.connection.SendResult;
import io.mpquic.quic.endpoint.QuicEndpoint;
import io.mpquic.quic.io.ChannelTransport;
import io.mpquic.quic.io.EndpointDriver;
import io.mpquic.quic.io.ReceiveBuffers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The thread that drives one of our endpoints, and the echo of a server. */
final class MpquicLoop implements AutoCloseable {
    private static final long LONGEST_WAIT_NS = Duration.ofSeconds(1).toNanos();

    private final Map<QuicConnection, Session> sessions = new IdentityHashMap<>();
    private final MemorySegment packet = Arena.ofAuto().allocate(2048);
    private final BlockingQueue<MpquicPeer.Outcome> gone = new LinkedBlockingQueue<>();
    private final Queue<Work> work = new ConcurrentLinkedQueue<>();
    private final QuicEndpoint endpoint;
    private final Thread thread;
    private volatile ChannelTransport transport;
    private volatile EndpointDriver driver;
    private volatile boolean ended;

    /** One connection as its application sees it. */
    static final class Session {
        private final QuicConnection connection;
        private final Exchange exchange = new Exchange();
        private final MpquicStreams streams;
        private final Queue<byte[]> outgoing = new ConcurrentLinkedQueue<>();
        private final CompletableFuture<Boolean> keysUpdated = new CompletableFuture<>();
        private boolean keysWanted;
        private final CompletableFuture<QuicEvent.HandshakeCompleted> established = new CompletableFuture<>();
        private final CompletableFuture<MpquicPeer.Outcome> gone = new CompletableFuture<>();

        Session(QuicConnection connection) {
            this.connection = connection;
            this.streams = new MpquicStreams(connection);
        }
    }

    interface EndpointMaker {
        QuicEndpoint make(DatagramSink sink);
    }

    /** Something to be done by the thread of the endpoint. */
    private interface Work {
        void run(long nowNs) throws IOException;
    }

    MpquicLoop(EndpointMaker maker) throws IOException {
        endpoint = maker.make(this::onDatagram);
        transport = ChannelTransport.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        driver = new EndpointDriver(endpoint, transport, ReceiveBuffers.single(2048));
        thread = Thread.ofPlatform().name("mpquic-peer").daemon().start(this::run);
    }

    // ---- For the thread of a test

    Session connect(InetSocketAddress server) {
        CompletableFuture<Session> connected = new CompletableFuture<>();
        enqueue(nowNs -> connected.complete(sessionOf(endpoint.connect(server, nowNs))));
        Session session = KwikPeer.await(connected);
        KwikPeer.await(session.established);
        return session;
    }

    void exchange(Session session, Peer.Task task) throws IOException {
        session.exchange.restart();
        session.exchange.run(task.datagrams(), datagram -> {
            session.outgoing.add(datagram);
            driver.wakeup();
        });
        if (task.streamBytes() > 0) {
            TestStream data = new TestStream(task.streamBytes());
            enqueue(nowNs -> session.streams.ask(data));
            data.awaitEcho();
        }
    }

    /** Takes new keys as soon as that is permitted: the peer may have begun an update of its own. */
    void updateKeys(Session session) {
        enqueue(nowNs -> session.keysWanted = true);
        KwikPeer.await(session.keysUpdated);
    }

    /** Goes on from another address, with a new socket. */
    void move(Session session, String address) {
        CompletableFuture<Boolean> moved = new CompletableFuture<>();
        enqueue(nowNs -> {
            if (!session.connection.migrate(nowNs)) {
                moved.complete(false);
                return;
            }
            ChannelTransport left = transport;
            driver.close();
            transport = ChannelTransport.open(new InetSocketAddress(InetAddress.getByName(address), 0));
            driver = new EndpointDriver(endpoint, transport, ReceiveBuffers.single(2048));
            left.close();
            moved.complete(true);
        });
        if (!KwikPeer.await(moved)) {
            throw new IllegalStateException("the peer forbids migration, or gave no connection ID for it");
        }
    }

    MpquicPeer.Outcome leave(Session session) {
        enqueue(nowNs -> {
            if (!session.connection.isClosing() && !session.connection.isClosed()) {
                session.connection.close(0, Peer.Close.REASON, nowNs);
            }
        });
        return KwikPeer.await(session.gone);
    }

    MpquicPeer.Outcome awaitClientGone() throws IOException {
        try {
            MpquicPeer.Outcome outcome = gone.poll(Peer.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            if (outcome == null) {
                throw new IOException("no client has gone");
            }
            return outcome;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    InetSocketAddress address() {
        return transport.localAddress();
    }

    private void enqueue(Work something) {
        work.add(something);
        driver.wakeup();
    }

    @Override
    public void close() {
        ended = true;
        driver.wakeup();
        try {
            thread.join();
            driver.close();
            transport.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // ---- For the thread of the endpoint

    private void run() {
        try {
            while (!ended) {
                long nowNs = System.nanoTime();
                boolean more = driver.turn(nowNs);
                for (Work next = work.poll(); next != null; next = work.poll()) {
                    next.run(nowNs);
                }
                serveApplication(nowNs);
                driver.flush(nowNs);
                if (!more) {
                    driver.await(LONGEST_WAIT_NS, System.nanoTime());
                }
            }
            long nowNs = System.nanoTime();
            endpoint.connections().forEach(connection -> connection.close(0, "stopped", nowNs));
            driver.flush(nowNs);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void serveApplication(long nowNs) throws IOException {
        while (endpoint.pollAccepted() != null) {
            // It is among the endpoint's connections since its first packet.
        }
        endpoint.connections().forEach(this::sessionOf);
        // Those that the endpoint has forgotten meanwhile still have a last event.
        for (Session session : List.copyOf(sessions.values())) {
            takeEvents(session);
            if (session.keysWanted && session.connection.updateKeys(nowNs)) {
                session.keysWanted = false;
                session.keysUpdated.complete(true);
            }
            send(session, nowNs);
            if (session.gone.isDone()) {
                sessions.remove(session.connection);
            }
        }
    }

    private Session sessionOf(QuicConnection connection) {
        return sessions.computeIfAbsent(connection, Session::new);
    }

    private void takeEvents(Session session) {
        QuicConnection connection = session.connection;
        for (QuicEvent event = connection.pollEvent(); event != null; event = connection.pollEvent()) {
            switch (event) {
                case QuicEvent.HandshakeCompleted done -> session.established.complete(done);
                case QuicEvent.EarlyDataRejected rejected -> {}
                case QuicEvent.MaxDatagramChanged changed -> {}
                case QuicEvent.StreamReadable readable -> session.streams.onReadable(readable.stream());
                case QuicEvent.StreamWritable writable -> session.streams.onWritable(writable.stream());
                case QuicEvent.Closed closed -> onClosed(session, closed.reason());
            }
        }
    }

    private void onClosed(Session session, CloseReason reason) {
        session.established.completeExceptionally(new IOException(reason.describe()));
        Peer.Close close =
                new Peer.Close(reason.kind() == CloseReason.Kind.PEER, reason.application(), reason.errorCode());
        boolean refused = session.established.isCompletedExceptionally();
        String alpn = refused ? "" : session.established.join().alpn();
        boolean resumed = !refused && session.established.join().resumed();
        MpquicPeer.Outcome outcome =
                new MpquicPeer.Outcome(session.exchange.report(alpn, resumed, close), session.connection.statistics());
        session.exchange.end();
        session.streams.end();
        session.gone.complete(outcome);
        gone.add(outcome);
    }

    private void send(Session session, long nowNs) throws IOException {
        Queue<byte[]> outgoing = session.outgoing;
        for (byte[] datagram = outgoing.peek(); datagram != null; datagram = outgoing.peek()) {
            long offset = QuicConnection.HEADROOM_BYTES;
            MemorySegment.copy(datagram, 0, packet, ValueLayout.JAVA_BYTE, offset, datagram.length);
            SendResult result = driver.sendDatagram(session.connection, packet, offset, datagram.length, nowNs);
            if (result == SendResult.BLOCKED) {
                return;
            }
            outgoing.remove();
        }
    }

    private void onDatagram(QuicConnection connection, MemorySegment buffer, long offset, int lengthBytes) {
        byte[] datagram = buffer.asSlice(offset, lengthBytes).toArray(ValueLayout.JAVA_BYTE);
        Session session = sessionOf(connection);
        session.exchange.onDatagram(datagram);
        if (!connection.isClient()) {
            session.outgoing.add(datagram);
        }
    }
}
