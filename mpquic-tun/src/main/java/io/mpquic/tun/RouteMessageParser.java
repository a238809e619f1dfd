package io.mpquic.tun;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads a datagram of rtnetlink(7): messages, one behind the other, each a header and a body, and in the body attributes.
 * Numbers are in native byte order. Everything is aligned to 4 bytes; lengths are without the padding behind.
 *
 * <pre>
 *   nlmsghdr     0        4      6       8          12     16
 *                | length | type | flags | sequence | port | body ...
 *   ifinfomsg    0        1      2      4       8       12       16
 *                | family | zero | type | index | flags | change | attributes ...
 *   ifaddrmsg    0        1        2       3       4       8
 *                | family | prefix | flags | scope | index | attributes ...
 *   attribute    0        2      4
 *                | length | type | value ...           the length counts these 4 bytes too
 * </pre>
 *
 * <p>What is too short for what it says, or makes no sense, is passed over: no datagram makes the parser fail.
 */
final class RouteMessageParser {
    static final int HEADER_BYTES = 16;
    static final int LINK_BODY_BYTES = 16;
    static final int ADDRESS_BODY_BYTES = 8;
    private static final int ATTRIBUTE_HEADER_BYTES = 4;

    static final short NLMSG_ERROR = 2;
    static final short NLMSG_DONE = 3;
    static final short NLMSG_OVERRUN = 4;
    static final short RTM_NEWLINK = 16;
    static final short RTM_DELLINK = 17;
    static final short RTM_GETLINK = 18;
    static final short RTM_NEWADDR = 20;
    static final short RTM_DELADDR = 21;
    static final short RTM_GETADDR = 22;
    static final short NLM_F_DUMP_INTR = 0x10;

    static final short IFLA_IFNAME = 3;
    static final short IFLA_MTU = 4;
    static final short IFA_ADDRESS = 1;
    static final short IFA_LOCAL = 2;
    static final short IFA_FLAGS = 8;
    /** The two upper bits of a type are flags of their own. */
    private static final int ATTRIBUTE_TYPE_MASK = 0x3fff;

    private static final byte AF_UNSPEC = 0;

    private RouteMessageParser() {}

    /** The messages of a datagram that are of interest, in their order. */
    static List<RouteMessage> parse(byte[] datagram) {
        List<RouteMessage> messages = new ArrayList<>();
        ByteBuffer rest = ByteBuffer.wrap(datagram).order(ByteOrder.nativeOrder());
        while (rest.remaining() >= HEADER_BYTES) {
            int begin = rest.position();
            int length = rest.getInt(begin);
            if (length < HEADER_BYTES || length > rest.remaining()) {
                return messages;
            }
            parseMessage(part(rest, begin, length), messages);
            rest.position(begin + Math.min(aligned(length), rest.remaining()));
        }
        return messages;
    }

    private static void parseMessage(ByteBuffer message, List<RouteMessage> messages) {
        short type = message.getShort(4);
        short flags = message.getShort(6);
        int sequence = message.getInt(8);
        if ((flags & NLM_F_DUMP_INTR) != 0) {
            messages.add(new RouteMessage.Interrupted());
        }
        ByteBuffer body = part(message, HEADER_BYTES, message.remaining() - HEADER_BYTES);
        @Nullable RouteMessage parsed = switch (type) {
            case RTM_NEWLINK, RTM_DELLINK -> link(body, type == RTM_DELLINK);
            case RTM_NEWADDR, RTM_DELADDR -> address(body, type == RTM_DELADDR);
            // Both carry a negated errno, or 0.
            case NLMSG_DONE, NLMSG_ERROR ->
                new RouteMessage.End(sequence, body.remaining() < Integer.BYTES ? 0 : Math.max(0, -body.getInt(0)));
            case NLMSG_OVERRUN -> new RouteMessage.Overrun();
            default -> null;
        };
        if (parsed != null) {
            messages.add(parsed);
        }
    }

    private static @Nullable RouteMessage link(ByteBuffer body, boolean gone) {
        // A bridge announces its ports under its own family: a port that leaves the bridge is no link that is gone.
        if (body.remaining() < LINK_BODY_BYTES || body.get(0) != AF_UNSPEC || body.getInt(4) <= 0) {
            return null;
        }
        int index = body.getInt(4);
        if (gone) {
            return new RouteMessage.LinkGone(index);
        }
        int flags = body.getInt(8);
        ByteBuffer name = attribute(body, LINK_BODY_BYTES, IFLA_IFNAME);
        ByteBuffer mtu = attribute(body, LINK_BODY_BYTES, IFLA_MTU);
        int mtuBytes = mtu == null || mtu.remaining() < Integer.BYTES ? 0 : Math.max(0, mtu.getInt(0));
        return name == null ? null : new RouteMessage.Link(index, text(name), flags, mtuBytes);
    }

    private static @Nullable RouteMessage address(ByteBuffer body, boolean gone) {
        if (body.remaining() < ADDRESS_BODY_BYTES || body.getInt(4) <= 0) {
            return null;
        }
        int prefixLength = Byte.toUnsignedInt(body.get(1));
        int index = body.getInt(4);
        ByteBuffer wideFlags = attribute(body, ADDRESS_BODY_BYTES, IFA_FLAGS);
        int flags = wideFlags == null || wideFlags.remaining() < Integer.BYTES
                ? Byte.toUnsignedInt(body.get(2))
                : wideFlags.getInt(0);
        // On a link to one peer the plain attribute is the peer's, and the local one is ours.
        ByteBuffer local = attribute(body, ADDRESS_BODY_BYTES, IFA_LOCAL);
        ByteBuffer address = local == null ? attribute(body, ADDRESS_BODY_BYTES, IFA_ADDRESS) : local;
        Cidr cidr = address == null ? null : cidr(address, prefixLength);
        if (cidr == null) {
            return null;
        }
        return gone ? new RouteMessage.AddressGone(index, cidr) : new RouteMessage.Address(index, cidr, flags);
    }

    /** The value of the first attribute of this type; null when there is none. */
    private static @Nullable ByteBuffer attribute(ByteBuffer body, int from, short wanted) {
        int offset = from;
        while (body.remaining() - offset >= ATTRIBUTE_HEADER_BYTES) {
            int length = Short.toUnsignedInt(body.getShort(offset));
            if (length < ATTRIBUTE_HEADER_BYTES || length > body.remaining() - offset) {
                return null;
            }
            if ((body.getShort(offset + 2) & ATTRIBUTE_TYPE_MASK) == wanted) {
                return part(body, offset + ATTRIBUTE_HEADER_BYTES, length - ATTRIBUTE_HEADER_BYTES);
            }
            offset += aligned(length);
        }
        return null;
    }

    private static String text(ByteBuffer value) {
        int length = 0;
        while (length < value.remaining() && value.get(length) != 0) {
            length++;
        }
        return StandardCharsets.UTF_8.decode(part(value, 0, length)).toString();
    }

    private static @Nullable Cidr cidr(ByteBuffer value, int prefixLength) {
        byte[] bytes = new byte[value.remaining()];
        value.get(0, bytes);
        try {
            return new Cidr(InetAddress.getByAddress(bytes), prefixLength);
        } catch (UnknownHostException | IllegalArgumentException notAnAddress) {
            return null;
        }
    }

    private static ByteBuffer part(ByteBuffer whole, int offset, int length) {
        return whole.slice(offset, length).order(ByteOrder.nativeOrder());
    }

    private static int aligned(int length) {
        return length + 3 & ~3;
    }
}
