package io.mpquic.quic.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** What only libcrypto promises. All that every library promises is tested over both in the other classes. */
class LibcryptoTest {
    private static final int PACKET_BYTES = 1350;
    private static final int HEADER_BYTES = 12;
    private static final int PAYLOAD_BYTES = PACKET_BYTES - HEADER_BYTES - PacketAead.TAG_BYTES;

    @Test
    void itIsUsedWhereverItIsThere() {
        boolean there = isThere();
        assertEquals(there, CryptoProvider.libcrypto().isPresent());
        assertEquals(there ? "libcrypto" : "jdk", CryptoProvider.fastest().name());
    }

    @Test
    void itSaysWhichVersionItIs() {
        assumeThere();
        assertTrue(CryptoProvider.fastest().toString().startsWith("OpenSSL 3."));
    }

    @Test
    void aPacketInNativeMemoryCostsNoAllocation() {
        assumeThere();
        Protection protection = new Protection(CryptoProvider.fastest(), CipherSuite.TLS_AES_128_GCM_SHA256);
        PacketAead sender = protection.aead();
        PacketAead receiver = protection.aead();
        HeaderMask mask = protection.mask();
        MemorySegment packet = Arena.ofAuto().allocate(PACKET_BYTES);
        long number = 0;
        long allocated = Long.MAX_VALUE;
        // A busy machine compiles late: what counts is the code as it is in the end.
        for (int round = 0; round < 30 && allocated >= 10_000; round++) {
            long before = allocatedBytes();
            for (int i = 0; i < 10_000; i++) {
                carry(sender, receiver, mask, packet, number++);
            }
            allocated = allocatedBytes() - before;
        }
        assertTrue(allocated < 10_000, allocated + " bytes for 10,000 packets");
    }

    private static void carry(
            PacketAead sender, PacketAead receiver, HeaderMask mask, MemorySegment packet, long number) {
        sender.seal(number, packet, 0, HEADER_BYTES, PAYLOAD_BYTES);
        mask.mask(packet, HEADER_BYTES);
        assertTrue(receiver.open(number, packet, 0, HEADER_BYTES, PAYLOAD_BYTES + PacketAead.TAG_BYTES));
    }

    @Test
    void memoryOfKeysThatAreGoneIsFreed() {
        assumeThere();
        Protection protection = new Protection(CryptoProvider.fastest(), CipherSuite.TLS_AES_256_GCM_SHA384);
        MemorySegment packet = Arena.ofAuto().allocate(PACKET_BYTES);
        long before = residentKilobytes();
        for (int i = 0; i < 200_000; i++) {
            protection.aead().seal(0, packet, 0, HEADER_BYTES, PAYLOAD_BYTES);
            if (i % 20_000 == 0) {
                System.gc();
            }
        }
        long grown = residentKilobytes() - before;
        // A context has about 1 KB: all of them together would be 200 MB.
        assertTrue(grown < 120_000, grown + " KB for 200,000 keys");
    }

    @Test
    void aPacketBeyondItsSegmentIsRefusedBeforeLibcryptoSeesIt() {
        assumeThere();
        Protection protection = new Protection(CryptoProvider.fastest(), CipherSuite.TLS_AES_128_GCM_SHA256);
        MemorySegment packet = Arena.ofAuto().allocate(PACKET_BYTES);
        assertThrows(
                IndexOutOfBoundsException.class,
                () -> protection.aead().seal(0, packet, 1, HEADER_BYTES, PAYLOAD_BYTES));
        assertThrows(
                IndexOutOfBoundsException.class,
                () -> protection.aead().open(0, packet, -1, HEADER_BYTES, PAYLOAD_BYTES));
        assertThrows(IndexOutOfBoundsException.class, () -> protection.mask().mask(packet, PACKET_BYTES - 15L));
    }

    @Test
    void whatLibcryptoRefusesIsAnErrorAndNotIgnored() {
        assumeThere();
        MemorySegment encrypts = LibCrypto.context(LibCrypto.Algorithm.AES_128_ECB, true, new byte[16]);
        MemorySegment memory = Arena.ofAuto().allocate(64);
        long at = memory.address();
        assertThrows(
                IllegalStateException.class, () -> LibCrypto.decrypt(encrypts.address(), at, at + 32, at + 16, 16));
    }

    private static void assumeThere() {
        assumeTrue(isThere(), "this machine has no " + LibCrypto.LIBRARY);
    }

    private static boolean isThere() {
        try (Arena arena = Arena.ofConfined()) {
            return SymbolLookup.libraryLookup(LibCrypto.LIBRARY, arena)
                    .find("EVP_CIPHER_CTX_new")
                    .isPresent();
        } catch (IllegalArgumentException absent) {
            return false;
        }
    }

    private static long allocatedBytes() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }

    private static long residentKilobytes() {
        try {
            for (String line : java.nio.file.Files.readAllLines(java.nio.file.Path.of("/proc/self/status"))) {
                if (line.startsWith("VmRSS:")) {
                    return Long.parseLong(line.replaceAll("\\D", ""));
                }
            }
            throw new IllegalStateException("no VmRSS");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
