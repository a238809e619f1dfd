package io.mpquic.dataplane.forward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.dataplane.Packets;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What Linux demands of a super-packet, and how it cuts one: byte by byte, with nothing of the code under test. */
final class KernelModel {
    private static final int VIRTIO_BYTES = 10;

    private KernelModel() {}

    /** Cuts a virtio header and super-packet into packets. */
    static List<byte[]> cut(byte[] bytes) {
        ByteBuffer virtio = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        byte[] whole = Arrays.copyOfRange(bytes, VIRTIO_BYTES, bytes.length);
        boolean ipv6 = whole[0] >>> 4 == 6;
        int type = virtio.get(1);
        boolean tcp = type != 5;
        int segmentBytes = Short.toUnsignedInt(virtio.getShort(4));
        int transport = ipv6 ? 40 : (whole[0] & 0xf) * 4;
        int headers = transport + (tcp ? (whole[transport + 12] >>> 4 & 0xf) * 4 : 8);
        int checksumAt = transport + (tcp ? 16 : 6);
        assertTrue(tcp ? type == (ipv6 ? 4 : 1) : type == 5, "GSO type " + type);
        assertEquals(1, virtio.get(0), "flags");
        assertEquals(headers, virtio.getShort(2), "header length");
        assertEquals(transport, virtio.getShort(6), "checksum start");
        assertEquals(checksumAt - transport, virtio.getShort(8), "checksum offset");
        assertEquals(whole.length, ipv6 ? 40 + Packets.u16(whole, 4) : Packets.u16(whole, 2), "length");
        if (!ipv6) {
            assertEquals(0, Packets.checksum(Arrays.copyOf(whole, transport)), "IPv4 checksum");
        }
        int payloadBytes = whole.length - headers;
        int count = (payloadBytes + segmentBytes - 1) / segmentBytes;
        assertTrue(count > 1 && count <= (tcp ? 65_535 : 64), count + " packets");
        // The field holds the sum of the pseudo-header: together with that, all is as if there were no checksum yet.
        byte[] pseudo = pseudo(whole, ipv6, transport, tcp);
        assertEquals(~Packets.checksum(pseudo) & 0xffff, Packets.u16(whole, checksumAt), "partial checksum");

        List<byte[]> packets = new ArrayList<>();
        for (int at = 0; at < payloadBytes; at += segmentBytes) {
            int carried = Math.min(segmentBytes, payloadBytes - at);
            boolean last = at + carried == payloadBytes;
            byte[] packet = Arrays.copyOf(whole, headers + carried);
            System.arraycopy(whole, headers + at, packet, headers, carried);
            ByteBuffer out = ByteBuffer.wrap(packet);
            if (ipv6) {
                out.putShort(4, (short) (packet.length - 40));
            } else {
                out.putShort(2, (short) packet.length);
                FlowSource.setIpv4Word(packet, 4, Packets.u16(whole, 4) + at / segmentBytes);
            }
            if (tcp) {
                out.putInt(transport + 4, Packets.u32(whole, transport + 4) + at);
                int flags = whole[transport + 13] & (last ? 0xff : 0xf6) & (at == 0 ? 0xff : 0x7f);
                out.put(transport + 13, (byte) flags);
            } else {
                out.putShort(transport + 4, (short) (packet.length - transport));
            }
            out.putShort(checksumAt, (short) 0);
            int checksum = Packets.checksum(concatenate(
                    pseudo(packet, ipv6, transport, tcp), Arrays.copyOfRange(packet, transport, packet.length)));
            out.putShort(checksumAt, (short) (checksum == 0 && !tcp ? 0xffff : checksum));
            packets.add(packet);
        }
        return packets;
    }

    private static byte[] pseudo(byte[] packet, boolean ipv6, int transport, boolean tcp) {
        int length = packet.length - transport;
        ByteBuffer pseudo = ByteBuffer.allocate(ipv6 ? 40 : 12);
        pseudo.put(packet, ipv6 ? 8 : 12, ipv6 ? 32 : 8);
        if (ipv6) {
            pseudo.putInt(length);
        } else {
            pseudo.putShort((short) length);
        }
        return pseudo.putShort((short) (tcp ? 6 : 17)).array();
    }

    private static byte[] concatenate(byte[] one, byte[] other) {
        byte[] all = Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, all, one.length, other.length);
        return all;
    }
}
