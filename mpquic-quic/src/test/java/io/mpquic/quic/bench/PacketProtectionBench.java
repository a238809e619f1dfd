package io.mpquic.quic.bench;

import io.mpquic.quic.crypto.CipherSuite;
import io.mpquic.quic.crypto.CryptoProvider;
import io.mpquic.quic.crypto.HeaderMask;
import io.mpquic.quic.crypto.PacketAead;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What the ciphers of each provider take for one packet of 1300 bytes that lies in native memory, in nanoseconds. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class PacketProtectionBench {
    private static final int PACKET_BYTES = 1300;
    /** A short header with a connection ID of eight bytes and a packet number of four. */
    private static final int HEADER_BYTES = 13;

    private static final int PAYLOAD_BYTES = PACKET_BYTES - HEADER_BYTES - PacketAead.TAG_BYTES;

    /** Whose ciphers. */
    @Param({"jdk", "libcrypto"})
    public String crypto = "jdk";

    /** Which ciphers: the suites' names. */
    @Param("TLS_AES_128_GCM_SHA256")
    public CipherSuite suite = CipherSuite.TLS_AES_128_GCM_SHA256;

    private final MemorySegment packet = Arena.ofAuto().allocate(PACKET_BYTES, 64);
    private long packetNumber;
    private Keys keys = Keys.of(CryptoProvider.jdk(), suite);

    /** The two ends of one direction, and its header key. */
    private record Keys(PacketAead sealing, PacketAead opening, HeaderMask mask) {
        static Keys of(CryptoProvider provider, CipherSuite suite) {
            byte[] key = new byte[suite.keyBytes()];
            byte[] iv = new byte[CipherSuite.IV_BYTES];
            return new Keys(
                    provider.aead(suite, key, iv), provider.aead(suite, key, iv), provider.headerMask(suite, key));
        }
    }

    /** Makes the ciphers. */
    @Setup
    public void makeKeys() {
        keys = Keys.of(Ciphers.named(crypto), suite);
    }

    /** Seals in place. */
    @Benchmark
    public void seal() {
        keys.sealing().seal(packetNumber++, packet, 0, HEADER_BYTES, PAYLOAD_BYTES);
    }

    /** Seals, and opens what was sealed. */
    @Benchmark
    public void sealAndOpen() {
        seal();
        if (!keys.opening().open(packetNumber - 1, packet, 0, HEADER_BYTES, PAYLOAD_BYTES + PacketAead.TAG_BYTES)) {
            throw new IllegalStateException("not what was sealed");
        }
    }

    /** The mask of one header. */
    @Benchmark
    public long mask() {
        return keys.mask().mask(packet, HEADER_BYTES);
    }
}
