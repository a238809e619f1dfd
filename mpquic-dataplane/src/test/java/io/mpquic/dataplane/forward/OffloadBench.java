package io.mpquic.dataplane.forward;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What a packet of 1300 bytes costs where a super-packet of TCP is cut, and where packets are joined, in nanoseconds. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class OffloadBench {
    private final OffloadLoop loop = new OffloadLoop(new CountingSink());

    /** Fills the slots with what is to be joined. */
    @Setup
    public void fill() {
        loop.cut();
    }

    /** By the segmenter: header, checksum, copy. */
    @Benchmark
    @OperationsPerInvocation(OffloadLoop.PACKETS)
    public void cut() {
        loop.cut();
    }

    /** By the coalescer, with the check of each packet's checksum. */
    @Benchmark
    @OperationsPerInvocation(OffloadLoop.PACKETS)
    public void join() throws IOException {
        loop.join();
    }
}
