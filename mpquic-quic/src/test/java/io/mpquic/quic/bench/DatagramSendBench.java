package io.mpquic.quic.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What sending one datagram costs the core, in nanoseconds, without sockets and ciphers: with its share of the
 * acknowledgements that come back.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class DatagramSendBench {
    private final DatagramPath path = new DatagramPath(new NoProtection());

    /** The receiver's part, which is not measured. */
    @Setup(Level.Invocation)
    public void receive() {
        for (int slot = 0; slot < DatagramPath.SLOTS; slot++) {
            if (path.waits(slot)) {
                path.receive(slot);
            }
        }
    }

    /** A batch. */
    @Benchmark
    @OperationsPerInvocation(DatagramPath.SLOTS)
    public void send() {
        for (int slot = 0; slot < DatagramPath.SLOTS; slot++) {
            path.takeReply(slot);
            path.send(slot);
        }
    }
}
