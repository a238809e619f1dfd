package io.mpquic.quic.connection;

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
    /** A close is sent again for the first, second, fourth, eighth ... packet that it meets: seldom so often. */
    private static final int RESERVED_FOR_CLOSE = 32;

    private final Forgeries forgeries;
    private AeadLimits limits;
    private PacketKeys write;
    /** How often the keys changed; the Key Phase bit is the lowest bit of it. */
    private long writeGeneration;

    private long sealedInPhase;
    private long firstSentInPhase;
    private boolean phaseAcknowledged;

    private PacketKeys read;
    private PacketKeys nextRead;
    private @Nullable PacketKeys previousRead;
    private long previousReadExpiryNs;
    private long readGeneration;
    private long openedGeneration;
    private long firstReceivedInPhase = Long.MAX_VALUE;

    OneRttKeys(PacketKeys read, PacketKeys write, Forgeries forgeries) {
        this.forgeries = forgeries;
        this.read = read;
        this.write = write;
        nextRead = read.nextPhase();
        limitTo(AeadLimits.of(write.suite()));
    }

    /** Other limits than those of the cipher suite: tests cannot wait for millions of packets. */
    void limitTo(AeadLimits lower) {
        limits = lower;
        forgeries.limitTo(lower.integrity());
    }

    HeaderMask readMask() {
        return read.headerMask();
    }

    HeaderMask writeMask() {
        return write.headerMask();
    }

    int writePhase() {
        return (int) (writeGeneration & 1);
    }

    /** How often the keys were updated that this end sends with. */
    long writeGeneration() {
        return writeGeneration;
    }

    /** How often the keys were updated that the peer sends with. */
    long readGeneration() {
        return readGeneration;
    }

    /**
     * Opens a packet in place.
     *
     * @param keyPhase the Key Phase bit of its header
     * @param largestReported the largest packet number in the ACK frames that were sent; -1: none
     * @return whether it is authentic
     * @throws TransportException KEY_UPDATE_ERROR when the peer's updates come out of order or too early,
     *     AEAD_LIMIT_REACHED after too many forgeries
     */
    boolean open(
            MemorySegment packet,
            long headerOffset,
            int headerLength,
            int length,
            long packetNumber,
            int keyPhase,
            long largestReported,
            long nowNs,
            long ptoNs)
            throws TransportException {
        forgetPreviousRead(nowNs);
        if (keyPhase == (readGeneration & 1)) {
            if (!read.aead().open(packetNumber, packet, headerOffset, headerLength, length)) {
                return failed();
            }
            firstReceivedInPhase = Math.min(firstReceivedInPhase, packetNumber);
            openedGeneration = readGeneration;
            return true;
        }
        // RFC 9001 §6.5: a number below the first of this phase belongs to the phase before, if that one still lives.
        if (previousRead != null && packetNumber < firstReceivedInPhase) {
            openedGeneration = readGeneration - 1;
            return previousRead.aead().open(packetNumber, packet, headerOffset, headerLength, length) || failed();
        }
        if (!nextRead.aead().open(packetNumber, packet, headerOffset, headerLength, length)) {
            return failed();
        }
        // RFC 9001 §6.4: newer keys on an older packet.
        if (firstReceivedInPhase != Long.MAX_VALUE && packetNumber < firstReceivedInPhase) {
            throw new TransportException(TransportError.KEY_UPDATE_ERROR, "newer keys protect an older packet");
        }
        // RFC 9001 §6.2: a second update before the first was answered with an acknowledgement under the new keys. The
        // answer to an update of ours is none, and its sender may be one whose packets are never acknowledged.
        boolean begunByPeer = writeGeneration == readGeneration;
        if (begunByPeer && readGeneration > 0 && largestReported < firstReceivedInPhase) {
            throw new TransportException(TransportError.KEY_UPDATE_ERROR, "a key update before the last is confirmed");
        }
        rotateRead(packetNumber, nowNs, ptoNs);
        return true;
    }

    private void forgetPreviousRead(long nowNs) {
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
        openedGeneration = ++readGeneration;
        firstReceivedInPhase = packetNumber;
        // RFC 9001 §6.2: the answer, unless the peer's update is one to ours.
        if (writeGeneration < readGeneration) {
            rotateWrite();
        }
    }

    private void rotateWrite() {
        write = write.nextPhase();
        writeGeneration++;
        sealedInPhase = 0;
        firstSentInPhase = Long.MAX_VALUE;
        phaseAcknowledged = false;
    }

    private boolean failed() throws TransportException {
        forgeries.add();
        return false;
    }

    void seal(MemorySegment packet, long headerOffset, int headerLength, int payloadLength, long packetNumber) {
        if (isSpent()) {
            throw new IllegalStateException("a key was to seal more packets than it may");
        }
        if (sealedInPhase++ == 0) {
            firstSentInPhase = packetNumber;
        }
        write.aead().seal(packetNumber, packet, headerOffset, headerLength, payloadLength);
    }

    /** The packet that was opened last acknowledges numbers up to this one. */
    void onAcknowledged(long largestAcknowledged) throws TransportException {
        if (sealedInPhase == 0 || largestAcknowledged < firstSentInPhase) {
            return;
        }
        // RFC 9001 §6.2: who has read newer keys answers with them.
        if (openedGeneration < writeGeneration) {
            throw new TransportException(TransportError.KEY_UPDATE_ERROR, "older keys acknowledge newer ones");
        }
        phaseAcknowledged = true;
    }

    /** Whether the keys have protected so many packets that an update is due. */
    boolean updateIsDue() {
        // RFC 9001 §6.6: well before the confidentiality limit; half of it leaves time for the peer's answer.
        return sealedInPhase >= limits.confidentiality() / 2;
    }

    // RFC 9001 §6.1, §6.5: not before a packet of this phase is acknowledged, nor while both ends differ in phase.
    boolean mayUpdate(long nowNs) {
        forgetPreviousRead(nowNs);
        return phaseAcknowledged && writeGeneration == readGeneration && previousRead == null;
    }

    /** Whether what these keys may still protect is to be kept for the close. */
    boolean isWornOut() {
        return sealedInPhase >= limits.confidentiality() - RESERVED_FOR_CLOSE;
    }

    /** Whether no further packet may be protected: RFC 9001 §6.6. */
    boolean isSpent() {
        return sealedInPhase >= limits.confidentiality();
    }

    /** Starts a key update (RFC 9001 §6.1); {@link #mayUpdate} must hold. */
    void update(long nowNs) {
        if (!mayUpdate(nowNs)) {
            throw new IllegalStateException("a key update is under way");
        }
        rotateWrite();
    }
}
