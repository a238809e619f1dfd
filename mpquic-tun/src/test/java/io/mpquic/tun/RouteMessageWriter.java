package io.mpquic.tun;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Plays the kernel: writes messages of rtnetlink, one behind the other. */
final class RouteMessageWriter {
    static final byte AF_INET = 2;
    static final byte AF_INET6 = 10;
    static final byte AF_BRIDGE = 7;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    byte[] bytes() {
        return out.toByteArray();
    }

    RouteMessageWriter link(short type, int family, int index, int flags, byte[]... attributes) {
        ByteBuffer body = buffer(16).put((byte) family).put((byte) 0).putShort((short) 1);
        body.putInt(index).putInt(flags).putInt(-1);
        return message(type, 0, 0, body.array(), attributes);
    }

    RouteMessageWriter newLink(int index, String name, int flags, int mtuBytes) {
        return link(
                RouteMessageParser.RTM_NEWLINK,
                0,
                index,
                flags,
                attribute(1, new byte[] {1, 2, 3, 4, 5, 6}),
                attribute(RouteMessageParser.IFLA_IFNAME, (name + '\0').getBytes(StandardCharsets.UTF_8)),
                attribute(RouteMessageParser.IFLA_MTU, number(mtuBytes)));
    }

    RouteMessageWriter delLink(int index) {
        return link(RouteMessageParser.RTM_DELLINK, 0, index, 0);
    }

    RouteMessageWriter address(short type, int index, int prefix, int flags, byte[]... attributes) {
        ByteBuffer body = buffer(8).put(AF_INET).put((byte) prefix).put((byte) flags);
        body.put((byte) 0).putInt(index);
        return message(type, 0, 0, body.array(), attributes);
    }

    RouteMessageWriter newAddress(int index, Cidr cidr, int flags) {
        return address(RouteMessageParser.RTM_NEWADDR, index, cidr.prefixLength(), flags, value(cidr));
    }

    RouteMessageWriter delAddress(int index, Cidr cidr) {
        return address(RouteMessageParser.RTM_DELADDR, index, cidr.prefixLength(), 0, value(cidr));
    }

    private static byte[] value(Cidr cidr) {
        return attribute(RouteMessageParser.IFA_ADDRESS, cidr.address().getAddress());
    }

    RouteMessageWriter end(short type, int sequence, int result) {
        return message(type, 0, sequence, number(result));
    }

    RouteMessageWriter message(int type, int flags, int sequence, byte[] body, byte[]... attributes) {
        int length = 16 + body.length;
        for (byte[] attribute : attributes) {
            length += attribute.length;
        }
        ByteBuffer message = buffer(length + 3 & ~3);
        message.putInt(length).putShort((short) type).putShort((short) flags);
        message.putInt(sequence).putInt(0).put(body);
        for (byte[] attribute : attributes) {
            message.put(attribute);
        }
        out.writeBytes(message.array());
        return this;
    }

    /** An attribute with its padding. */
    static byte[] attribute(int type, byte[] value) {
        ByteBuffer attribute = buffer(4 + value.length + 3 & ~3);
        attribute.putShort((short) (4 + value.length)).putShort((short) type).put(value);
        return attribute.array();
    }

    static byte[] number(int value) {
        return buffer(4).putInt(value).array();
    }

    private static ByteBuffer buffer(int length) {
        return ByteBuffer.allocate(length).order(ByteOrder.nativeOrder());
    }
}
