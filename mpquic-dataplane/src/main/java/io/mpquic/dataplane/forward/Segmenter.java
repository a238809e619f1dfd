package io.mpquic.dataplane.forward;

import static io.mpquic.dataplane.forward.IpPacket.doubleWord;
import static io.mpquic.dataplane.forward.IpPacket.octet;
import static io.mpquic.dataplane.forward.IpPacket.putDoubleWord;
import static io.mpquic.dataplane.forward.IpPacket.putOctet;
import static io.mpquic.dataplane.forward.IpPacket.putWord;
import static io.mpquic.dataplane.forward.IpPacket.word;

import io.mpquic.tun.VirtioHeader;
import java.lang.foreign.MemorySegment;

/**
 * Cuts what a TUN device with offload gives, a virtio header and a packet or super-packet, into IP packets with all
 * lengths and checksums, one after the other in memory that the caller gives.
 *
 * <pre>
 *   | virtio | IP | TCP | payload 1 | payload 2 | 3 |
 *
 *   | IP | TCP | payload 1 |   | IP | TCP | payload 2 |   | IP | TCP | 3 |
 *     id     sequence            id+1   +payload 1          id+2   ...
 *            no FIN, PSH                no FIN, PSH, CWR           no CWR
 * </pre>
 *
 * <p>The super-packet must stay as it is until the last packet has been made. A header that contradicts the packet
 * throws nothing: {@link #begin} refuses it, and the caller counts a drop.
 *
 * <p>One thread; no allocation.
 */
public final class Segmenter {
    private static final int TCP_HEADER_BYTES = 20;
    private static final int TCP_SEQUENCE_AT = 4;
    private static final int TCP_DATA_OFFSET_AT = 12;
    private static final int TCP_FLAGS_AT = 13;
    private static final int TCP_CHECKSUM_AT = 16;
    private static final int FIN_AND_PSH = 0x01 | 0x08;
    private static final int CWR = 0x80;
    private static final int UDP_HEADER_BYTES = 8;
    private static final int UDP_LENGTH_AT = 4;
    private static final int UDP_CHECKSUM_AT = 6;
    /** RFC 768: a checksum of zero goes out as all ones, because a zero means that there is none. */
    private static final int UDP_ZERO_CHECKSUM = 0xffff;

    private MemorySegment source = MemorySegment.NULL;
    private long packet;
    /** What every packet gets: the IP header and that of TCP or UDP. 0 for a packet that is not cut. */
    private int headerBytes;

    private int payloadBytes;
    private int segmentBytes;
    private int doneBytes;

    private boolean ipv4;
    private boolean tcp;
    private int transportAt;
    private int identification;
    private int ipv4Sum;
    private int sequence;
    private int flags;
    private int transportSum;

    private boolean needsChecksum;
    private int checksumStart;
    private int checksumAt;

    /** Creates one at rest. */
    public Segmenter() {}

    /**
     * Begins with a packet or super-packet; one that was under way is forgotten.
     *
     * @param buffer the memory of the virtio header and of what follows it
     * @param offset first byte of the virtio header
     * @param lengthBytes the length of both
     * @return false when it is malformed, and nothing is under way
     */
    public boolean begin(MemorySegment buffer, long offset, int lengthBytes) {
        end();
        int packetBytes = lengthBytes - VirtioHeader.BYTES;
        if (packetBytes <= 0) {
            return false;
        }
        source = buffer;
        packet = offset + VirtioHeader.BYTES;
        needsChecksum = (VirtioHeader.flags(buffer, offset) & VirtioHeader.NEEDS_CHECKSUM) != 0;
        checksumStart = VirtioHeader.checksumStart(buffer, offset);
        checksumAt = checksumStart + VirtioHeader.checksumOffset(buffer, offset);
        if (needsChecksum && checksumAt + 2 > packetBytes) {
            return false;
        }
        int gsoType = VirtioHeader.gsoType(buffer, offset) & ~VirtioHeader.GSO_ECN;
        if (gsoType == VirtioHeader.GSO_NONE) {
            headerBytes = 0;
            segmentBytes = packetBytes;
        } else {
            segmentBytes = VirtioHeader.segmentBytes(buffer, offset);
            // A super-packet never has its checksum: there is none that would be right for all of it.
            if (!needsChecksum || segmentBytes == 0 || !readHeaders(gsoType, packetBytes)) {
                return false;
            }
        }
        payloadBytes = packetBytes - headerBytes;
        return payloadBytes > 0;
    }

    /** Whether there is another packet. */
    public boolean hasNext() {
        return doneBytes < payloadBytes;
    }

    /** How long the next packet will be, in bytes; the first is the longest of all. 0 when there is none. */
    public int nextLengthBytes() {
        return hasNext() ? headerBytes + Math.min(segmentBytes, payloadBytes - doneBytes) : 0;
    }

    /** Gives up the rest. */
    public void end() {
        payloadBytes = 0;
        doneBytes = 0;
    }

    /**
     * Makes the next packet.
     *
     * @param target where to; {@link #nextLengthBytes} must fit, and it is not the memory of the super-packet
     * @return its length in bytes
     * @throws IllegalStateException when there is none
     */
    public int next(MemorySegment target, long offset) {
        if (!hasNext()) {
            throw new IllegalStateException("no packet is under way");
        }
        int carriedBytes = Math.min(segmentBytes, payloadBytes - doneBytes);
        if (headerBytes == 0) {
            MemorySegment.copy(source, packet, target, offset, carriedBytes);
            if (needsChecksum) {
                fillChecksum(target, offset, carriedBytes);
            }
        } else {
            MemorySegment.copy(source, packet, target, offset, headerBytes);
            MemorySegment.copy(source, packet + headerBytes + doneBytes, target, offset + headerBytes, carriedBytes);
            writeIpHeader(target, offset, headerBytes + carriedBytes);
            writeTransportHeader(target, offset, carriedBytes);
        }
        doneBytes += carriedBytes;
        return headerBytes + carriedBytes;
    }

    private void fillChecksum(MemorySegment target, long offset, int lengthBytes) {
        // The field holds the sum of the pseudo-header, so it is summed up like the rest.
        int sum = InternetChecksum.sum(target, offset + checksumStart, lengthBytes - checksumStart);
        int checksum = InternetChecksum.complement(sum);
        boolean udp = checksumAt == checksumStart + UDP_CHECKSUM_AT;
        putWord(target, offset + checksumAt, udp && checksum == 0 ? UDP_ZERO_CHECKSUM : checksum);
    }

    /** Checks that the headers are what the GSO type says, and takes out of them what changes from packet to packet. */
    private boolean readHeaders(int gsoType, int packetBytes) {
        if (IpPacket.lengthBytes(source, packet, packetBytes) != packetBytes) {
            return false;
        }
        ipv4 = IpPacket.version(source, packet) == 4;
        tcp = gsoType != VirtioHeader.GSO_UDP;
        if (tcp && gsoType != (ipv4 ? VirtioHeader.GSO_TCPV4 : VirtioHeader.GSO_TCPV6)) {
            return false;
        }
        int protocol = tcp ? IpPacket.PROTOCOL_TCP : IpPacket.PROTOCOL_UDP;
        int minimumBytes = tcp ? TCP_HEADER_BYTES : UDP_HEADER_BYTES;
        transportAt = transportOffset(packetBytes, protocol);
        int checksumOffset = tcp ? TCP_CHECKSUM_AT : UDP_CHECKSUM_AT;
        if (transportAt != checksumStart
                || checksumAt != checksumStart + checksumOffset
                || transportAt + minimumBytes > packetBytes) {
            return false;
        }
        long transport = packet + transportAt;
        int transportHeaderBytes = tcp ? (octet(source, transport + TCP_DATA_OFFSET_AT) >>> 4) * 4 : UDP_HEADER_BYTES;
        headerBytes = transportAt + transportHeaderBytes;
        if (transportHeaderBytes < minimumBytes || headerBytes >= packetBytes) {
            return false;
        }
        prepareSums(transport, transportHeaderBytes, packetBytes - transportAt);
        return true;
    }

    /** Where the header of TCP or UDP begins; -1 when the packet is a fragment or of another protocol. */
    private int transportOffset(int packetBytes, int protocol) {
        if (ipv4) {
            boolean whole = !IpPacket.moreFragments(source, packet) && IpPacket.fragmentOffset(source, packet) == 0;
            return whole && octet(source, packet + 9) == protocol ? IpPacket.ipv4HeaderBytes(source, packet) : -1;
        }
        int found = IpPacket.ipv6Transport(source, packet, packetBytes);
        return (found & 0xff) == protocol ? found >> 8 : -1;
    }

    /** The sums of what is the same in all packets. A word is taken out of a sum by adding its complement. */
    private void prepareSums(long transport, int transportHeaderBytes, int transportBytes) {
        if (ipv4) {
            identification = word(source, packet + 4);
            int sum = InternetChecksum.sum(source, packet, transportAt);
            sum = without(sum, word(source, packet + 2));
            sum = without(sum, identification);
            ipv4Sum = without(sum, word(source, packet + 10));
        }
        // The checksum field holds the sum of the pseudo-header, and in that the length of the whole super-packet.
        int sum = without(InternetChecksum.sum(source, transport, transportHeaderBytes), transportBytes);
        if (tcp) {
            sequence = doubleWord(source, transport + TCP_SEQUENCE_AT);
            flags = octet(source, transport + TCP_FLAGS_AT);
            sum = without(without(sum, sequence >>> 16), sequence & 0xffff);
            transportSum = without(sum, flags);
        } else {
            transportSum = without(sum, word(source, transport + UDP_LENGTH_AT));
        }
    }

    private static int without(int sum, int word) {
        return InternetChecksum.add(sum, InternetChecksum.complement(word));
    }

    private void writeIpHeader(MemorySegment target, long offset, int lengthBytes) {
        if (!ipv4) {
            putWord(target, offset + 4, lengthBytes - IpPacket.IPV6_HEADER_BYTES);
            return;
        }
        putWord(target, offset + 2, lengthBytes);
        putWord(target, offset + 4, identification);
        int sum = InternetChecksum.add(ipv4Sum, lengthBytes + identification);
        putWord(target, offset + 10, InternetChecksum.complement(sum));
        identification = (identification + 1) & 0xffff;
    }

    private void writeTransportHeader(MemorySegment target, long offset, int carriedBytes) {
        long transport = offset + transportAt;
        int transportBytes = headerBytes - transportAt + carriedBytes;
        int sum = InternetChecksum.sum(target, offset + headerBytes, carriedBytes) + transportSum + transportBytes;
        if (tcp) {
            int nextSequence = sequence + doneBytes;
            int nextFlags = flags & ~(isLast(carriedBytes) ? 0 : FIN_AND_PSH) & ~(doneBytes == 0 ? 0 : CWR);
            putDoubleWord(target, transport + TCP_SEQUENCE_AT, nextSequence);
            putOctet(target, transport + TCP_FLAGS_AT, nextFlags);
            sum += (nextSequence >>> 16) + (nextSequence & 0xffff) + nextFlags;
            putWord(target, transport + TCP_CHECKSUM_AT, InternetChecksum.complement(InternetChecksum.add(sum, 0)));
        } else {
            putWord(target, transport + UDP_LENGTH_AT, transportBytes);
            int checksum = InternetChecksum.complement(InternetChecksum.add(sum + transportBytes, 0));
            putWord(target, transport + UDP_CHECKSUM_AT, checksum == 0 ? UDP_ZERO_CHECKSUM : checksum);
        }
    }

    private boolean isLast(int carriedBytes) {
        return doneBytes + carriedBytes == payloadBytes;
    }
}
