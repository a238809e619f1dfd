package io.mpquic.tun;

import io.mpquic.tun.ffi.Descriptor;
import io.mpquic.tun.ffi.Errno;
import io.mpquic.tun.ffi.InterfaceRequest;
import io.mpquic.tun.ffi.Syscalls;
import io.mpquic.tun.ffi.TunRequests;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How a descriptor becomes the one queue of a TUN interface.
 *
 * <p>The kernel creates an interface whenever it is asked for one that is not there. So whether it is there is found out
 * first, and afterwards that it is still the same one.
 */
final class TunQueue {
    private static final int PLAIN = TunRequests.IFF_TUN | TunRequests.IFF_NO_PI;
    private static final int NO_OFFLOAD = 0;

    private TunQueue() {}

    /**
     * Attaches to the interface that is there, or else does what {@code options} say.
     *
     * @return the non-blocking descriptor of the queue
     */
    static Descriptor open(String name, OpenOptions options, InterfaceControl control) throws IOException {
        int index = control.index(name);
        if (index != InterfaceControl.NO_INDEX) {
            return attach(name, index, control);
        }
        return switch (options) {
            case OpenOptions.AttachOnly() ->
                throw new ErrnoException(
                        "open", name, Errno.ENODEV, "make it first: ip tuntap add dev " + name + " mode tun");
            case OpenOptions.CreateWhenAbsent create -> create(name, create, control);
        };
    }

    private static Descriptor attach(String name, int index, InterfaceControl control) throws IOException {
        try (Rollback rollback = new Rollback()) {
            Descriptor queue = openDeviceNode();
            rollback.undoWith(queue::close);
            int result = setInterface(queue, name, PLAIN);
            if (result == -Errno.EINVAL) {
                // A device made with multi_queue takes only descriptors that say so too.
                result = setInterface(queue, name, PLAIN | TunRequests.IFF_MULTI_QUEUE);
                if (result >= 0) {
                    refuseOtherQueues(name, index);
                }
            }
            check(result, "ioctl TUNSETIFF", name, Remedy.attach(-result, name));
            if (control.index(name) != index) {
                throw new ErrnoException("ioctl TUNSETIFF", name, Errno.ENODEV, "it was deleted while it was opened");
            }
            // A program before us may have promised to fill in checksums or to split segments. Plain mode does neither.
            result = setOffload(queue);
            check(result, "ioctl TUNSETOFFLOAD", name, Remedy.configure(-result));
            rollback.keep();
            return queue;
        }
    }

    private static Descriptor create(String name, OpenOptions.CreateWhenAbsent options, InterfaceControl control)
            throws IOException {
        try (Rollback rollback = new Rollback()) {
            Descriptor queue = openDeviceNode();
            // Not being persistent, a half-made interface goes with its descriptor.
            rollback.undoWith(queue::close);
            int result = setInterface(queue, name, PLAIN | TunRequests.IFF_TUN_EXCL);
            check(result, "ioctl TUNSETIFF", name, Remedy.attach(-result, name));
            control.setMtuBytes(name, options.mtuBytes());
            for (Cidr address : options.addresses()) {
                control.addAddress(name, address);
            }
            control.bringUp(name);
            rollback.keep();
            return queue;
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

    private static int setOffload(Descriptor queue) throws IOException {
        int fd = queue.acquire();
        try {
            return Syscalls.ioctl(fd, TunRequests.TUNSETOFFLOAD, NO_OFFLOAD);
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
