package io.mpquic.quic.connection;

import io.mpquic.quic.crypto.AeadLimits;
import io.mpquic.quic.crypto.HeaderMask;
import io.mpquic.quic.crypto.PacketKeys;
import io.mpquic.quic.wire.TransportError;
import io.mpquic.quic.wire.TransportException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The keys of 1-RTT packets and their updates (RFC 9001 §6).
 *
 * <pre>
 *            previousRead      read         nextRead
 *   phase        p-1             p             p+1
 *            kept 3 PTO      in use now    ready: an update by the peer
 *            for stragglers                must not cost a key derivation first
 * </pre>
 */
final class OneRttKeys {
    /** RFC 9001 §6.6: what is left of the confidentiality limit for closing the connection. */
    private static final long CLOSE_RESERVE_PACKETS = 64;

    private final AeadLimits limits;
    private final long lastPacketBeforeClose;
    private PacketKeys write;
    private int writePhase;
    private long sealedInPhase;
    private long firstSentInPhase;
    private boolean phaseAcknowledged;

    private PacketKeys read;
    private PacketKeys nextRead;
    private @Nullable PacketKeys previousRead;
    private long previousReadExpiryNs;
    private int readPhase;
    private long firstReceivedInPhase = Long.MAX_VALUE;
    private long failures;
    private long updates;

    OneRttKeys(PacketKeys read, PacketKeys write) {
        this(read, write, AeadLimits.OF_SUITE);
    }

    /**
     * Creates it.
     *
     * @param ownLimits limits that count where they are lower than those of the cipher suite
     */
    OneRttKeys(PacketKeys read, PacketKeys write, AeadLimits ownLimits) {
        limits = ownLimits.within(read.suite());
        lastPacketBeforeClose =
                limits.confidentialityPackets() - Math.min(CLOSE_RESERVE_PACKETS, limits.confidentialityPackets() / 4);
        this.read = read;
        this.write = write;
        nextRead = read.nextPhase();
    }

    HeaderMask readMask() {
        return read.headerMask();
    }

    HeaderMask writeMask() {
        return write.headerMask();
    }

    int writePhase() {
        return writePhase;
    }

    long updates() {
        return updates;
    }

    /**
     * Opens a packet in place.
     *
     * @param keyPhase the Key Phase bit of its header
     * @return whether it is authentic
     * @throws TransportException KEY_UPDATE_ERROR when the peer went back to older keys, AEAD_LIMIT_REACHED after too
     *     many forgeries
     */
    boolean open(
            MemorySegment packet,
            long headerOffset,
            int headerLength,
            int length,
            long packetNumber,
            int keyPhase,
            long nowNs,
            long ptoNs)
            throws TransportException {
        expirePrevious(nowNs);
        if (keyPhase == readPhase) {
            if (!read.aead().open(packetNumber, packet, headerOffset, headerLength, length)) {
                return failed();
            }
            firstReceivedInPhase = Math.min(firstReceivedInPhase, packetNumber);
            return true;
        }
        // RFC 9001 §6.5: a number below the first of this phase belongs to the phase before, if that one still lives.
        if (previousRead != null && packetNumber < firstReceivedInPhase) {
            return previousRead.aead().open(packetNumber, packet, headerOffset, headerLength, length) || failed();
        }
        if (!nextRead.aead().open(packetNumber, packet, headerOffset, headerLength, length)) {
            // RFC 9001 §6.4: older keys on a newer packet. They are tried last, since hardly anything comes here.
            if (previousRead != null
                    && previousRead.aead().open(packetNumber, packet, headerOffset, headerLength, length)) {
                throw new TransportException(TransportError.KEY_UPDATE_ERROR, "older keys protect a newer packet");
            }
            return failed();
        }
        // RFC 9001 §6.4: newer keys on an older packet.
        if (firstReceivedInPhase != Long.MAX_VALUE && packetNumber < firstReceivedInPhase) {
            throw new TransportException(TransportError.KEY_UPDATE_ERROR, "newer keys protect an older packet");
        }
        rotateRead(packetNumber, nowNs, ptoNs);
        return true;
    }

    private void expirePrevious(long nowNs) {
        if (previousRead != null && nowNs - previousReadExpiryNs >= 0) {
            previousRead = null;
        }
    }

    private void rotateRead(long packetNumber, long nowNs, long ptoNs) {
        previousRead = read;
        // RFC 9001 §6.5: old read keys are kept for about three PTO.
        previousReadExpiryNs = nowNs + 3 * ptoNs;
        read = nextRead;
        nextRead = read.nextPhase();
        readPhase ^= 1;
        firstReceivedInPhase = packetNumber;
        if (writePhase != readPhase) {
            rotateWrite();
        }
    }

    private void rotateWrite() {
        write = write.nextPhase();
        writePhase ^= 1;
        sealedInPhase = 0;
        firstSentInPhase = Long.MAX_VALUE;
        phaseAcknowledged = false;
        updates++;
    }

    private boolean failed() throws TransportException {
        // RFC 9001 §6.6: the integrity limit counts over all keys of the connection.
        if (++failures >= limits.integrityPackets()) {
            throw new TransportException(TransportError.AEAD_LIMIT_REACHED, "too many forged packets");
        }
        return false;
    }

    void seal(MemorySegment packet, long headerOffset, int headerLength, int payloadLength, long packetNumber) {
        if (sealedInPhase++ == 0) {
            firstSentInPhase = packetNumber;
        }
        write.aead().seal(packetNumber, packet, headerOffset, headerLength, payloadLength);
    }

    void onAcknowledged(long largestAcknowledged) {
        if (!phaseAcknowledged && sealedInPhase > 0 && largestAcknowledged >= firstSentInPhase) {
            phaseAcknowledged = true;
        }
    }

    /**
     * Starts a key update (RFC 9001 §6.1), when one is permitted now.
     *
     * @param confirmed whether the handshake is: before that no end updates its keys
     */
    boolean update(boolean confirmed, long nowNs) {
        expirePrevious(nowNs);
        // RFC 9001 §6.1, §6.5: not before a packet of this phase is acknowledged, nor while both ends differ in phase,
        // nor while packets of the phase before may come, as only one bit tells the phases apart.
        boolean permitted = confirmed && phaseAcknowledged && writePhase == readPhase && previousRead == null;
        if (permitted) {
            rotateWrite();
        }
        return permitted;
    }

    /** Starts a key update when the keys have protected so many packets that it is time, and it is permitted. */
    void updateWhenDue(boolean confirmed, long nowNs) {
        // RFC 9001 §6.6: well before the confidentiality limit; half of it leaves time for the peer's answer.
        if (sealedInPhase >= limits.confidentialityPackets() / 2) {
            update(confirmed, nowNs);
        }
    }

    /** Whether the connection must be closed, as its keys have hardly enough left for that (RFC 9001 §6.6). */
    boolean exhausted() {
        return sealedInPhase >= lastPacketBeforeClose;
    }
}
