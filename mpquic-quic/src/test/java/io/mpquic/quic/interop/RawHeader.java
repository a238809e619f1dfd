package io.mpquic.quic.interop;

import java.nio.ByteBuffer;

/** What a network can see of a long header (RFC 8999 §5.1, RFC 9000 §17.2). Independent of the code under test. */
final class RawHeader {
    private static final int LONG_HEADER = 0x80;
    private static final int VERSION_1 = 1;
    private static final int RETRY = 3;

    private RawHeader() {}

    static void setVersion(byte[] packet, int version) {
        ByteBuffer.wrap(packet).putInt(1, version);
    }

    static boolean isRetry(byte[] packet, int length) {
        return isLong(packet, length) && version(packet) == VERSION_1 && (packet[0] >> 4 & 3) == RETRY;
    }

    /** Whether this is a Version Negotiation packet with version 1 among its versions (RFC 9000 §17.2.1). */
    static boolean offersVersion1(byte[] packet, int length) {
        if (!isLong(packet, length) || version(packet) != 0) {
            return false;
        }
        int destination = packet[5] & 0xff;
        int source = packet[6 + destination] & 0xff;
        for (int at = 7 + destination + source; at + 4 <= length; at += 4) {
            if (ByteBuffer.wrap(packet).getInt(at) == VERSION_1) {
                return true;
            }
        }
        return false;
    }

    private static boolean isLong(byte[] packet, int length) {
        return length >= 7 && (packet[0] & LONG_HEADER) != 0;
    }

    private static int version(byte[] packet) {
        return ByteBuffer.wrap(packet).getInt(1);
    }
}
