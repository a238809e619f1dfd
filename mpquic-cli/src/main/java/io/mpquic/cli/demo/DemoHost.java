package io.mpquic.cli.demo;

import io.mpquic.tun.MemoryTun;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/** The machine behind one TUN device: answers pings, counts what arrives, and can send as fast as the tunnel takes. */
final class DemoHost implements AutoCloseable {
    static final int MTU_BYTES = 1300;

    private static final int QUEUE_PACKETS = 1024;
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(50);
    /** Longer than any machine takes that is merely busy. */
    private static final long ARRIVAL_NS = TimeUnit.SECONDS.toNanos(5);

    private static final long BACK_OFF_NS = TimeUnit.MICROSECONDS.toNanos(50);

    private final byte[] address;
    private final MemoryTun tun;
    private final Thread receiver;
    private final BlockingQueue<byte[]> echoReplies = new LinkedBlockingQueue<>();
    private final LongAdder receivedBytes = new LongAdder();
    private final LongAdder damagedPackets = new LongAdder();
    private volatile boolean closed;

    DemoHost(String name, byte[] address) {
        this.address = address.clone();
        this.tun = new MemoryTun(name, MTU_BYTES, QUEUE_PACKETS);
        this.receiver = Thread.ofPlatform().daemon().name("demo-" + name).unstarted(this::receive);
    }

    MemoryTun tun() {
        return tun;
    }

    void start() {
        receiver.start();
    }

    /** Data that has arrived so far, in bytes of IP packets. */
    long receivedBytes() {
        return receivedBytes.sum();
    }

    /** Packets that arrived other than they were sent. */
    long damagedPackets() {
        return damagedPackets.sum();
    }

    private void receive() {
        try {
            while (!closed) {
                byte[] packet = tun.take(POLL_NS);
                if (packet != null) {
                    onPacket(packet);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void onPacket(byte[] packet) {
        if (packet.length < DemoPackets.LEAST_BYTES || !DemoPackets.isIntact(packet)) {
            damagedPackets.increment();
        } else if (DemoPackets.isEchoRequest(packet)) {
            tun.inject(DemoPackets.echoReply(packet));
        } else if (DemoPackets.isEchoReply(packet)) {
            echoReplies.add(packet);
        } else if (DemoPackets.isData(packet)) {
            receivedBytes.add(packet.length);
        }
    }

    /**
     * Pings another host.
     *
     * @return how long the answer took, in nanoseconds, or -1 when none came in time
     */
    long ping(DemoHost other, long sequence, long timeoutNs) throws InterruptedException {
        long sentNs = System.nanoTime();
        tun.inject(DemoPackets.echoRequest(address, other.address, sequence));
        long leftNs = timeoutNs;
        while (leftNs > 0) {
            byte[] reply = echoReplies.poll(leftNs, TimeUnit.NANOSECONDS);
            long elapsedNs = System.nanoTime() - sentNs;
            if (reply != null && DemoPackets.sequence(reply) == sequence) {
                return elapsedNs;
            }
            leftNs = timeoutNs - elapsedNs;
        }
        return -1;
    }

    /**
     * Sends to another host for a while, as fast as the device takes packets; and on for up to {@link #ARRIVAL_NS} until
     * something has arrived, because a busy machine may not have come to it yet.
     *
     * @return what arrived there meanwhile, in Mbit/s of IP packets
     */
    double flood(DemoHost other, int packetBytes, long durationNs) {
        long before = other.receivedBytes();
        long startNs = System.nanoTime();
        long sequence = 0;
        long elapsedNs = 0;
        while (elapsedNs < durationNs || (other.receivedBytes() == before && elapsedNs < ARRIVAL_NS)) {
            if (tun.inject(DemoPackets.data(address, other.address, sequence, packetBytes))) {
                sequence++;
            } else {
                LockSupport.parkNanos(BACK_OFF_NS);
            }
            elapsedNs = System.nanoTime() - startNs;
        }
        double seconds = elapsedNs / 1e9;
        return (other.receivedBytes() - before) * Byte.SIZE / 1e6 / seconds;
    }

    @Override
    public void close() {
        closed = true;
        tun.close();
    }
}
