package io.mpquic.quic.bench;

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

/**
 * What one datagram of 1200 bytes costs the core from seal to sink, in nanoseconds: with its share of
 * acknowledgements, without sockets, and with or without ciphers.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class DatagramBench {
    /** Whose ciphers. */
    @Param({"none", "jdk", "libcrypto"})
    public String crypto = "none";

    /** Replaced by {@link #connect}. */
    private DatagramPath path = new DatagramPath(new NoProtection());

    /** Makes the two endpoints. */
    @Setup
    public void connect() {
        path = new DatagramPath(Ciphers.named(crypto));
    }

    /** Seal, receive, acknowledge. */
    @Benchmark
    public void both() {
        path.send(0);
        path.receive(0);
        path.takeReply(0);
    }
}
