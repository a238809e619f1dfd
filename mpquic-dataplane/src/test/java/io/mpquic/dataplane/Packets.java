package io.mpquic.dataplane;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Builds and reads IP packets for tests, byte by byte, with nothing of the code under test. */
public final class Packets {
    public static final byte[] A4 = {10, 0, 0, 1};
    public static final byte[] B4 = {10, 0, 0, 2};
    public static final byte[] A6 = {(byte) 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    public static final byte[] B6 = {(byte) 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2};
    public static final int UDP = 17;
    public static final int TCP = 6;
    public static final int ICMP = 1;
    public static final int ICMPV6 = 58;

    private Packets() {}

    public static byte[] ipv4(int flagsAndOffset, int protocol, byte[] options, byte[] payload) {
        return ipv4(flagsAndOffset, protocol, A4, B4, options, payload);
    }

    public static byte[] ipv4(
            int flagsAndOffset, int protocol, byte[] source, byte[] destination, byte[] options, byte[] payload) {
        ByteBuffer packet = ByteBuffer.allocate(20 + options.length + payload.length);
        packet.put((byte) (0x40 | 5 + options.length / 4)).put((byte) 0);
        packet.putShort((short) packet.capacity()).putShort((short) 0x1234).putShort((short) flagsAndOffset);
        packet.put((byte) 64).put((byte) protocol).putShort((short) 0);
        packet.put(source).put(destination).put(options);
        packet.putShort(10, (short) checksum(Arrays.copyOf(packet.array(), 20 + options.length)));
        return packet.put(payload).array();
    }

    public static byte[] ipv6(int nextHeader, byte[] payload) {
        return ipv6(nextHeader, A6, B6, payload);
    }

    public static byte[] ipv6(int nextHeader, byte[] source, byte[] destination, byte[] payload) {
        ByteBuffer packet = ByteBuffer.allocate(40 + payload.length);
        packet.putInt(0x60000000)
                .putShort((short) payload.length)
                .put((byte) nextHeader)
                .put((byte) 64);
        return packet.put(source).put(destination).put(payload).array();
    }

    /** A TCP header with options and a right checksum, for one of the packets above. */
    public static byte[] tcp(boolean ipv6, int flags, byte[] options) {
        ByteBuffer tcp = ByteBuffer.allocate(20 + options.length);
        tcp.putShort((short) 40000).putShort((short) 443).putInt(1).putInt(2);
        tcp.put((byte) (5 + options.length / 4 << 4)).put((byte) flags).putShort((short) 65535);
        tcp.putShort((short) 0).putShort((short) 0).put(options);
        tcp.putShort(16, (short) checksum(pseudo(ipv6, TCP, tcp.array())));
        return tcp.array();
    }

    /** Pseudo-header and upper layer of a packet between A and B. */
    public static byte[] pseudo(boolean ipv6, int protocol, byte[] upper) {
        return ipv6 ? pseudo(A6, B6, protocol, upper) : pseudo(A4, B4, protocol, upper);
    }

    public static byte[] pseudo(byte[] source, byte[] destination, int protocol, byte[] upper) {
        ByteBuffer bytes = ByteBuffer.allocate(2 * source.length + (source.length == 16 ? 8 : 4) + upper.length);
        bytes.put(source).put(destination);
        if (source.length == 16) {
            bytes.putInt(upper.length).putInt(protocol);
        } else {
            bytes.putShort((short) protocol).putShort((short) upper.length);
        }
        return bytes.put(upper).array();
    }

    /** RFC 1071 as its first paragraph has it: add 16-bit words, end-around carry, complement. */
    public static int checksum(byte[] bytes) {
        int sum = 0;
        for (int i = 0; i < bytes.length; i += 2) {
            int low = i + 1 < bytes.length ? bytes[i + 1] & 0xff : 0;
            sum += (bytes[i] & 0xff) << 8 | low;
            if (sum > 0xffff) {
                sum -= 0xffff;
            }
        }
        return ~sum & 0xffff;
    }

    /** Bytes that tell their place and their packet. */
    public static byte[] payload(int length, int seed) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 31 + seed * 17 + (i >>> 8));
        }
        return bytes;
    }

    public static int u16(byte[] packet, int at) {
        return (packet[at] & 0xff) << 8 | packet[at + 1] & 0xff;
    }

    public static int u32(byte[] packet, int at) {
        return u16(packet, at) << 16 | u16(packet, at + 2);
    }

    public static byte[] slice(byte[] bytes, int from, int length) {
        return Arrays.copyOfRange(bytes, from, from + length);
    }

    /** The bytes in native memory, at an odd offset, so that nobody counts on alignment. */
    public static MemorySegment nativeAt(byte[] bytes, long offset) {
        MemorySegment segment = Arena.ofAuto().allocate(offset + bytes.length + 64);
        MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, offset, bytes.length);
        return segment;
    }

    public static byte[] bytes(MemorySegment segment, long offset, int length) {
        return segment.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
    }
}
