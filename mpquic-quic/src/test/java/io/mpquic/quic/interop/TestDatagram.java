package io.mpquic.quic.interop;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/**
 * What the interoperability tests send, all numbers big-endian:
 *
 * <pre>
 *  0       4       8
 * +-------+-------+----------------------
 * | seq   | crc32 | body, any length
 * +-------+-------+----------------------
 * </pre>
 *
 * The checksum covers the sequence number and the body. The quic-go peer of src/test/interop makes the same.
 */
final class TestDatagram {
    /** Fits the smallest path of QUIC, 1200 bytes of UDP payload, whatever the lengths of the connection ids. */
    static final int LARGEST_BYTES = 1100;

    /** How many may wait for their echo: few enough that no queue on the way overflows. */
    static final int WINDOW = 16;

    private static final int HEADER_BYTES = 8;

    private TestDatagram() {}

    static byte[] make(int sequence, int lengthBytes) {
        byte[] datagram = new byte[lengthBytes];
        for (int i = HEADER_BYTES; i < lengthBytes; i++) {
            datagram[i] = (byte) (i * (sequence + 1));
        }
        ByteBuffer.wrap(datagram).putInt(sequence);
        ByteBuffer.wrap(datagram).putInt(4, checksum(datagram));
        return datagram;
    }

    /** Spreads the sizes over all that is allowed, the largest first. */
    static byte[] make(int sequence) {
        return make(sequence, LARGEST_BYTES - sequence * 97 % (LARGEST_BYTES - HEADER_BYTES + 1));
    }

    static boolean isIntact(byte[] datagram) {
        return datagram.length >= HEADER_BYTES && ByteBuffer.wrap(datagram).getInt(4) == checksum(datagram);
    }

    /** The sequence number of an intact datagram. */
    static int sequence(byte[] datagram) {
        return ByteBuffer.wrap(datagram).getInt();
    }

    private static int checksum(byte[] datagram) {
        CRC32 crc = new CRC32();
        crc.update(datagram, 0, 4);
        crc.update(datagram, HEADER_BYTES, datagram.length - HEADER_BYTES);
        return (int) crc.getValue();
    }
}
