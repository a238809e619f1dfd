package io.mpquic.quic.scenario;

import io.mpquic.quic.crypto.CipherSuite;
import io.mpquic.quic.crypto.CryptoProvider;
import io.mpquic.quic.crypto.HeaderMask;
import io.mpquic.quic.crypto.PacketAead;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The JDK's ciphers, watched for a packet number that protects twice under one key, whoever derived the key again.
 *
 * <p>Initial keys follow from an ID that everybody sees (RFC 9001 §5.2): a client's first packet that comes again after
 * the server has forgotten it opens another connection with the same keys. There, each cipher is watched alone.
 */
final class NonceWatch implements CryptoProvider {
    private static final int LONG_AND_TYPE = 0b1011_0000;
    private static final int LONG_INITIAL = 0b1000_0000;

    private final Findings findings;
    private final CryptoProvider jdk = CryptoProvider.jdk();
    private final Map<ByteBuffer, Set<Long>> numbersByKey = new HashMap<>();

    NonceWatch(Findings findings) {
        this.findings = findings;
    }

    @Override
    public PacketAead aead(CipherSuite suite, byte[] key, byte[] iv) {
        PacketAead inner = jdk.aead(suite, key, iv);
        Set<Long> numbers = numbersByKey.computeIfAbsent(ByteBuffer.wrap(key.clone()), unused -> new HashSet<>());
        Set<Long> own = new HashSet<>();
        return new PacketAead() {
            @Override
            public void sealFrom(
                    MemorySegment payload,
                    long payloadOffset,
                    int payloadLength,
                    long number,
                    MemorySegment packet,
                    long offset,
                    int headerLength) {
                boolean initial = (packet.get(ValueLayout.JAVA_BYTE, offset) & LONG_AND_TYPE) == LONG_INITIAL;
                findings.check(
                        (initial ? own : numbers).add(number),
                        Invariant.NONCE,
                        "packet number " + number + " twice under a key");
                inner.sealFrom(payload, payloadOffset, payloadLength, number, packet, offset, headerLength);
            }

            @Override
            public boolean open(long number, MemorySegment packet, long offset, int headerLength, int length) {
                return inner.open(number, packet, offset, headerLength, length);
            }
        };
    }

    @Override
    public HeaderMask headerMask(CipherSuite suite, byte[] key) {
        return jdk.headerMask(suite, key);
    }

    @Override
    public String name() {
        return "watched " + jdk.name();
    }
}
