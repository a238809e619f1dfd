package io.mpquic.quic.tls;

import io.mpquic.quic.wire.EncryptionLevel;
import io.mpquic.quic.wire.TransportException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Cuts CRYPTO data into handshake messages (RFC 8446 §4), and refuses what may not come at all.
 *
 * <pre>
 *   0        1                 4
 *   +--------+-----------------+----------------------
 *   | type   | length          | body, length bytes
 *   +--------+-----------------+----------------------
 * </pre>
 *
 * <p>A message is refused as soon as its type or its length is known, so a peer cannot make this end collect the body
 * of a message that it will not accept.
 */
final class HandshakeMessages {
    /** Type and length. */
    static final int HEADER_BYTES = 4;

    /** A ClientHello with two post-quantum key shares has 3 KB; nothing else of size comes at this level. */
    static final int MAX_INITIAL_BYTES = 16 * 1024;

    /** Room for a chain of ten certificates with large keys. */
    static final int MAX_BYTES = 64 * 1024;

    private static final int CLIENT_HELLO = 1;
    private static final int SERVER_HELLO = 2; // HelloRetryRequest has this type too
    static final int NEW_SESSION_TICKET = 4;
    private static final int END_OF_EARLY_DATA = 5;
    private static final int ENCRYPTED_EXTENSIONS = 8;
    private static final int CERTIFICATE = 11;
    private static final int CERTIFICATE_REQUEST = 13;
    private static final int CERTIFICATE_VERIFY = 15;
    private static final int FINISHED = 20;
    private static final int KEY_UPDATE = 24;

    private final boolean server;
    private byte[] buffer = new byte[0];
    private int start;
    private int end;

    /**
     * Creates it.
     *
     * @param server whether this end is the server, and the messages are a client's
     */
    HandshakeMessages(boolean server) {
        this.server = server;
    }

    /** Appends data that follows what was added before. */
    void add(byte[] data) {
        if (end + data.length > buffer.length) {
            int kept = end - start;
            byte[] target = kept + data.length > buffer.length
                    ? new byte[Math.max(kept + data.length, Math.min(2 * buffer.length, MAX_BYTES))]
                    : buffer;
            System.arraycopy(buffer, start, target, 0, kept);
            buffer = target;
            start = 0;
            end = kept;
        }
        System.arraycopy(data, 0, buffer, end, data.length);
        end += data.length;
    }

    /** Whether everything that was added was also taken. */
    boolean isEmpty() {
        return start == end;
    }

    /**
     * Takes the next message with its header, or returns null when it is not complete yet.
     *
     * @param level the level that the data came at
     * @throws TransportException when the message may not come at this level, or is too long
     */
    byte @Nullable [] next(EncryptionLevel level) throws TransportException {
        if (isEmpty()) {
            buffer = new byte[0]; // between messages nothing is kept, as most of a connection's life is after them
            start = 0;
            end = 0;
            return null;
        }
        int type = buffer[start] & 0xff;
        if (type == CERTIFICATE_REQUEST && level == EncryptionLevel.ONE_RTT && !server) {
            // RFC 9001 §4.4: the one message out of place that is an error of QUIC's and not of TLS's.
            throw TlsAlert.protocolViolation("CertificateRequest after the handshake");
        }
        if (!isExpected(type, level)) {
            throw TlsAlert.UNEXPECTED_MESSAGE.because(
                    name(type) + " from a " + (server ? "client" : "server") + " at " + level + " level");
        }
        if (end - start < HEADER_BYTES) {
            return null;
        }
        int bodyBytes = (buffer[start + 1] & 0xff) << 16 | (buffer[start + 2] & 0xff) << 8 | (buffer[start + 3] & 0xff);
        int maxBytes = level == EncryptionLevel.INITIAL ? MAX_INITIAL_BYTES : MAX_BYTES;
        if (bodyBytes > maxBytes) {
            throw TlsAlert.ILLEGAL_PARAMETER.because(
                    name(type) + " of " + bodyBytes + " bytes; at most " + maxBytes + " are accepted");
        }
        int messageBytes = HEADER_BYTES + bodyBytes;
        if (end - start < messageBytes) {
            return null;
        }
        start += messageBytes;
        return Arrays.copyOfRange(buffer, start - messageBytes, start);
    }

    /** Which messages may come at a level at all; in which order is the state machine's business. */
    private boolean isExpected(int type, EncryptionLevel level) {
        // RFC 9001 §6 and §8.3: KeyUpdate and EndOfEarlyData do not exist in QUIC.
        return switch (level) {
            case INITIAL -> type == (server ? CLIENT_HELLO : SERVER_HELLO);
            case ZERO_RTT -> false;
            case HANDSHAKE ->
                type == CERTIFICATE
                        || type == CERTIFICATE_VERIFY
                        || type == FINISHED
                        || (!server && (type == ENCRYPTED_EXTENSIONS || type == CERTIFICATE_REQUEST));
            case ONE_RTT -> !server && type == NEW_SESSION_TICKET;
        };
    }

    private static String name(int type) {
        return switch (type) {
            case CLIENT_HELLO -> "ClientHello";
            case SERVER_HELLO -> "ServerHello";
            case NEW_SESSION_TICKET -> "NewSessionTicket";
            case END_OF_EARLY_DATA -> "EndOfEarlyData";
            case ENCRYPTED_EXTENSIONS -> "EncryptedExtensions";
            case CERTIFICATE -> "Certificate";
            case CERTIFICATE_REQUEST -> "CertificateRequest";
            case CERTIFICATE_VERIFY -> "CertificateVerify";
            case FINISHED -> "Finished";
            case KEY_UPDATE -> "KeyUpdate";
            default -> "handshake message of type " + type;
        };
    }
}
