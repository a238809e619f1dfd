package io.mpquic.dataplane.forward;

import static io.mpquic.dataplane.forward.IpPacket.IPV4_HEADER_BYTES;
import static io.mpquic.dataplane.forward.IpPacket.octet;
import static io.mpquic.dataplane.forward.IpPacket.putOctet;
import static io.mpquic.dataplane.forward.IpPacket.putWord;

import io.mpquic.dataplane.ring.PacketRing;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Cuts an IPv4 packet that may be fragmented into pieces that fit (RFC 791 §3.2), one after the other in memory of its
 * own.
 *
 * <p>Each piece has headroom before it and tailroom behind, so that it can be sent like any packet. The packet itself
 * must stay where it is until the last piece has been made.
 *
 * <p>One thread; no allocation after the constructor.
 */
public final class Ipv4Fragmenter {
    /** No fragment can have less: the longest header and eight bytes. */
    private static final int MINIMUM_MTU_BYTES = PacketTooBig.IPV4_MINIMUM_MTU_BYTES;

    /** A fragment that would end behind this belongs to no datagram. */
    private static final int MAX_DATAGRAM_BYTES = 65_535;

    private static final int MAX_HEADER_BYTES = 60;
    private static final int OPTION_END = 0;
    private static final int OPTION_NO_OPERATION = 1;
    private static final int OPTION_COPIED = 0x80;

    private final MemorySegment memory;
    private final int maxPieceBytes;
    private MemorySegment packet = MemorySegment.NULL;
    private long packetOffset;
    private int mtuBytes;
    private int headerBytes;
    private int payloadBytes;
    private int firstFragmentOffset;
    private boolean lastHasMore;
    private int doneBytes;
    private int pieceLengthBytes;

    /**
     * Creates a fragmenter at rest.
     *
     * @param maxPieceBytes the longest piece that will be asked for
     */
    public Ipv4Fragmenter(int maxPieceBytes) {
        this.maxPieceBytes = maxPieceBytes;
        this.memory = Arena.ofAuto().allocate(PacketRing.HEADROOM_BYTES + (long) maxPieceBytes, Long.BYTES);
    }

    /**
     * Begins with a packet; one that was under way is forgotten. Nothing is under way afterwards when the packet is a
     * fragment that reaches past the end of the largest datagram.
     *
     * @param source the memory of an IPv4 packet that has passed {@link IpPacket#lengthBytes} and whose "don't fragment"
     *     bit is clear
     * @param lengthBytes its length by its header
     * @param mtu the longest piece; 68 bytes when less is given, as every link must carry that
     */
    public void begin(MemorySegment source, long offset, int lengthBytes, int mtu) {
        packet = source;
        packetOffset = offset;
        mtuBytes = Math.clamp(mtu, MINIMUM_MTU_BYTES, maxPieceBytes);
        headerBytes = IpPacket.ipv4HeaderBytes(source, offset);
        payloadBytes = lengthBytes - headerBytes;
        firstFragmentOffset = IpPacket.fragmentOffset(source, offset);
        lastHasMore = IpPacket.moreFragments(source, offset);
        doneBytes = 0;
        if (firstFragmentOffset * 8 + payloadBytes > MAX_DATAGRAM_BYTES) {
            abandon();
        }
    }

    /** Whether a packet is begun and not yet all cut. */
    public boolean isUnderWay() {
        return doneBytes < payloadBytes;
    }

    /** Gives up the rest of the packet. */
    public void abandon() {
        payloadBytes = 0;
        doneBytes = 0;
    }

    /** Makes the next piece; {@link #isUnderWay} must say that there is one. */
    public void next() {
        if (!isUnderWay()) {
            throw new IllegalStateException("no packet is under way");
        }
        long piece = offset();
        boolean first = doneBytes == 0;
        if (first) {
            MemorySegment.copy(packet, packetOffset, memory, piece, headerBytes);
        }
        int pieceHeaderBytes = first ? headerBytes : laterHeader(piece);
        int left = payloadBytes - doneBytes;
        // RFC 791 §3.2: every piece but the last carries a multiple of eight bytes.
        int room = (mtuBytes - pieceHeaderBytes) & ~7;
        boolean last = left <= mtuBytes - pieceHeaderBytes;
        int carried = last ? left : room;

        MemorySegment.copy(packet, packetOffset + headerBytes + doneBytes, memory, piece + pieceHeaderBytes, carried);
        pieceLengthBytes = pieceHeaderBytes + carried;
        putWord(memory, piece + 2, pieceLengthBytes);
        IpPacket.fragment(memory, piece, firstFragmentOffset + doneBytes / 8, !last || lastHasMore);
        IpPacket.ipv4Checksum(memory, piece, pieceHeaderBytes);
        doneBytes += carried;
    }

    /** The memory of the pieces. */
    public MemorySegment memory() {
        return memory;
    }

    /** Where the piece stands that {@link #next} made. */
    public long offset() {
        return PacketRing.HEADROOM_BYTES;
    }

    /** The length of the piece that {@link #next} made, in bytes. */
    public int lengthBytes() {
        return pieceLengthBytes;
    }

    /**
     * Writes the header of the second and later pieces: only options with the copied flag go along (RFC 791 §3.1).
     *
     * @return its length in bytes
     */
    private int laterHeader(long piece) {
        MemorySegment.copy(packet, packetOffset, memory, piece, IPV4_HEADER_BYTES);
        int to = IPV4_HEADER_BYTES;
        int at = IPV4_HEADER_BYTES;
        while (at < headerBytes) {
            int type = octet(packet, packetOffset + at);
            if (type == OPTION_END) {
                break;
            }
            if (type == OPTION_NO_OPERATION) {
                at++;
                continue;
            }
            int optionBytes = at + 1 < headerBytes ? octet(packet, packetOffset + at + 1) : 0;
            if (optionBytes < 2 || at + optionBytes > headerBytes) {
                break;
            }
            if ((type & OPTION_COPIED) != 0) {
                MemorySegment.copy(packet, packetOffset + at, memory, piece + to, optionBytes);
                to += optionBytes;
            }
            at += optionBytes;
        }
        while (to % 4 != 0 && to < MAX_HEADER_BYTES) {
            putOctet(memory, piece + to++, OPTION_END);
        }
        putOctet(memory, piece, 4 << 4 | to / 4);
        return to;
    }
}
