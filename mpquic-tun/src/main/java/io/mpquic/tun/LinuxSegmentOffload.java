package io.mpquic.tun;

import io.mpquic.tun.ffi.Descriptor;
import io.mpquic.tun.ffi.Errno;
import io.mpquic.tun.ffi.Syscalls;
import io.mpquic.tun.ffi.TunRequests;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;

/** The packets of a queue that has a virtio header before each: super-packets, and whole ones as {@link TunDevice} has them. */
final class LinuxSegmentOffload implements SegmentOffload {
    private static final int HEADER_AND_PACKET = 2;

    private final String name;
    private final Descriptor reader;
    private final Descriptor writer;
    private final int bits;
    // The reader and the writer have a header each. The writer's is zero, and stays so: the packet is as it should be.
    private final MemorySegment readHeader = Arena.ofAuto().allocate(VirtioHeader.BYTES);
    private final MemorySegment wholePacket = Arena.ofAuto().allocate(VirtioHeader.BYTES);
    private final IoVector toRead = new IoVector(HEADER_AND_PACKET);
    private final IoVector toWrite = new IoVector(HEADER_AND_PACKET);
    private boolean on;

    /**
     * Makes what deals with a queue.
     *
     * @param bits what the driver agreed to, which is not switched on yet
     */
    LinuxSegmentOffload(String name, Descriptor reader, Descriptor writer, int bits) {
        this.name = name;
        this.reader = reader;
        this.writer = writer;
        this.bits = bits;
    }

    @Override
    public boolean segmentsUdp() {
        return OffloadBits.haveUdp(bits);
    }

    @Override
    public void switchOn() throws IOException {
        set(bits);
        on = true;
    }

    /** Makes the host hand out whole packets again: an interface that stays must not surprise who opens it next. */
    void switchOff() throws IOException {
        set(OffloadBits.NONE);
    }

    private void set(int wanted) throws IOException {
        int fd = reader.acquire();
        try {
            int result = Syscalls.ioctl(fd, TunRequests.TUNSETOFFLOAD, wanted);
            if (result < 0) {
                throw new ErrnoException("ioctl TUNSETOFFLOAD", name, -result, Remedy.use(-result));
            }
        } finally {
            reader.release();
        }
    }

    @Override
    public int read(MemorySegment buffer, long offset, int capacity) throws IOException {
        if (capacity < VirtioHeader.BYTES) {
            throw new IllegalArgumentException(capacity + " bytes hold no virtio header");
        }
        int fd = reader.acquire();
        try {
            int result;
            do {
                result = Syscalls.read(fd, buffer, offset, capacity);
                // The kernel has dropped a packet of a kind that the header cannot express.
            } while (result == -Errno.EINVAL);
            return lengthRead(result);
        } finally {
            reader.release();
        }
    }

    /** As {@link TunDevice#read}. */
    int readWhole(MemorySegment buffer, long offset, int capacity) throws IOException {
        if (on) {
            throw new IllegalStateException("super-packets are read from " + name);
        }
        toRead.clear();
        toRead.add(readHeader, 0, VirtioHeader.BYTES);
        toRead.add(buffer, offset, capacity);
        int fd = reader.acquire();
        try {
            int length = lengthRead(Syscalls.readv(fd, toRead.entries(), HEADER_AND_PACKET));
            return Math.max(0, length - VirtioHeader.BYTES);
        } finally {
            Reference.reachabilityFence(buffer);
            reader.release();
        }
    }

    private int lengthRead(int result) throws IOException {
        if (result >= 0) {
            return result;
        }
        if (result == -Errno.EAGAIN) {
            return 0;
        }
        throw new ErrnoException("read", name, -result, Remedy.use(-result));
    }

    @Override
    public boolean write(IoVector vector) throws IOException {
        int result;
        int fd = writer.acquire();
        try {
            result = Syscalls.writev(fd, vector.entries(), vector.count());
        } finally {
            Reference.reachabilityFence(vector);
            writer.release();
        }
        return LinuxTun.isTaken(result, name);
    }

    /** As {@link TunDevice#write}. */
    boolean writeWhole(MemorySegment buffer, long offset, int length) throws IOException {
        toWrite.clear();
        toWrite.add(wholePacket, 0, VirtioHeader.BYTES);
        toWrite.add(buffer, offset, length);
        return write(toWrite);
    }
}
