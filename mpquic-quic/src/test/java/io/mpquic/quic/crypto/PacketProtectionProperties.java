package io.mpquic.quic.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.jspecify.annotations.Nullable;

class PacketProtectionProperties {
    private static final long LARGEST_PACKET_NUMBER = (1L << 62) - 1;

    @Property(tries = 300)
    void aProtectedPacketReadsBackWhereverItLies(
            @ForAll("protections") Protection protection,
            @ForAll @LongRange(max = LARGEST_PACKET_NUMBER) long packetNumber,
            @ForAll @IntRange(min = 1, max = 4) int packetNumberBytes,
            @ForAll @IntRange(min = 1, max = 60) int headerBytesBeforeNumber,
            @ForAll @IntRange(min = 3, max = 3000) int payloadBytes,
            @ForAll @IntRange(max = 17) int offset,
            @ForAll boolean nativeMemory,
            @ForAll long seed) {
        int headerBytes = headerBytesBeforeNumber + packetNumberBytes;
        int packetBytes = headerBytes + payloadBytes + PacketAead.TAG_BYTES;
        byte[] clear = new byte[offset + packetBytes + 5];
        new Random(seed).nextBytes(clear);
        // The two low bits of the first byte state the length of the packet number.
        clear[offset] = (byte) (clear[offset] & 0xfc | packetNumberBytes - 1);

        try (Arena arena = Arena.ofConfined()) {
            MemorySegment packet =
                    nativeMemory ? arena.allocate(clear.length) : MemorySegment.ofArray(new byte[clear.length]);
            MemorySegment.copy(clear, 0, packet, ValueLayout.JAVA_BYTE, 0, clear.length);
            PacketKeys sender = keys(protection, seed);
            sender.aead().seal(packetNumber, packet, offset, headerBytes, payloadBytes);
            long packetNumberOffset = offset + headerBytesBeforeNumber;
            HeaderProtection.protect(sender.headerMask(), packet, offset, packetNumberOffset, packetNumberBytes);
            assertOutsideIsUntouched(clear, packet, offset, packetBytes);
            assertHeaderBitsThatStayReadable(clear[offset], packet.get(ValueLayout.JAVA_BYTE, offset));

            PacketKeys receiver = keys(protection, seed);
            assertEquals(
                    packetNumberBytes,
                    HeaderProtection.unprotect(receiver.headerMask(), packet, offset, packetNumberOffset));
            assertTrue(receiver.aead()
                    .open(packetNumber, packet, offset, headerBytes, payloadBytes + PacketAead.TAG_BYTES));
            byte[] read = packet.toArray(ValueLayout.JAVA_BYTE);
            int end = offset + headerBytes + payloadBytes;
            assertArrayEquals(Arrays.copyOf(clear, end), Arrays.copyOf(read, end));
            assertOutsideIsUntouched(clear, packet, offset, packetBytes);
        }
    }

    @Property(tries = 200)
    void aPacketWithChangedBytesDoesNotOpen(
            @ForAll("protections") Protection protection,
            @ForAll @Size(max = 1400) byte[] payload,
            @ForAll @IntRange(max = 100) int headerBytes,
            @ForAll @IntRange(min = 1, max = 255) int difference,
            @ForAll @LongRange(max = LARGEST_PACKET_NUMBER) long packetNumber,
            @ForAll @IntRange(max = Integer.MAX_VALUE) int position) {
        byte[] packet = Arrays.copyOfRange(payload, 0, headerBytes + payload.length + PacketAead.TAG_BYTES);
        MemorySegment segment = MemorySegment.ofArray(packet);
        keys(protection, 1).aead().seal(packetNumber, segment, 0, headerBytes, payload.length);
        packet[position % packet.length] ^= (byte) difference;
        assertFalse(keys(protection, 1)
                .aead()
                .open(packetNumber, segment, 0, headerBytes, payload.length + PacketAead.TAG_BYTES));
    }

    @Property(tries = 200)
    void allLibrariesSealAndMaskAlike(
            @ForAll CipherSuite suite,
            @ForAll @Size(max = 1400) byte[] payload,
            @ForAll @IntRange(min = 4, max = 60) int headerBytes,
            @ForAll @LongRange(max = LARGEST_PACKET_NUMBER) long packetNumber,
            @ForAll long seed) {
        byte[] clear = Arrays.copyOfRange(payload, 0, headerBytes + payload.length + PacketAead.TAG_BYTES);
        @Nullable MemorySegment expected = null;
        for (CryptoProvider provider : Protection.providers().toList()) {
            MemorySegment packet = MemorySegment.ofArray(clear.clone());
            PacketKeys sender = keys(new Protection(provider, suite), seed);
            sender.aead().seal(packetNumber, packet, 0, headerBytes, payload.length);
            HeaderProtection.protect(sender.headerMask(), packet, 0, headerBytes - 4L, 4);
            expected = expected == null ? packet : expected;
            assertEquals(-1, expected.mismatch(packet), provider.name());
        }
    }

    @Provide
    Arbitrary<Protection> protections() {
        return Arbitraries.of(Protection.all());
    }

    private static PacketKeys keys(Protection protection, long seed) {
        byte[] secret = new byte[protection.suite().hashBytes()];
        new Random(seed).nextBytes(secret);
        return PacketKeys.derive(protection.provider(), protection.suite(), secret);
    }

    private static void assertOutsideIsUntouched(byte[] clear, MemorySegment packet, int offset, int packetBytes) {
        byte[] now = packet.toArray(ValueLayout.JAVA_BYTE);
        assertArrayEquals(Arrays.copyOf(clear, offset), Arrays.copyOf(now, offset));
        int end = offset + packetBytes;
        assertArrayEquals(Arrays.copyOfRange(clear, end, clear.length), Arrays.copyOfRange(now, end, now.length));
    }

    private static void assertHeaderBitsThatStayReadable(byte clear, byte masked) {
        int readable = (clear & 0x80) != 0 ? 0xf0 : 0xe0;
        assertEquals(clear & readable, masked & readable);
    }
}
