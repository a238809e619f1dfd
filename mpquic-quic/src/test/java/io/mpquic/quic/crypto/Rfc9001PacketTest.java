package io.mpquic.quic.crypto;

import static io.mpquic.quic.crypto.Rfc9001Vectors.hex;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Protects and unprotects the sample packets of RFC 9001 appendix A, byte for byte. */
class Rfc9001PacketTest {
    private final PacketKeys client = PacketKeys.derive(
            CryptoProvider.jdk(),
            CipherSuite.TLS_AES_128_GCM_SHA256,
            KeySchedule.clientInitialSecret(Rfc9001Vectors.CLIENT_DESTINATION));
    private final PacketKeys server = PacketKeys.derive(
            CryptoProvider.jdk(),
            CipherSuite.TLS_AES_128_GCM_SHA256,
            KeySchedule.serverInitialSecret(Rfc9001Vectors.CLIENT_DESTINATION));
    private final PacketKeys chaCha20 = PacketKeys.derive(
            CryptoProvider.jdk(), CipherSuite.TLS_CHACHA20_POLY1305_SHA256, Rfc9001Vectors.CHACHA20_SECRET);

    @Test
    void theClientsInitialPacketIsProtectedAsInAppendixA2() {
        assertArrayEquals(
                Rfc9001Vectors.CLIENT_INITIAL_PACKET,
                protect(client, 2, 4, Rfc9001Vectors.CLIENT_INITIAL_HEADER, Rfc9001Vectors.CLIENT_INITIAL_PAYLOAD));
    }

    @Test
    void theClientsInitialPacketOfAppendixA2CanBeRead() {
        assertReads(
                client,
                2,
                Rfc9001Vectors.CLIENT_INITIAL_PACKET,
                Rfc9001Vectors.CLIENT_INITIAL_HEADER,
                4,
                Rfc9001Vectors.CLIENT_INITIAL_PAYLOAD);
    }

    @Test
    void theServersInitialPacketIsProtectedAsInAppendixA3() {
        assertArrayEquals(
                Rfc9001Vectors.SERVER_INITIAL_PACKET,
                protect(server, 1, 2, Rfc9001Vectors.SERVER_INITIAL_HEADER, Rfc9001Vectors.SERVER_INITIAL_PAYLOAD));
    }

    @Test
    void theServersInitialPacketOfAppendixA3CanBeRead() {
        assertReads(
                server,
                1,
                Rfc9001Vectors.SERVER_INITIAL_PACKET,
                Rfc9001Vectors.SERVER_INITIAL_HEADER,
                2,
                Rfc9001Vectors.SERVER_INITIAL_PAYLOAD);
    }

    @Test
    void theChaCha20PacketIsProtectedAsInAppendixA5() {
        assertArrayEquals(
                Rfc9001Vectors.CHACHA20_PACKET,
                protect(
                        chaCha20,
                        Rfc9001Vectors.CHACHA20_PACKET_NUMBER,
                        3,
                        Rfc9001Vectors.CHACHA20_HEADER,
                        Rfc9001Vectors.CHACHA20_PAYLOAD));
    }

    @Test
    void theChaCha20PacketOfAppendixA5CanBeRead() {
        assertReads(
                chaCha20,
                Rfc9001Vectors.CHACHA20_PACKET_NUMBER,
                Rfc9001Vectors.CHACHA20_PACKET,
                Rfc9001Vectors.CHACHA20_HEADER,
                3,
                Rfc9001Vectors.CHACHA20_PAYLOAD);
    }

    @Test
    void masksAreThoseOfAppendixA() {
        assertEquals(0x437b9aec36L, mask(client, "d1b1c98dd7689fb8ec11d242b123dc9b"));
        assertEquals(0x2ec0d8356aL, mask(server, "2cd0991cd25b0aac406a5816b6394100"));
        assertEquals(0xaefefe7d03L, mask(chaCha20, "5e5cd55c41f69080575d7999c25a5bfb"));
    }

    private static long mask(PacketKeys keys, String sample) {
        return keys.headerMask().mask(MemorySegment.ofArray(hex(sample)), 0);
    }

    private static byte[] protect(
            PacketKeys keys, long packetNumber, int packetNumberBytes, byte[] header, byte[] payload) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment packet = arena.allocate(header.length + payload.length + PacketAead.TAG_BYTES);
            MemorySegment.copy(header, 0, packet, ValueLayout.JAVA_BYTE, 0, header.length);
            MemorySegment.copy(payload, 0, packet, ValueLayout.JAVA_BYTE, header.length, payload.length);
            keys.aead().seal(packetNumber, packet, 0, header.length, payload.length);
            HeaderProtection.protect(
                    keys.headerMask(), packet, 0, header.length - packetNumberBytes, packetNumberBytes);
            return packet.toArray(ValueLayout.JAVA_BYTE);
        }
    }

    private static void assertReads(
            PacketKeys keys,
            long packetNumber,
            byte[] protectedPacket,
            byte[] header,
            int packetNumberBytes,
            byte[] payload) {
        MemorySegment packet = MemorySegment.ofArray(protectedPacket.clone());
        int found = HeaderProtection.unprotect(keys.headerMask(), packet, 0, header.length - packetNumberBytes);
        assertEquals(packetNumberBytes, found);
        byte[] bytes = packet.toArray(ValueLayout.JAVA_BYTE);
        assertArrayEquals(header, Arrays.copyOf(bytes, header.length));

        int ciphertextLength = protectedPacket.length - header.length;
        assertTrue(keys.aead().open(packetNumber, packet, 0, header.length, ciphertextLength));
        bytes = packet.toArray(ValueLayout.JAVA_BYTE);
        assertArrayEquals(payload, Arrays.copyOfRange(bytes, header.length, header.length + payload.length));
    }
}
