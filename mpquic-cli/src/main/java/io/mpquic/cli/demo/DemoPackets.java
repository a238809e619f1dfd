package io.mpquic.cli.demo;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The IPv4 packets that the demonstration's hosts send to each other.
 *
 * <pre>
 *    0        4          8         12       16       20            28           36
 *   +--------+----------+---------+--------+--------+-------------+------------+---------+
 *   | 45, len| id, flags| ttl, sum| source | target | ICMP or UDP | sequence 8 | pattern |
 *   +--------+----------+---------+--------+--------+-------------+------------+---------+
 * </pre>
 */
final class DemoPackets {
    /** IP header, 8 bytes of ICMP or UDP, sequence number. */
    static final int LEAST_BYTES = 36;

    /** As ping sends them, with the IP header. */
    private static final int PING_BYTES = 84;

    private static final int IP_HEADER_BYTES = 20;
    private static final int CHECKSUM_AT = 10;
    private static final int SOURCE_AT = 12;
    private static final int TARGET_AT = 16;
    private static final int ICMP_CHECKSUM_AT = IP_HEADER_BYTES + 2;
    private static final int SEQUENCE_AT = 28;
    private static final int PATTERN_AT = 36;
    private static final byte ICMP = 1;
    private static final byte UDP = 17;
    private static final byte ECHO_REQUEST = 8;
    private static final byte ECHO_REPLY = 0;
    private static final short DISCARD_PORT = 9;

    private DemoPackets() {}

    /** A packet that fills {@code lengthBytes} with a pattern that depends on its number. */
    static byte[] data(byte[] source, byte[] target, long sequence, int lengthBytes) {
        byte[] packet = new byte[lengthBytes];
        writeIpHeader(packet, UDP, source, target);
        // RFC 768: a checksum of zero means that there is none, as IPv4 allows.
        ByteBuffer.wrap(packet)
                .position(IP_HEADER_BYTES)
                .putShort(DISCARD_PORT)
                .putShort(DISCARD_PORT)
                .putShort((short) (lengthBytes - IP_HEADER_BYTES))
                .putShort((short) 0)
                .putLong(sequence);
        Arrays.fill(packet, PATTERN_AT, lengthBytes, (byte) sequence);
        return packet;
    }

    /** A ping. */
    static byte[] echoRequest(byte[] source, byte[] target, long sequence) {
        byte[] packet = new byte[PING_BYTES];
        writeIpHeader(packet, ICMP, source, target);
        packet[IP_HEADER_BYTES] = ECHO_REQUEST;
        ByteBuffer.wrap(packet).putLong(SEQUENCE_AT, sequence);
        Arrays.fill(packet, PATTERN_AT, PING_BYTES, (byte) sequence);
        sumIcmp(packet);
        return packet;
    }

    /** The answer to a ping. */
    static byte[] echoReply(byte[] request) {
        byte[] reply = request.clone();
        System.arraycopy(request, SOURCE_AT, reply, TARGET_AT, 4);
        System.arraycopy(request, TARGET_AT, reply, SOURCE_AT, 4);
        reply[IP_HEADER_BYTES] = ECHO_REPLY;
        sumIcmp(reply);
        return reply;
    }

    static boolean isEchoRequest(byte[] packet) {
        return isIcmp(packet) && packet[IP_HEADER_BYTES] == ECHO_REQUEST;
    }

    static boolean isEchoReply(byte[] packet) {
        return isIcmp(packet) && packet[IP_HEADER_BYTES] == ECHO_REPLY;
    }

    static boolean isData(byte[] packet) {
        return packet.length >= LEAST_BYTES && packet[9] == UDP;
    }

    private static boolean isIcmp(byte[] packet) {
        return packet.length >= LEAST_BYTES && packet[9] == ICMP;
    }

    static long sequence(byte[] packet) {
        return ByteBuffer.wrap(packet).getLong(SEQUENCE_AT);
    }

    /** Whether a packet that came through the tunnel is the one that was sent: header, length and every byte. */
    static boolean isIntact(byte[] packet) {
        if (sum(packet, 0, IP_HEADER_BYTES) != 0
                || Short.toUnsignedInt(ByteBuffer.wrap(packet).getShort(2)) != packet.length) {
            return false;
        }
        byte pattern = (byte) sequence(packet);
        for (int i = PATTERN_AT; i < packet.length; i++) {
            if (packet[i] != pattern) {
                return false;
            }
        }
        return !isIcmp(packet) || sum(packet, IP_HEADER_BYTES, packet.length) == 0;
    }

    private static void writeIpHeader(byte[] packet, byte protocol, byte[] source, byte[] target) {
        ByteBuffer header = ByteBuffer.wrap(packet);
        header.put((byte) 0x45).put((byte) 0).putShort((short) packet.length);
        header.putInt(0);
        header.put((byte) 64).put(protocol).putShort((short) 0);
        header.put(source).put(target);
        header.putShort(CHECKSUM_AT, (short) sum(packet, 0, IP_HEADER_BYTES));
    }

    private static void sumIcmp(byte[] packet) {
        ByteBuffer buffer = ByteBuffer.wrap(packet);
        buffer.putShort(ICMP_CHECKSUM_AT, (short) 0);
        buffer.putShort(ICMP_CHECKSUM_AT, (short) sum(packet, IP_HEADER_BYTES, packet.length));
    }

    // RFC 1071: the complement of the one's complement sum of 16-bit words; 0 over data that holds its own checksum.
    private static int sum(byte[] bytes, int from, int to) {
        int sum = 0;
        for (int i = from; i < to; i++) {
            sum += (bytes[i] & 0xff) << ((i - from) % 2 == 0 ? 8 : 0);
        }
        while (sum > 0xffff) {
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return ~sum & 0xffff;
    }
}
