package io.mpquic.dataplane.forward;

import static io.mpquic.dataplane.forward.IpPacket.IPV4_HEADER_BYTES;
import static io.mpquic.dataplane.forward.IpPacket.IPV6_HEADER_BYTES;
import static io.mpquic.dataplane.forward.IpPacket.doubleWord;
import static io.mpquic.dataplane.forward.IpPacket.octet;
import static io.mpquic.dataplane.forward.IpPacket.word;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A packet on its way into a {@link Coalescer}: which flow it is of, and whether it could be a part of a super-packet. One
 * object is pointed at one packet after the other.
 */
final class FlowPacket {
    /** What is to be known of a packet before it goes anywhere. */
    enum Kind {
        /** Neither TCP nor UDP: there is no group that it must not overtake. */
        OTHER,
        /** It may be of any flow: a fragment, or headers that are not looked through. */
        UNKNOWN,
        /** Of a known flow, and not to be joined with others. */
        ALONE,
        /** Of a known flow, and has the form of a part of a super-packet. Its checksums are not looked at yet. */
        JOINABLE
    }

    static final int TCP_ACK = 0x10;
    static final int TCP_PSH = 0x08;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;

    private static final int TCP_HEADER_BYTES = 20;
    private static final int UDP_HEADER_BYTES = 8;
    private static final int PROTOCOL_ESP = 50;
    private static final int ALL_ONES = 0xffff;

    MemorySegment buffer = MemorySegment.NULL;
    long offset;
    int lengthBytes;

    boolean ipv4;
    boolean tcp;
    /** The flow: protocol and version, ports, addresses. Only ever compared, so in the byte order of the machine. */
    int protocols;

    int ports;
    long address1;
    long address2;
    long address3;
    long address4;

    // Of what is joinable:
    int ipHeaderBytes;
    int headerBytes;
    int payloadBytes;
    int sequence;
    int tcpFlags;

    /** Points at a packet. */
    Kind read(MemorySegment memory, long at, int length) {
        buffer = memory;
        offset = at;
        lengthBytes = length;
        int byHeader = IpPacket.lengthBytes(memory, at, length);
        if (byHeader == 0) {
            return Kind.UNKNOWN;
        }
        ipv4 = IpPacket.version(memory, at) == 4;
        Kind kind = ipv4 ? readIpv4() : readIpv6();
        return kind == Kind.JOINABLE && byHeader != length ? Kind.ALONE : kind;
    }

    private Kind readIpv4() {
        int protocol = octet(buffer, offset + 9);
        if (!isTcpOrUdp(protocol)) {
            return Kind.OTHER;
        }
        if (IpPacket.moreFragments(buffer, offset) || IpPacket.fragmentOffset(buffer, offset) != 0) {
            return Kind.UNKNOWN;
        }
        ipHeaderBytes = IpPacket.ipv4HeaderBytes(buffer, offset);
        address1 = buffer.get(LONG, offset + 12);
        address2 = 0;
        address3 = 0;
        address4 = 0;
        Kind kind = readTransport(protocol);
        return kind == Kind.JOINABLE && ipHeaderBytes != IPV4_HEADER_BYTES ? Kind.ALONE : kind;
    }

    private Kind readIpv6() {
        int protocol = octet(buffer, offset + 6);
        if (!isTcpOrUdp(protocol)) {
            // Behind an extension header there may be TCP or UDP.
            return protocol == IpPacket.PROTOCOL_ICMPV6 || protocol == PROTOCOL_ESP ? Kind.OTHER : Kind.UNKNOWN;
        }
        ipHeaderBytes = IPV6_HEADER_BYTES;
        address1 = buffer.get(LONG, offset + 8);
        address2 = buffer.get(LONG, offset + 16);
        address3 = buffer.get(LONG, offset + 24);
        address4 = buffer.get(LONG, offset + 32);
        return readTransport(protocol);
    }

    private static boolean isTcpOrUdp(int protocol) {
        return protocol == IpPacket.PROTOCOL_TCP || protocol == IpPacket.PROTOCOL_UDP;
    }

    private Kind readTransport(int protocol) {
        int transportBytes = lengthBytes - ipHeaderBytes;
        if (transportBytes < UDP_HEADER_BYTES) {
            return Kind.UNKNOWN;
        }
        long transport = offset + ipHeaderBytes;
        tcp = protocol == IpPacket.PROTOCOL_TCP;
        protocols = protocol << 1 | (ipv4 ? 1 : 0);
        ports = buffer.get(INT, transport);
        if (!tcp) {
            headerBytes = ipHeaderBytes + UDP_HEADER_BYTES;
            payloadBytes = transportBytes - UDP_HEADER_BYTES;
            boolean whole = word(buffer, transport + 4) == transportBytes;
            // RFC 768: zero says that there is no checksum, and the kernel would make one up.
            return whole && payloadBytes > 0 && word(buffer, transport + 6) != 0 ? Kind.JOINABLE : Kind.ALONE;
        }
        if (transportBytes < TCP_HEADER_BYTES) {
            return Kind.ALONE;
        }
        int tcpHeaderBytes = (octet(buffer, transport + 12) >>> 4) * 4;
        headerBytes = ipHeaderBytes + tcpHeaderBytes;
        payloadBytes = transportBytes - tcpHeaderBytes;
        sequence = doubleWord(buffer, transport + 4);
        tcpFlags = octet(buffer, transport + 13);
        boolean plain = (tcpFlags & ~TCP_PSH) == TCP_ACK;
        // All ones is as good as zero to a receiver, but nobody writes it: what is put together again would differ.
        boolean common = word(buffer, transport + 16) != ALL_ONES;
        return plain && common && tcpHeaderBytes >= TCP_HEADER_BYTES && payloadBytes > 0 ? Kind.JOINABLE : Kind.ALONE;
    }

    /** Whether all checksums of a joinable packet are right: the one of IPv4 and the one of TCP or UDP. */
    boolean isIntact() {
        int protocol = tcp ? IpPacket.PROTOCOL_TCP : IpPacket.PROTOCOL_UDP;
        int transportBytes = lengthBytes - ipHeaderBytes;
        int pseudoHeader;
        if (ipv4) {
            if (InternetChecksum.sum(buffer, offset, IPV4_HEADER_BYTES) != ALL_ONES) {
                return false;
            }
            pseudoHeader = InternetChecksum.ipv4PseudoHeader(buffer, offset, transportBytes, protocol);
        } else {
            pseudoHeader = InternetChecksum.ipv6PseudoHeader(buffer, offset, transportBytes, protocol);
        }
        int sum = InternetChecksum.sum(buffer, offset + ipHeaderBytes, transportBytes);
        return InternetChecksum.add(pseudoHeader, sum) == ALL_ONES;
    }

    boolean isPush() {
        return tcp && (tcpFlags & TCP_PSH) != 0;
    }
}
