package io.mpquic.quic.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PacketKeysTest {
    private static final int HEADER_BYTES = 12;
    private static final int PAYLOAD_BYTES = 40;

    @ParameterizedTest
    @EnumSource(CipherSuite.class)
    void aKeyUpdateChangesThePacketKeyAndKeepsTheHeaderKey(CipherSuite suite) {
        PacketKeys first = keys(suite);
        PacketKeys second = first.nextPhase();
        assertSame(first.headerMask(), second.headerMask());
        assertNotSame(first.aead(), second.aead());
        assertSame(suite, second.suite());

        MemorySegment packet = sealed(first, 7);
        assertFalse(open(second, 7, packet), "opened with the keys of another phase");
        assertTrue(open(keys(suite), 7, sealed(keys(suite), 7)));
    }

    @ParameterizedTest
    @EnumSource(CipherSuite.class)
    void bothSidesReachTheSameKeysAfterEveryUpdate(CipherSuite suite) {
        PacketKeys sender = keys(suite);
        PacketKeys receiver = keys(suite);
        for (long packetNumber = 0; packetNumber < 5; packetNumber++) {
            assertTrue(open(receiver, packetNumber, sealed(sender, packetNumber)), "phase " + packetNumber);
            sender = sender.nextPhase();
            receiver = receiver.nextPhase();
        }
    }

    @Test
    void theNextPhaseUsesTheSecretThatTheKeyScheduleGives() {
        CipherSuite suite = CipherSuite.TLS_AES_256_GCM_SHA384;
        byte[] nextSecret = KeySchedule.nextSecret(suite, new byte[suite.hashBytes()]);
        PacketKeys direct = PacketKeys.derive(CryptoProvider.jdk(), suite, nextSecret);
        assertTrue(open(direct, 3, sealed(keys(suite).nextPhase(), 3)));
    }

    @Test
    void oldKeysStayUsableAfterAnUpdate() {
        PacketKeys receiver = keys(CipherSuite.TLS_AES_128_GCM_SHA256);
        MemorySegment late = sealed(keys(CipherSuite.TLS_AES_128_GCM_SHA256), 1);
        receiver.nextPhase();
        assertTrue(open(receiver, 1, late));
    }

    @Test
    void aSecretOfTheWrongLengthIsRefused() {
        assertThrows(
                IllegalArgumentException.class,
                () -> PacketKeys.derive(CryptoProvider.jdk(), CipherSuite.TLS_AES_256_GCM_SHA384, new byte[32]));
    }

    @Test
    void keysOfTheWrongLengthAreRefused() {
        CryptoProvider provider = CryptoProvider.jdk();
        assertEquals("jdk", provider.name());
        for (CipherSuite suite : CipherSuite.values()) {
            byte[] key = new byte[suite.keyBytes()];
            byte[] shortKey = new byte[suite.keyBytes() - 1];
            byte[] iv = new byte[CipherSuite.IV_BYTES];
            assertThrows(IllegalArgumentException.class, () -> provider.aead(suite, shortKey, iv));
            assertThrows(IllegalArgumentException.class, () -> provider.aead(suite, key, new byte[11]));
            assertThrows(IllegalArgumentException.class, () -> provider.headerMask(suite, shortKey));
        }
    }

    private static PacketKeys keys(CipherSuite suite) {
        return PacketKeys.derive(CryptoProvider.jdk(), suite, new byte[suite.hashBytes()]);
    }

    private static MemorySegment sealed(PacketKeys keys, long packetNumber) {
        MemorySegment packet = MemorySegment.ofArray(new byte[HEADER_BYTES + PAYLOAD_BYTES + PacketAead.TAG_BYTES]);
        keys.aead().seal(packetNumber, packet, 0, HEADER_BYTES, PAYLOAD_BYTES);
        return packet;
    }

    private static boolean open(PacketKeys keys, long packetNumber, MemorySegment packet) {
        return keys.aead().open(packetNumber, packet, 0, HEADER_BYTES, PAYLOAD_BYTES + PacketAead.TAG_BYTES);
    }
}
