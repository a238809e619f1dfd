package io.mpquic.tun;

import io.mpquic.tun.ffi.Descriptor;
import io.mpquic.tun.ffi.Errno;
import io.mpquic.tun.ffi.InterfaceRequest;
import io.mpquic.tun.ffi.Syscalls;
import io.mpquic.tun.ffi.TunRequests;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The one queue of a TUN interface, and how a descriptor becomes it.
 *
 * <p>The kernel creates an interface whenever it is asked for one that is not there. So whether it is there is found out
 * first, and afterwards that it is still the same one.
 *
 * @param descriptor non-blocking
 * @param offloadBits see {@link OffloadBits}: what the driver agreed to, not yet switched on. With any, a virtio header
 *     stands before each packet
 */
record TunQueue(Descriptor descriptor, int offloadBits) {
    private static final int PLAIN = TunRequests.IFF_TUN | TunRequests.IFF_NO_PI;
    private static final int WITH_HEADER = PLAIN | TunRequests.IFF_VNET_HDR;

    /** Attaches to the interface that is there, or else does what {@code options} say. */
    static TunQueue open(String name, OpenOptions options, InterfaceControl control) throws IOException {
        if (options.offload()) {
            TunQueue queue = open(name, WITH_HEADER, options, control);
            if (queue.offloadBits != OffloadBits.NONE) {
                return queue;
            }
            queue.descriptor.close();
        }
        return open(name, PLAIN, options, control);
    }

    private static TunQueue open(String name, int flags, OpenOptions options, InterfaceControl control)
            throws IOException {
        int index = control.index(name);
        if (index != InterfaceControl.NO_INDEX) {
            return attach(name, flags, index, control);
        }
        return switch (options) {
            case OpenOptions.AttachOnly attach ->
                throw new ErrnoException(
                        "open", name, Errno.ENODEV, "make it first: ip tuntap add dev " + name + " mode tun");
            case OpenOptions.CreateWhenAbsent create -> create(name, flags, create, control);
        };
    }

    private static TunQueue attach(String name, int wantedFlags, int index, InterfaceControl control)
            throws IOException {
        try (Rollback rollback = new Rollback()) {
            Descriptor queue = openDeviceNode();
            rollback.undoWith(queue::close);
            int flags = known(queue, wantedFlags);
            int result = setInterface(queue, name, flags);
            if (result == -Errno.EINVAL) {
                // A device made with multi_queue takes only descriptors that say so too.
                result = setInterface(queue, name, flags | TunRequests.IFF_MULTI_QUEUE);
                if (result >= 0) {
                    refuseOtherQueues(name, index);
                }
            }
            check(result, "ioctl TUNSETIFF", name, Remedy.attach(-result, name));
            if (control.index(name) != index) {
                throw new ErrnoException("ioctl TUNSETIFF", name, Errno.ENODEV, "it was deleted while it was opened");
            }
            int bits = agree(queue, flags);
            // A program before us may have promised to fill in checksums or to split segments. We do not, as yet.
            result = setOffload(queue, OffloadBits.NONE);
            check(result, "ioctl TUNSETOFFLOAD", name, Remedy.configure(-result));
            rollback.keep();
            return new TunQueue(queue, bits);
        }
    }

    private static TunQueue create(
            String name, int wantedFlags, OpenOptions.CreateWhenAbsent options, InterfaceControl control)
            throws IOException {
        try (Rollback rollback = new Rollback()) {
            Descriptor queue = openDeviceNode();
            // Not being persistent, a half-made interface goes with its descriptor.
            rollback.undoWith(queue::close);
            int flags = known(queue, wantedFlags);
            int result = setInterface(queue, name, flags | TunRequests.IFF_TUN_EXCL);
            check(result, "ioctl TUNSETIFF", name, Remedy.attach(-result, name));
            int bits = agree(queue, flags);
            result = setOffload(queue, OffloadBits.NONE);
            check(result, "ioctl TUNSETOFFLOAD", name, Remedy.configure(-result));
            control.setMtuBytes(name, options.mtuBytes());
            for (Cidr address : options.addresses()) {
                control.addAddress(name, address);
            }
            control.bringUp(name);
            rollback.keep();
            return new TunQueue(queue, bits);
        }
    }

    private static Descriptor openDeviceNode() throws IOException {
        int fd = Syscalls.open(TunRequests.DEVICE_NODE, Syscalls.O_RDWR | Syscalls.O_NONBLOCK);
        check(fd, "open", TunRequests.DEVICE_NODE, Remedy.openDeviceNode(-fd));
        return new Descriptor(fd);
    }

    private static int setInterface(Descriptor queue, String name, int flags) throws IOException {
        int fd = queue.acquire();
        try (Arena arena = Arena.ofConfined()) {
            InterfaceRequest request = new InterfaceRequest(arena, name).flags(flags);
            return Syscalls.ioctl(fd, TunRequests.TUNSETIFF, request.segment());
        } finally {
            queue.release();
        }
    }

    /** The flags without those that this driver does not know, and would refuse. */
    private static int known(Descriptor queue, int flags) throws IOException {
        int fd = queue.acquire();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment features = arena.allocate(ValueLayout.JAVA_INT);
            int result = Syscalls.ioctl(fd, TunRequests.TUNGETFEATURES, features);
            boolean header = result >= 0 && (features.get(ValueLayout.JAVA_INT, 0) & TunRequests.IFF_VNET_HDR) != 0;
            return header ? flags : flags & ~TunRequests.IFF_VNET_HDR;
        } finally {
            queue.release();
        }
    }

    /** What the driver would leave to us, when there is a virtio header to say so. */
    private static int agree(Descriptor queue, int flags) throws IOException {
        if ((flags & TunRequests.IFF_VNET_HDR) == 0) {
            return OffloadBits.NONE;
        }
        int fd = queue.acquire();
        try (Arena arena = Arena.ofConfined()) {
            // Whoever had the interface before may have had longer headers.
            MemorySegment size = arena.allocateFrom(ValueLayout.JAVA_INT, VirtioHeader.BYTES);
            if (Syscalls.ioctl(fd, TunRequests.TUNSETVNETHDRSZ, size) < 0) {
                return OffloadBits.NONE;
            }
            return OffloadBits.agree(bits -> Syscalls.ioctl(fd, TunRequests.TUNSETOFFLOAD, bits));
        } finally {
            queue.release();
        }
    }

    private static int setOffload(Descriptor queue, int bits) throws IOException {
        int fd = queue.acquire();
        try {
            return Syscalls.ioctl(fd, TunRequests.TUNSETOFFLOAD, bits);
        } finally {
            queue.release();
        }
    }

    /**
     * A multi-queue device may be open elsewhere without EBUSY. The kernel then spreads the flows over all queues, and
     * those on a queue that nobody reads are lost, every packet of them.
     */
    private static void refuseOtherQueues(String name, int index) throws IOException {
        Path sysfs = Path.of("/sys/class/net", name);
        // The mounted sysfs may show another network namespace than this thread's. Then nothing is known.
        if (!Files.isReadable(sysfs.resolve("ifindex"))
                || !Files.readString(sysfs.resolve("ifindex")).strip().equals(Integer.toString(index))) {
            return;
        }
        int queues = 0;
        try (DirectoryStream<Path> transmit = Files.newDirectoryStream(sysfs.resolve("queues"), "tx-*")) {
            for (Path ignored : transmit) {
                queues++;
            }
        }
        if (queues > 1) {
            throw new ErrnoException("ioctl TUNSETIFF", name, Errno.EBUSY, Remedy.attach(Errno.EBUSY, name));
        }
    }

    private static void check(int result, String call, String device, String remedy) throws ErrnoException {
        if (result < 0) {
            throw new ErrnoException(call, device, -result, remedy);
        }
    }
}
