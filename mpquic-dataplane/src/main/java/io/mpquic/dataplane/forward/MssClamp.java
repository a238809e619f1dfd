package io.mpquic.dataplane.forward;

import static io.mpquic.dataplane.forward.IpPacket.IPV4_HEADER_BYTES;
import static io.mpquic.dataplane.forward.IpPacket.IPV6_HEADER_BYTES;
import static io.mpquic.dataplane.forward.IpPacket.octet;
import static io.mpquic.dataplane.forward.IpPacket.putOctet;
import static io.mpquic.dataplane.forward.IpPacket.word;

import java.lang.foreign.MemorySegment;

/**
 * Lowers the maximum segment size that TCP announces in a SYN (RFC 9293 §3.7.1) to what fits through the tunnel, so that
 * connections work for hosts whose ICMP is filtered.
 *
 * <p>A segment size is only ever lowered, and none is added where a SYN has none: then the default of 536 (IPv4) or 1220
 * (IPv6) holds. Packets that are not TCP, not SYN, or later fragments are left as they are.
 *
 * <p>No state, no allocation.
 */
public final class MssClamp {
    private static final int TCP_HEADER_BYTES = 20;
    private static final int SYN = 0x02;
    private static final int OPTION_END = 0;
    private static final int OPTION_NO_OPERATION = 1;
    private static final int OPTION_MSS = 2;
    private static final int MSS_OPTION_BYTES = 4;

    private MssClamp() {}

    /**
     * Whether a packet opens a TCP connection, or answers one that does.
     *
     * @param lengthBytes the length of a packet that has passed {@link IpPacket#lengthBytes}
     */
    public static boolean isTcpSyn(MemorySegment segment, long offset, int lengthBytes) {
        int tcp = tcpOffset(segment, offset, lengthBytes);
        return tcp > 0 && (octet(segment, offset + tcp + 13) & SYN) != 0;
    }

    /**
     * Lowers the announced segment size in place, when the packet is a SYN and announces more than fits.
     *
     * @param lengthBytes the length of a packet that has passed {@link IpPacket#lengthBytes}
     * @param maxPacketBytes the longest IP packet that the tunnel carries
     * @return whether the packet was changed
     */
    public static boolean clamp(MemorySegment segment, long offset, int lengthBytes, int maxPacketBytes) {
        int tcp = tcpOffset(segment, offset, lengthBytes);
        if (tcp < 0 || (octet(segment, offset + tcp + 13) & SYN) == 0) {
            return false;
        }
        int ipHeaderBytes = IpPacket.version(segment, offset) == 4 ? IPV4_HEADER_BYTES : IPV6_HEADER_BYTES;
        // RFC 9293 §3.7.1: the fixed headers are taken off; who adds options makes room for them itself.
        int largestMss = maxPacketBytes - ipHeaderBytes - TCP_HEADER_BYTES;
        if (largestMss < 1) {
            return false;
        }
        int end = Math.min(tcp + (octet(segment, offset + tcp + 12) >>> 4) * 4, lengthBytes);
        int at = tcp + TCP_HEADER_BYTES;
        while (at + 1 < end) {
            int kind = octet(segment, offset + at);
            if (kind == OPTION_END) {
                return false;
            }
            if (kind == OPTION_NO_OPERATION) {
                at++;
                continue;
            }
            int optionBytes = octet(segment, offset + at + 1);
            if (optionBytes < 2 || at + optionBytes > end) {
                return false;
            }
            if (kind == OPTION_MSS && optionBytes == MSS_OPTION_BYTES) {
                return lower(segment, offset + tcp, offset + at + 2, largestMss);
            }
            at += optionBytes;
        }
        return false;
    }

    private static boolean lower(MemorySegment segment, long tcp, long mssAt, int largestMss) {
        if (word(segment, mssAt) <= largestMss) {
            return false;
        }
        int checksum = word(segment, tcp + 16);
        checksum = replaceOctet(segment, tcp, mssAt, largestMss >>> 8, checksum);
        checksum = replaceOctet(segment, tcp, mssAt + 1, largestMss & 0xff, checksum);
        IpPacket.putWord(segment, tcp + 16, checksum);
        return true;
    }

    /** One octet at a time, because an option may begin at an odd offset, across two words of the checksum. */
    private static int replaceOctet(MemorySegment segment, long tcp, long at, int value, int checksum) {
        int shift = ((at - tcp) & 1) == 0 ? 8 : 0;
        int old = octet(segment, at);
        putOctet(segment, at, value);
        return InternetChecksum.update(checksum, old << shift, value << shift);
    }

    /** Where the TCP header begins, counted from the IP header; -1 when there is no whole one. */
    private static int tcpOffset(MemorySegment segment, long offset, int lengthBytes) {
        int at;
        if (IpPacket.version(segment, offset) == 4) {
            if (octet(segment, offset + 9) != IpPacket.PROTOCOL_TCP || IpPacket.fragmentOffset(segment, offset) != 0) {
                return -1;
            }
            at = IpPacket.ipv4HeaderBytes(segment, offset);
        } else {
            int transport = IpPacket.ipv6Transport(segment, offset, lengthBytes);
            if (transport < 0 || (transport & 0xff) != IpPacket.PROTOCOL_TCP) {
                return -1;
            }
            at = transport >>> 8;
        }
        return at + TCP_HEADER_BYTES <= lengthBytes ? at : -1;
    }
}
