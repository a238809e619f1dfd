package io.mpquic.dataplane.forward;

import static io.mpquic.dataplane.forward.IpPacket.putWord;
import static io.mpquic.dataplane.forward.IpPacket.word;

import java.lang.foreign.MemorySegment;

/** The mark of congestion in an IP header (RFC 3168 §5): what a router says instead of dropping a packet. */
public final class EcnMark {
    /** The two bits, in the first word of each version's header. */
    private static final int IPV4_SHIFT = 0;

    private static final int IPV6_SHIFT = 4;
    private static final int CONGESTION_EXPERIENCED = 3;

    private EcnMark() {}

    /**
     * Marks a packet, if its sender has said that it understands marks. The checksum of IPv4 stays right, or as wrong as it
     * was.
     *
     * @param lengthBytes of the packet; what is cut short or no IP packet is left alone
     * @return whether the packet is marked now
     */
    public static boolean congested(MemorySegment segment, long offset, int lengthBytes) {
        if (IpPacket.lengthBytes(segment, offset, lengthBytes) == 0) {
            return false;
        }
        boolean ipv4 = IpPacket.version(segment, offset) == 4;
        int shift = ipv4 ? IPV4_SHIFT : IPV6_SHIFT;
        int before = word(segment, offset);
        if ((before >>> shift & CONGESTION_EXPERIENCED) == 0) {
            return false;
        }
        int after = before | CONGESTION_EXPERIENCED << shift;
        putWord(segment, offset, after);
        if (ipv4) {
            putWord(segment, offset + 10, InternetChecksum.update(word(segment, offset + 10), before, after));
        }
        return true;
    }
}
