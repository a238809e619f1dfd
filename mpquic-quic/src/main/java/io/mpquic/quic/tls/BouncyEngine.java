package io.mpquic.quic.tls;

import io.mpquic.quic.crypto.CipherSuite;
import io.mpquic.quic.wire.EncryptionLevel;
import io.mpquic.quic.wire.TransportException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.bouncycastle.tls.ContentType;
import org.bouncycastle.tls.TlsProtocol;
import org.jspecify.annotations.Nullable;

/**
 * Runs BouncyCastle's TLS 1.3 state machine without its record layer.
 *
 * <p>The state machine is handed whole messages, each in records made up for it, and gives back handshake bytes and
 * secrets through {@link HandshakeSink}. It is let go as soon as the handshake is complete: what comes afterwards is
 * only tickets, which are dealt with here, and a long-lived connection need not keep its state.
 */
final class BouncyEngine implements TlsEngine {
    private static final int RECORD_HEADER_BYTES = 5;
    /** RFC 8446 §5.1: the most that a record can hold. */
    private static final int MAX_RECORD_BYTES = 16 * 1024;

    /** RFC 8446 §4.1.2: behind the message's header and legacy_version. */
    private static final int RANDOM_OFFSET = HandshakeMessages.HEADER_BYTES + 2;

    private static final int RANDOM_BYTES = 32;

    private final boolean server;
    private final @Nullable KeyLog keyLog;
    private final Opening opening;
    private final @Nullable Resumption resumption;
    private final HandshakeMessages messages;
    private final ArrayDeque<TlsEvent> events = new ArrayDeque<>();
    /** Messages of {@link #writeLevel} that no event holds yet, so that one flight is one event. */
    private final ByteArrayOutputStream flight = new ByteArrayOutputStream();

    private EncryptionLevel readLevel = EncryptionLevel.INITIAL;
    private EncryptionLevel writeLevel = EncryptionLevel.INITIAL;
    private boolean started;
    /** Null before the start and after the end. */
    private @Nullable TlsProtocol protocol;

    private @Nullable CipherSuite suite;
    private @Nullable TransportException failure;
    /** On a client: what early data are to be sent with, until the ClientHello is written. */
    private @Nullable EarlyKey earlyOffer;

    private boolean earlyUndecided;

    private BouncyEngine(boolean server, @Nullable KeyLog keyLog, @Nullable Resumption resumption, Opening opening) {
        this.server = server;
        this.keyLog = keyLog;
        this.resumption = resumption;
        this.opening = opening;
        this.messages = new HandshakeMessages(server);
    }

    static TlsEngine client(TlsClientConfig config) {
        return new BouncyEngine(
                false,
                config.settings().keyLog(),
                config.sessions() == null ? null : new Resumption.OfClient(config),
                (parameters, sink) -> ClientProtocol.open(config, parameters, sink));
    }

    static TlsEngine server(TlsServerConfig config) {
        Tickets tickets = config.tickets();
        return new BouncyEngine(
                true,
                config.settings().keyLog(),
                tickets == null ? null : new Resumption.OfServer(config, tickets),
                (parameters, sink) -> ServerProtocol.open(config, parameters, sink));
    }

    @Override
    public void start(byte[] localTransportParameters) throws TransportException {
        if (started) {
            throw new IllegalStateException("the handshake was started before");
        }
        started = true;
        byte[] parameters = localTransportParameters.clone();
        if (server && resumption != null) {
            resumption.onServerParameters(parameters);
        }
        guard(() -> {
            Sink sink = new Sink();
            protocol = opening.open(parameters, sink);
            if (earlyOffer != null) {
                earlyUndecided = true;
                sink.addEarlySecret(earlyOffer);
                earlyOffer = null;
            }
        });
    }

    @Override
    public void receive(EncryptionLevel level, byte[] inOrderData) throws TransportException {
        if (!started) {
            throw new IllegalStateException("the handshake was not started");
        }
        if (failure != null) {
            throw failure;
        }
        if (inOrderData.length > 0) {
            guard(() -> process(level, inOrderData));
        }
    }

    @Override
    public @Nullable TlsEvent poll() {
        return events.poll();
    }

    private void process(EncryptionLevel level, byte[] data) throws TransportException, IOException {
        if (level != readLevel) {
            // RFC 9001 §4.1.3: old levels carry nothing new, and those to come carry nothing yet.
            throw TlsAlert.protocolViolation("CRYPTO data at " + level + " level while " + readLevel + " is in use");
        }
        messages.add(data);
        for (byte[] message = messages.next(level); message != null; message = messages.next(readLevel)) {
            deliver(message);
            if (readLevel != level && !messages.isEmpty()) {
                // RFC 9001 §4.1.3: no data may be left over when the keys change.
                throw TlsAlert.protocolViolation("more CRYPTO data at " + level + " level than its last message has");
            }
        }
    }

    private void deliver(byte[] message) throws TransportException, IOException {
        if (readLevel == EncryptionLevel.ONE_RTT) {
            SessionTicket ticket = SessionTicket.parse(message);
            if (resumption != null) {
                resumption.onTicket(ticket);
            }
            return;
        }
        if (protocol == null) {
            throw new IllegalStateException("no state machine");
        }
        if (resumption != null) {
            resumption.onMessageBytes(message, 0, message.length);
        }
        if (earlyUndecided && Transcript.isRetry(message)) {
            decideEarly(false); // RFC 8446 §4.1.4
        }
        // The state machine takes its handshake keys into use when it sees the outer type of a protected record.
        short recordType = readLevel == EncryptionLevel.INITIAL ? ContentType.handshake : ContentType.application_data;
        for (int offset = 0; offset < message.length; offset += MAX_RECORD_BYTES) {
            int lengthBytes = Math.min(MAX_RECORD_BYTES, message.length - offset);
            byte[] madeUpRecord = new byte[RECORD_HEADER_BYTES + lengthBytes];
            madeUpRecord[0] = (byte) recordType;
            madeUpRecord[1] = 3; // legacy_record_version 0x0303
            madeUpRecord[2] = 3;
            madeUpRecord[3] = (byte) (lengthBytes >> 8);
            madeUpRecord[4] = (byte) lengthBytes;
            System.arraycopy(message, offset, madeUpRecord, RECORD_HEADER_BYTES, lengthBytes);
            protocol.offerInput(madeUpRecord);
        }
    }

    private void decideEarly(boolean accepted) {
        if (earlyUndecided) {
            earlyUndecided = false;
            events.add(new TlsEvent.EarlyDataDecided(accepted));
        }
    }

    /** Runs one step. The first thing that goes wrong, whatever it is, becomes the end of this engine. */
    private void guard(Step step) throws TransportException {
        try {
            step.run();
        } catch (TransportException e) {
            failure = e;
        } catch (IOException | RuntimeException | StackOverflowError e) {
            failure = HandshakeFault.unwrap(e);
        }
        flushFlight();
        if (failure != null) {
            protocol = null;
            throw failure;
        }
        if (readLevel == EncryptionLevel.ONE_RTT) {
            protocol = null;
        }
    }

    private void flushFlight() {
        if (flight.size() > 0) {
            events.add(new TlsEvent.HandshakeData(writeLevel, flight.toByteArray()));
            flight.reset();
        }
    }

    private final class Sink implements HandshakeSink {
        @Override
        public void onMessageBytes(byte[] buffer, int offset, int lengthBytes) {
            flight.write(buffer, offset, lengthBytes);
            if (resumption != null) {
                resumption.onMessageBytes(buffer, offset, lengthBytes);
            }
        }

        @Override
        public void onSecrets(CipherSuite chosen, HandshakeSecrets secrets) {
            flushFlight();
            suite = chosen;
            writeLevel = writeLevel == EncryptionLevel.INITIAL ? EncryptionLevel.HANDSHAKE : EncryptionLevel.ONE_RTT;
            if (writeLevel == EncryptionLevel.HANDSHAKE) {
                readLevel = EncryptionLevel.HANDSHAKE;
            }
            if (keyLog != null) {
                secrets.writeTo(keyLog, writeLevel);
            }
            if (resumption != null) {
                resumption.onMaster(secrets.master());
            }
            events.add(
                    server
                            ? new TlsEvent.SecretsAvailable(writeLevel, chosen, secrets.client(), secrets.server())
                            : new TlsEvent.SecretsAvailable(writeLevel, chosen, secrets.server(), secrets.client()));
        }

        @Override
        public void onEarlyKey(EarlyKey key) {
            if (server) {
                addEarlySecret(key);
            } else {
                earlyOffer = key;
            }
        }

        private void addEarlySecret(EarlyKey key) {
            if (resumption == null) {
                throw new IllegalStateException("early data without a session");
            }
            byte[] hello = resumption.clientHello();
            byte[] secret = key.secret(hello);
            if (keyLog != null) {
                byte[] random = Arrays.copyOfRange(hello, RANDOM_OFFSET, RANDOM_OFFSET + RANDOM_BYTES);
                HandshakeSecrets.write(keyLog, "CLIENT_EARLY_TRAFFIC_SECRET", random, secret);
            }
            events.add(new TlsEvent.EarlySecret(key.suite(), secret, key.parameters()));
        }

        @Override
        public void onEarlyDataDecided(boolean accepted) {
            decideEarly(accepted);
        }

        @Override
        public void onPeerTransportParameters(byte[] encoded) {
            if (!server && resumption != null) {
                resumption.onServerParameters(encoded);
            }
            events.add(new TlsEvent.PeerTransportParameters(encoded));
        }

        @Override
        public void onComplete(HandshakeOutcome outcome) {
            if (suite == null) {
                throw new IllegalStateException("complete without secrets");
            }
            flushFlight();
            readLevel = EncryptionLevel.ONE_RTT;
            events.add(new TlsEvent.HandshakeComplete(outcome.alpn(), outcome.peerChain(), suite, outcome.resumed()));
            byte[] ticket = resumption == null ? null : resumption.onComplete(suite, outcome);
            if (ticket != null) {
                events.add(new TlsEvent.HandshakeData(EncryptionLevel.ONE_RTT, ticket));
            }
        }
    }

    /** Starts the state machine of one role. */
    @FunctionalInterface
    private interface Opening {
        TlsProtocol open(byte[] localTransportParameters, HandshakeSink sink) throws IOException;
    }

    @FunctionalInterface
    private interface Step {
        void run() throws TransportException, IOException;
    }
}
