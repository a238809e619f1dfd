package io.mpquic.dataplane.forward;

import io.mpquic.dataplane.Packets;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;

/** Makes the packets of one flow of TCP or UDP, mostly bulk, with all that can happen to one now and then. */
final class FlowSource {
    private static final int ACK = 0x10;
    private static final int PSH = 0x08;
    private static final int DONT_FRAGMENT = 0x4000;
    private static final byte[] TIMESTAMPS = {1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2};

    private final Random random;
    private final boolean ipv6;
    private final boolean tcp;
    private final int port;
    private final int payloadBytes;
    private final int flagsAndOffset;
    private byte[] options;
    private int sequence;
    private int acknowledgement = 77;
    private int window = 500;
    private int timeToLive = 64;
    private int trafficClass;
    private int identification;

    FlowSource(Random random, int port) {
        this.random = random;
        this.port = port;
        ipv6 = random.nextBoolean();
        tcp = random.nextInt(3) > 0;
        payloadBytes = random.nextInt(4) == 0 ? 1 + random.nextInt(40) : 500 + random.nextInt(900);
        flagsAndOffset = random.nextInt(3) > 0 ? DONT_FRAGMENT : 0;
        options = random.nextBoolean() ? TIMESTAMPS.clone() : new byte[0];
        // Both numbers are to run over.
        sequence = random.nextBoolean() ? random.nextInt() : -1000;
        identification = random.nextBoolean() ? random.nextInt(65_536) : 65_530;
    }

    /** The next packet; {@code calm} for one that continues the flow with a full payload. */
    byte[] next(boolean calm) {
        int event = calm ? 1000 : random.nextInt(100);
        int bytes = payloadBytes;
        int flags = ACK;
        switch (event) {
            case 0, 1 -> flags |= PSH;
            case 2, 3 -> bytes = 1 + random.nextInt(payloadBytes);
            case 4 -> bytes = payloadBytes + random.nextInt(100);
            case 5 -> bytes = 0;
            case 6 -> flags = random.nextInt(256);
            case 7 -> acknowledgement++;
            case 8 -> window++;
            case 9 -> timeToLive--;
            case 10 -> trafficClass = random.nextInt(256);
            case 11 -> options = random.nextBoolean() ? TIMESTAMPS.clone() : new byte[4 * random.nextInt(11)];
            case 12 -> sequence += random.nextInt(3) * 1000 - 1000;
            case 13 -> identification += random.nextInt(5);
            default -> {}
        }
        byte[] packet = packet(flags, bytes, event == 14 ? new byte[] {1, 1, 1, 1} : new byte[0]);
        sequence += bytes;
        identification = (identification + 1) & 0xffff;
        return spoil(packet, event);
    }

    private byte[] spoil(byte[] packet, int event) {
        switch (event) {
            case 15, 16 -> packet[placeToSpoil(packet)] ^= (byte) (1 << random.nextInt(8));
            case 17 -> {
                return Arrays.copyOf(packet, packet.length - 1 - random.nextInt(Math.min(30, packet.length - 1)));
            }
            case 18 -> {
                return Arrays.copyOf(packet, packet.length + 1 + random.nextInt(8));
            }
            case 19 -> {
                if (!ipv6) {
                    setIpv4Word(packet, 6, random.nextBoolean() ? 0x2000 : 100);
                }
            }
            case 20 -> {
                if (!tcp) {
                    packet[headerBytes(packet) + 6] = 0;
                    packet[headerBytes(packet) + 7] = 0;
                }
            }
            default -> {}
        }
        return packet;
    }

    /** Any byte that does not make it a packet of another flow. */
    private int placeToSpoil(byte[] packet) {
        int[] ofTheHeader = ipv6 ? new int[] {1, 2, 3, 4, 5, 7} : new int[] {1, 2, 3, 4, 5, 6, 7, 8, 10, 11};
        int behindThePorts = headerBytes(packet) + 4;
        return random.nextInt(5) == 0
                ? ofTheHeader[random.nextInt(ofTheHeader.length)]
                : behindThePorts + random.nextInt(packet.length - behindThePorts);
    }

    private byte[] packet(int flags, int bytes, byte[] ipOptions) {
        byte[] payload = Packets.payload(bytes, random.nextInt(1000));
        byte[] source = ipv6 ? Packets.A6 : Packets.A4;
        byte[] destination = ipv6 ? Packets.B6 : Packets.B4;
        byte[] upper = tcp ? tcp(flags, payload) : udp(payload);
        int protocol = tcp ? Packets.TCP : Packets.UDP;
        int checksum = Packets.checksum(Packets.pseudo(source, destination, protocol, upper));
        ByteBuffer.wrap(upper).putShort(tcp ? 16 : 6, (short) (checksum == 0 && !tcp ? 0xffff : checksum));
        if (ipv6) {
            byte[] packet = Packets.ipv6(protocol, upper);
            packet[0] |= (byte) (trafficClass >>> 4);
            packet[1] |= (byte) (trafficClass << 4);
            packet[7] = (byte) timeToLive;
            return packet;
        }
        byte[] packet = Packets.ipv4(flagsAndOffset, protocol, ipOptions, upper);
        packet[1] = (byte) trafficClass;
        packet[8] = (byte) timeToLive;
        setIpv4Word(packet, 4, identification);
        return packet;
    }

    private byte[] tcp(int flags, byte[] payload) {
        ByteBuffer tcp = ByteBuffer.allocate(20 + options.length + payload.length);
        tcp.putShort((short) port).putShort((short) 443).putInt(sequence).putInt(acknowledgement);
        tcp.put((byte) (5 + options.length / 4 << 4)).put((byte) flags).putShort((short) window);
        return tcp.putInt(0).put(options).put(payload).array();
    }

    private byte[] udp(byte[] payload) {
        ByteBuffer udp = ByteBuffer.allocate(8 + payload.length);
        udp.putShort((short) port).putShort((short) 443).putShort((short) udp.capacity());
        return udp.putShort((short) 0).put(payload).array();
    }

    static int headerBytes(byte[] packet) {
        return packet[0] >>> 4 == 4 ? (packet[0] & 0xf) * 4 : 40;
    }

    /** Sets a word of an IPv4 header, and makes its checksum right again. */
    static void setIpv4Word(byte[] packet, int at, int word) {
        ByteBuffer bytes = ByteBuffer.wrap(packet);
        bytes.putShort(at, (short) word).putShort(10, (short) 0);
        bytes.putShort(10, (short) Packets.checksum(Arrays.copyOf(packet, headerBytes(packet))));
    }
}
