package io.mpquic.dataplane.forward;

import static io.mpquic.dataplane.forward.IpPacket.doubleWord;
import static io.mpquic.dataplane.forward.IpPacket.octet;
import static io.mpquic.dataplane.forward.IpPacket.putOctet;
import static io.mpquic.dataplane.forward.IpPacket.putWord;
import static io.mpquic.dataplane.forward.IpPacket.word;

import io.mpquic.tun.IoVector;
import io.mpquic.tun.VirtioHeader;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Consecutive packets of one flow that will leave as one super-packet. Their payload stays where it is; only the headers
 * of the first are copied, and made to fit all of them.
 *
 * <pre>
 *   scratch                              buffers of the packets
 *   | virtio | IP | TCP or UDP |         | payload 1 |  | payload 2 |  | 3 |
 *   '------ first piece -------'         '- second -'   '- third --'   ...
 * </pre>
 */
final class PacketGroup {
    /** The longest IP packet. */
    static final int MAX_BYTES = 65_535;

    /** With 500 bytes each they fill a super-packet; the kernel could take eight times as many pieces. */
    static final int MAX_PACKETS = 128;

    /** UDP_MAX_SEGMENTS of kernels before 6.9, which refuse what has more. */
    static final int MAX_DATAGRAMS = 64;

    private static final int MAX_HEADER_BYTES = 40 + 60;
    private static final int DONT_FRAGMENT = 0x4000;

    private final MemorySegment scratch = Arena.ofAuto().allocate(VirtioHeader.BYTES + MAX_HEADER_BYTES);
    private final IoVector vector = new IoVector(1 + MAX_PACKETS);

    private MemorySegment first = MemorySegment.NULL;
    private long firstOffset;
    private int firstBytes;
    private int protocols;
    private int ports;
    private long address1;
    private long address2;
    private long address3;
    private long address4;
    private boolean ipv4;
    private boolean tcp;
    private int ipHeaderBytes;
    private int headerBytes;
    private int segmentBytes;

    private int packets;
    private int totalBytes;
    private int nextSequence;
    private int nextIdentification;
    private boolean full;
    private boolean push;

    boolean isOpen() {
        return packets > 0;
    }

    /** Whether nothing can join any more. */
    boolean isFull() {
        return full;
    }

    boolean isOfFlow(FlowPacket packet) {
        return packets > 0
                && packet.ports == ports
                && packet.address1 == address1
                && packet.protocols == protocols
                && packet.address2 == address2
                && packet.address3 == address3
                && packet.address4 == address4;
    }

    /** Begins with a joinable packet that is intact. */
    void open(FlowPacket packet) {
        first = packet.buffer;
        firstOffset = packet.offset;
        firstBytes = packet.lengthBytes;
        protocols = packet.protocols;
        ports = packet.ports;
        address1 = packet.address1;
        address2 = packet.address2;
        address3 = packet.address3;
        address4 = packet.address4;
        ipv4 = packet.ipv4;
        tcp = packet.tcp;
        ipHeaderBytes = packet.ipHeaderBytes;
        headerBytes = packet.headerBytes;
        segmentBytes = packet.payloadBytes;
        vector.clear();
        vector.add(scratch, 0, VirtioHeader.BYTES + headerBytes);
        packets = 0;
        totalBytes = headerBytes;
        nextSequence = packet.sequence;
        nextIdentification = ipv4 ? word(first, firstOffset + 4) : 0;
        append(packet);
    }

    /** Appends a packet that {@link #takes} and that is intact. */
    void append(FlowPacket packet) {
        vector.add(packet.buffer, packet.offset + packet.headerBytes, packet.payloadBytes);
        packets++;
        totalBytes += packet.payloadBytes;
        nextSequence += packet.payloadBytes;
        nextIdentification = (nextIdentification + 1) & 0xffff;
        push = packet.isPush();
        full = push
                || packet.payloadBytes < segmentBytes
                || packets == (tcp ? MAX_PACKETS : MAX_DATAGRAMS)
                || totalBytes + segmentBytes > MAX_BYTES;
    }

    /** Whether a joinable packet of this flow is what would follow if the super-packet were cut again. */
    boolean takes(FlowPacket packet) {
        return packet.headerBytes == headerBytes
                && packet.payloadBytes <= segmentBytes
                && (ipv4 ? ipv4HeaderContinues(packet) : ipv6HeaderContinues(packet))
                && (!tcp || tcpHeaderContinues(packet));
    }

    private boolean ipv4HeaderContinues(FlowPacket packet) {
        MemorySegment other = packet.buffer;
        long at = packet.offset;
        int fragmentation = word(first, firstOffset + 6);
        // RFC 6864 §4.1: the identification of what is never fragmented says nothing. Otherwise it must count on, as
        // it will when the kernel cuts the super-packet.
        boolean idContinues = (fragmentation & DONT_FRAGMENT) != 0 || word(other, at + 4) == nextIdentification;
        return idContinues
                && word(first, firstOffset) == word(other, at)
                && fragmentation == word(other, at + 6)
                && octet(first, firstOffset + 8) == octet(other, at + 8);
    }

    private boolean ipv6HeaderContinues(FlowPacket packet) {
        return doubleWord(first, firstOffset) == doubleWord(packet.buffer, packet.offset)
                && octet(first, firstOffset + 7) == octet(packet.buffer, packet.offset + 7);
    }

    /** Sequence, acknowledgement, length of the header, window, urgent pointer, options; the flags are checked before. */
    private boolean tcpHeaderContinues(FlowPacket packet) {
        MemorySegment other = packet.buffer;
        long mine = firstOffset + ipHeaderBytes;
        long theirs = packet.offset + ipHeaderBytes;
        if (packet.sequence != nextSequence
                || doubleWord(first, mine + 8) != doubleWord(other, theirs + 8)
                || octet(first, mine + 12) != octet(other, theirs + 12)
                || word(first, mine + 14) != word(other, theirs + 14)
                || word(first, mine + 18) != word(other, theirs + 18)) {
            return false;
        }
        for (int at = 20; at < headerBytes - ipHeaderBytes; at += 4) {
            if (doubleWord(first, mine + at) != doubleWord(other, theirs + at)) {
                return false;
            }
        }
        return true;
    }

    /** Gives all to the sink, and is empty. */
    void close(SuperPacketSink sink) throws IOException {
        int closing = packets;
        packets = 0;
        if (closing == 1) {
            sink.packet(first, firstOffset, firstBytes);
        } else if (closing > 1) {
            writeHeaders();
            sink.superPacket(vector, closing, totalBytes + (closing - 1) * headerBytes);
        }
    }

    private void writeHeaders() {
        int ip = VirtioHeader.BYTES;
        int transport = ip + ipHeaderBytes;
        int transportBytes = totalBytes - ipHeaderBytes;
        MemorySegment.copy(first, firstOffset, scratch, ip, headerBytes);
        int pseudoHeader;
        if (ipv4) {
            putWord(scratch, ip + 2, totalBytes);
            IpPacket.ipv4Checksum(scratch, ip, ipHeaderBytes);
            pseudoHeader = InternetChecksum.ipv4PseudoHeader(scratch, ip, transportBytes, protocols >> 1);
        } else {
            putWord(scratch, ip + 4, transportBytes);
            pseudoHeader = InternetChecksum.ipv6PseudoHeader(scratch, ip, transportBytes, protocols >> 1);
        }
        int checksumOffset = tcp ? 16 : 6;
        // The kernel, or the card, sums up the rest.
        putWord(scratch, transport + checksumOffset, pseudoHeader);
        int gsoType = VirtioHeader.GSO_UDP;
        if (tcp) {
            gsoType = ipv4 ? VirtioHeader.GSO_TCPV4 : VirtioHeader.GSO_TCPV6;
            putOctet(scratch, transport + 13, FlowPacket.TCP_ACK | (push ? FlowPacket.TCP_PSH : 0));
        } else {
            putWord(scratch, transport + 4, transportBytes);
        }
        VirtioHeader.putSuperPacket(scratch, 0, gsoType, headerBytes, segmentBytes, ipHeaderBytes, checksumOffset);
    }
}
