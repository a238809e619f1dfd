package io.mpquic.quic.crypto;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * One packet of zeros for each suite, and what must become of it under keys of zeros. A library that is there can refuse a
 * cipher, as one that is bound to a set of approved ones does. One that computes something else agrees with itself, and with
 * nobody else.
 */
final class KnownAnswers {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int PACKET_NUMBER = 1;
    private static final int HEADER_BYTES = 1;
    private static final int PAYLOAD_BYTES = 47;
    private static final int SEALED_BYTES = PAYLOAD_BYTES + PacketAead.TAG_BYTES;
    private static final int END_OF_TAG = HEADER_BYTES + SEALED_BYTES - Long.BYTES;

    private KnownAnswers() {}

    /** How the sealed payload begins, how its tag ends, and the header mask of its first bytes. */
    private record Answer(long beginning, long tagEnd, long mask) {}

    private static Answer answer(CipherSuite suite) {
        return switch (suite) {
            case TLS_AES_128_GCM_SHA256 -> new Answer(0x6e01d930078872bdL, 0xb9ba57d22c65bf85L, 0xd5f4d02b71L);
            case TLS_AES_256_GCM_SHA384 -> new Answer(0x29c12422f47667dcL, 0x49ae435846f34e4bL, 0xc46fa514f9L);
            case TLS_CHACHA20_POLY1305_SHA256 -> new Answer(0x283547e3d3d30ee0L, 0xe4cb069745e509ceL, 0x9b25b647d2L);
        };
    }

    /** Whether the provider does what it should with this suite; what it throws instead is thrown on. */
    static boolean areGivenBy(CryptoProvider provider, CipherSuite suite) {
        byte[] key = new byte[suite.keyBytes()];
        byte[] iv = new byte[CipherSuite.IV_BYTES];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment packet = arena.allocate(HEADER_BYTES + (long) SEALED_BYTES);
            PacketAead sealing = provider.aead(suite, key, iv);
            // Not the first packet of its key, so that nothing of one may be left for the next.
            sealing.seal(PACKET_NUMBER - 1, packet, 0, HEADER_BYTES, PAYLOAD_BYTES);
            packet.fill((byte) 0);
            sealing.seal(PACKET_NUMBER, packet, 0, HEADER_BYTES, PAYLOAD_BYTES);
            Answer given = new Answer(
                    packet.get(LONG, HEADER_BYTES),
                    packet.get(LONG, END_OF_TAG),
                    provider.headerMask(suite, key).mask(packet, HEADER_BYTES));
            PacketAead opening = provider.aead(suite, key, iv);
            boolean opens = opening.open(PACKET_NUMBER, packet, 0, HEADER_BYTES, SEALED_BYTES)
                    && packet.asSlice(0, HEADER_BYTES + (long) PAYLOAD_BYTES)
                                    .mismatch(arena.allocate(HEADER_BYTES + (long) PAYLOAD_BYTES))
                            < 0;
            // The payload is open now and the tag is as it was: nothing that a tag could be right for.
            boolean refuses = !opening.open(PACKET_NUMBER, packet, 0, HEADER_BYTES, SEALED_BYTES);
            return given.equals(answer(suite)) && opens && refuses;
        }
    }
}
