package io.mpquic.dataplane.forward;

import static io.mpquic.dataplane.forward.IpPacket.IPV4_HEADER_BYTES;
import static io.mpquic.dataplane.forward.IpPacket.IPV6_HEADER_BYTES;
import static io.mpquic.dataplane.forward.IpPacket.doubleWord;
import static io.mpquic.dataplane.forward.IpPacket.octet;
import static io.mpquic.dataplane.forward.IpPacket.putDoubleWord;
import static io.mpquic.dataplane.forward.IpPacket.putOctet;
import static io.mpquic.dataplane.forward.IpPacket.putWord;

import java.lang.foreign.MemorySegment;

/**
 * Builds the answer to a packet that does not fit through the tunnel: ICMP Destination Unreachable, "fragmentation
 * needed" (RFC 792, RFC 1191 §4), or ICMPv6 Packet Too Big (RFC 4443 §3.2).
 *
 * <p><b>Source address.</b> The answer comes from the address that the packet was sent to. The address of the tunnel's
 * own interface would be the natural one, but the answer enters the host through that interface, and Linux drops a
 * packet that comes in with one of its own addresses as the source. The packet's destination always passes: it is routed
 * through the tunnel, so the check of the reverse path finds it right, and hosts match the answer by the packet quoted in
 * it and not by who sent it.
 *
 * <p><b>Smallest MTU.</b> No less than 68 (IPv4) and 1280 (IPv6) is ever reported. RFC 8201 §4 has hosts discard a report
 * below 1280; so where the tunnel carries less than that, a packet of up to 1280 bytes gets no answer, and a larger one is
 * told 1280.
 *
 * <p>One thread; no allocation.
 */
public final class PacketTooBig {
    /** Every IPv4 link carries this much (RFC 791 §3.2). */
    public static final int IPV4_MINIMUM_MTU_BYTES = 68;

    /** Every IPv6 link carries this much (RFC 8200 §5). */
    public static final int IPV6_MINIMUM_MTU_BYTES = 1280;

    /** RFC 1812 §4.3.2.3: quote as much as fits without the answer becoming longer than this. */
    private static final int IPV4_ANSWER_BYTES = 576;

    private static final int ICMP_HEADER_BYTES = 8;
    private static final int DESTINATION_UNREACHABLE = 3;
    private static final int FRAGMENTATION_NEEDED = 4;
    private static final int ICMPV6_PACKET_TOO_BIG = 2;
    private static final int ICMPV6_REDIRECT = 137;
    private static final int TIME_TO_LIVE = 64;

    /** Linux allows itself a thousand a second and fifty at once; one answer a flow is all that is needed. */
    private static final int ANSWERS_PER_SECOND = 1000;

    private static final int ANSWER_BURST = 50;

    private final RateLimit limit = new RateLimit(ANSWERS_PER_SECOND, ANSWER_BURST);

    /** The most bytes that an answer has. */
    public static final int MAX_ANSWER_BYTES = IPV6_MINIMUM_MTU_BYTES;

    /**
     * Builds the answer, when the packet may have one.
     *
     * <p>There is none for an ICMP error, a later fragment, a multicast or broadcast packet, or one whose source is not a
     * single host (RFC 1812 §4.3.2.7, RFC 4443 §2.4(e)), nor above the rate limit. RFC 4443 would allow an answer for
     * multicast; but then it could not come from the packet's destination.
     *
     * @param packet the memory of a packet that has passed {@link IpPacket#lengthBytes}
     * @param lengthBytes the packet's length by its header
     * @param mtuBytes the longest packet that the tunnel carries
     * @param answer memory for {@link #MAX_ANSWER_BYTES}
     * @return the length of the answer in bytes; 0 when there is to be none
     */
    public int answer(
            MemorySegment packet,
            long offset,
            int lengthBytes,
            int mtuBytes,
            MemorySegment answer,
            long answerOffset,
            long nowNs) {
        if (IpPacket.version(packet, offset) == 4) {
            return mayAnswerIpv4(packet, offset, lengthBytes) && limit.permits(nowNs)
                    ? ipv4(packet, offset, lengthBytes, mtuBytes, answer, answerOffset)
                    : 0;
        }
        return mayAnswerIpv6(packet, offset, lengthBytes) && limit.permits(nowNs)
                ? ipv6(packet, offset, lengthBytes, mtuBytes, answer, answerOffset)
                : 0;
    }

    private static boolean mayAnswerIpv4(MemorySegment packet, long offset, int lengthBytes) {
        if (!IpPacket.dontFragment(packet, offset) || IpPacket.fragmentOffset(packet, offset) != 0) {
            return false;
        }
        int header = IpPacket.ipv4HeaderBytes(packet, offset);
        if (octet(packet, offset + 9) == IpPacket.PROTOCOL_ICMP
                && (lengthBytes == header || isIpv4Error(octet(packet, offset + header)))) {
            return false;
        }
        // RFC 1812 §4.3.2.7: the source must be one host: not net 0, loopback, multicast or broadcast.
        int source = octet(packet, offset + 12);
        return source != 0 && source != 127 && source < 224 && octet(packet, offset + 16) < 224;
    }

    private static boolean isIpv4Error(int icmpType) {
        // RFC 1122 §3.2.2: unreachable, source quench, redirect, time exceeded, parameter problem.
        return icmpType == 3 || icmpType == 4 || icmpType == 5 || icmpType == 11 || icmpType == 12;
    }

    private static boolean mayAnswerIpv6(MemorySegment packet, long offset, int lengthBytes) {
        int transport = IpPacket.ipv6Transport(packet, offset, lengthBytes);
        if (lengthBytes <= IPV6_MINIMUM_MTU_BYTES || transport < 0) {
            return false;
        }
        int at = transport >>> 8;
        if ((transport & 0xff) == IpPacket.PROTOCOL_ICMPV6) {
            if (at >= lengthBytes) {
                return false;
            }
            // RFC 4443 §2.1: the types of errors are those below 128.
            int type = octet(packet, offset + at);
            if (type < 128 || type == ICMPV6_REDIRECT) {
                return false;
            }
        }
        boolean unspecified = true;
        for (int i = 8; i < 24; i += 4) {
            unspecified &= doubleWord(packet, offset + i) == 0;
        }
        return !unspecified && octet(packet, offset + 8) != 0xff && octet(packet, offset + 24) != 0xff;
    }

    private static int ipv4(
            MemorySegment packet, long offset, int lengthBytes, int mtuBytes, MemorySegment answer, long at) {
        int quoted = Math.min(lengthBytes, IPV4_ANSWER_BYTES - IPV4_HEADER_BYTES - ICMP_HEADER_BYTES);
        int total = IPV4_HEADER_BYTES + ICMP_HEADER_BYTES + quoted;
        putWord(answer, at, 0x45 << 8 | 0xc0); // RFC 1812 §4.3.2.5: precedence 6 for errors
        putWord(answer, at + 2, total);
        putDoubleWord(answer, at + 4, 0x4000); // never fragmented, so the identification may be 0 (RFC 6864 §4.1)
        putWord(answer, at + 8, TIME_TO_LIVE << 8 | IpPacket.PROTOCOL_ICMP);
        putDoubleWord(answer, at + 12, doubleWord(packet, offset + 16));
        putDoubleWord(answer, at + 16, doubleWord(packet, offset + 12));
        IpPacket.ipv4Checksum(answer, at, IPV4_HEADER_BYTES);

        long icmp = at + IPV4_HEADER_BYTES;
        putWord(answer, icmp, DESTINATION_UNREACHABLE << 8 | FRAGMENTATION_NEEDED);
        putWord(answer, icmp + 2, 0);
        putDoubleWord(answer, icmp + 4, Math.max(mtuBytes, IPV4_MINIMUM_MTU_BYTES));
        MemorySegment.copy(packet, offset, answer, icmp + ICMP_HEADER_BYTES, quoted);
        int sum = InternetChecksum.sum(answer, icmp, ICMP_HEADER_BYTES + quoted);
        putWord(answer, icmp + 2, InternetChecksum.complement(sum));
        return total;
    }

    private static int ipv6(
            MemorySegment packet, long offset, int lengthBytes, int mtuBytes, MemorySegment answer, long at) {
        // RFC 4443 §3.2: as much as fits without the answer becoming longer than the smallest MTU.
        int quoted = Math.min(lengthBytes, IPV6_MINIMUM_MTU_BYTES - IPV6_HEADER_BYTES - ICMP_HEADER_BYTES);
        int icmpBytes = ICMP_HEADER_BYTES + quoted;
        putDoubleWord(answer, at, 6 << 28);
        putWord(answer, at + 4, icmpBytes);
        putOctet(answer, at + 6, IpPacket.PROTOCOL_ICMPV6);
        putOctet(answer, at + 7, TIME_TO_LIVE);
        MemorySegment.copy(packet, offset + 24, answer, at + 8, 16);
        MemorySegment.copy(packet, offset + 8, answer, at + 24, 16);

        long icmp = at + IPV6_HEADER_BYTES;
        putDoubleWord(answer, icmp, ICMPV6_PACKET_TOO_BIG << 24);
        putDoubleWord(answer, icmp + 4, Math.max(mtuBytes, IPV6_MINIMUM_MTU_BYTES));
        MemorySegment.copy(packet, offset, answer, icmp + ICMP_HEADER_BYTES, quoted);
        int sum = InternetChecksum.add(
                InternetChecksum.ipv6PseudoHeader(answer, at, icmpBytes, IpPacket.PROTOCOL_ICMPV6),
                InternetChecksum.sum(answer, icmp, icmpBytes));
        putWord(answer, icmp + 2, InternetChecksum.complement(sum));
        return IPV6_HEADER_BYTES + icmpBytes;
    }
}
