package io.mpquic.quic.tls;

import io.mpquic.quic.wire.TransportException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/** A server's NewSessionTicket (RFC 8446 §4.6.1): checked, and then ignored, since sessions are not resumed. */
final class SessionTicket {
    private static final int EARLY_DATA_EXTENSION = 42;

    private SessionTicket() {}

    /**
     * Checks the form of a ticket.
     *
     * @param message the message with its header
     */
    static void check(byte[] message) throws TransportException {
        ByteBuffer body = ByteBuffer.wrap(message).position(HandshakeMessages.HEADER_BYTES);
        try {
            skip(body, Integer.BYTES); // lifetime
            skip(body, Integer.BYTES); // age mask
            skip(body, body.get() & 0xff); // nonce
            int ticketBytes = body.getShort() & 0xffff;
            skip(body, ticketBytes);
            int extensionsBytes = body.getShort() & 0xffff;
            if (ticketBytes == 0 || extensionsBytes != body.remaining()) {
                throw TlsAlert.DECODE_ERROR.because("NewSessionTicket is malformed");
            }
            while (body.hasRemaining()) {
                checkExtension(body.getShort() & 0xffff, body);
            }
        } catch (BufferUnderflowException e) {
            throw TlsAlert.DECODE_ERROR.because("NewSessionTicket is cut short");
        }
    }

    private static void checkExtension(int type, ByteBuffer body) throws TransportException {
        int lengthBytes = body.getShort() & 0xffff;
        if (type == EARLY_DATA_EXTENSION) {
            // RFC 9001 §4.6.1: the limit of early data is QUIC's own, so TLS must say the one value that means none.
            if (lengthBytes != Integer.BYTES || body.getInt() != 0xffffffff) {
                throw TlsAlert.protocolViolation("NewSessionTicket limits early data to other than 0xffffffff bytes");
            }
        } else {
            skip(body, lengthBytes);
        }
    }

    private static void skip(ByteBuffer body, int lengthBytes) {
        if (lengthBytes > body.remaining()) {
            throw new BufferUnderflowException();
        }
        body.position(body.position() + lengthBytes);
    }
}
