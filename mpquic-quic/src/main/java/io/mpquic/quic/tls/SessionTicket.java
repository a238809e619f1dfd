package io.mpquic.quic.tls;

import io.mpquic.quic.wire.TransportException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/**
 * A server's NewSessionTicket (RFC 8446 §4.6.1).
 *
 * @param lifetimeSeconds for how long it can be used, at most a week
 * @param ageMask what is added to its age when it is used
 * @param nonce what its key follows from
 * @param ticket what the server knows the session by
 * @param earlyData whether it can be used for 0-RTT (RFC 9001 §4.6.1)
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record SessionTicket(long lifetimeSeconds, int ageMask, byte[] nonce, byte[] ticket, boolean earlyData) {
    static final int EARLY_DATA_EXTENSION = 42;
    /** RFC 9001 §4.6.1: QUIC limits early data itself, so TLS says this, or nothing. */
    static final int EARLY_DATA_UNLIMITED = 0xffffffff;
    /** RFC 8446 §4.6.1: a week; nobody may keep a ticket for longer. */
    private static final long LONGEST_LIFETIME_SECONDS = 604_800;
    /** It has to fit into a ClientHello, which servers take up to a size only, and which should not take many packets. */
    private static final int LARGEST_USABLE_BYTES = 8 * 1024;

    /**
     * Reads a ticket.
     *
     * @param message the message with its header
     * @throws TransportException when it is malformed, or breaks a rule
     */
    static SessionTicket parse(byte[] message) throws TransportException {
        ByteBuffer body = ByteBuffer.wrap(message).position(HandshakeMessages.HEADER_BYTES);
        try {
            long lifetimeSeconds = Math.min(body.getInt() & 0xffffffffL, LONGEST_LIFETIME_SECONDS);
            int ageMask = body.getInt();
            byte[] nonce = take(body, body.get() & 0xff);
            byte[] ticket = take(body, body.getShort() & 0xffff);
            int extensionsBytes = body.getShort() & 0xffff;
            if (ticket.length == 0 || extensionsBytes != body.remaining()) {
                throw TlsAlert.DECODE_ERROR.because("NewSessionTicket is malformed");
            }
            boolean earlyData = false;
            while (body.hasRemaining()) {
                earlyData |= readExtension(body);
            }
            return new SessionTicket(lifetimeSeconds, ageMask, nonce, ticket, earlyData);
        } catch (BufferUnderflowException e) {
            throw TlsAlert.DECODE_ERROR.because("NewSessionTicket is cut short");
        }
    }

    /** Returns whether the extension permits early data. */
    private static boolean readExtension(ByteBuffer body) throws TransportException {
        int type = body.getShort() & 0xffff;
        int lengthBytes = body.getShort() & 0xffff;
        if (type != EARLY_DATA_EXTENSION) {
            take(body, lengthBytes);
            return false;
        }
        if (lengthBytes != Integer.BYTES || body.getInt() != EARLY_DATA_UNLIMITED) {
            throw TlsAlert.protocolViolation("NewSessionTicket limits early data to other than 0xffffffff bytes");
        }
        return true;
    }

    private static byte[] take(ByteBuffer body, int lengthBytes) {
        if (lengthBytes > body.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] taken = new byte[lengthBytes];
        body.get(taken);
        return taken;
    }

    /** Whether a session can be resumed with it. */
    boolean isUsable() {
        return lifetimeSeconds > 0 && ticket.length <= LARGEST_USABLE_BYTES;
    }
}
