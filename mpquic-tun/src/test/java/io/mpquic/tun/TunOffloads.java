package io.mpquic.tun;

import io.mpquic.tun.ffi.Errno;
import io.mpquic.tun.ffi.InterfaceRequest;
import io.mpquic.tun.ffi.Syscalls;
import io.mpquic.tun.ffi.TunRequests;
import java.io.IOException;
import java.lang.foreign.Arena;

/** Other programs that attach to an interface. */
final class TunOffloads {
    private static final int IFF_VNET_HDR = 0x4000;
    private static final int TUN_F_CSUM = 0x01;
    private static final int TUN_F_TSO4 = 0x02;

    private TunOffloads() {}

    /** Takes checksums and segmentation on itself, and goes away. */
    static boolean leaveOn(String name) throws IOException {
        int fd = Syscalls.open(TunRequests.DEVICE_NODE, Syscalls.O_RDWR);
        try (Arena arena = Arena.ofConfined()) {
            InterfaceRequest request =
                    new InterfaceRequest(arena, name).flags(TunRequests.IFF_TUN | TunRequests.IFF_NO_PI | IFF_VNET_HDR);
            check(Syscalls.ioctl(fd, TunRequests.TUNSETIFF, request.segment()));
            check(Syscalls.ioctl(fd, TunRequests.TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4));
            return true;
        } finally {
            Syscalls.close(fd);
        }
    }

    /**
     * Knows nothing of offloads, and so relies on the interface being plain.
     *
     * @return its descriptor, non-blocking
     */
    static int attachUnawares(String name) throws IOException {
        int fd = Syscalls.open(TunRequests.DEVICE_NODE, Syscalls.O_RDWR | Syscalls.O_NONBLOCK);
        try (Arena arena = Arena.ofConfined()) {
            InterfaceRequest request =
                    new InterfaceRequest(arena, name).flags(TunRequests.IFF_TUN | TunRequests.IFF_NO_PI);
            check(Syscalls.ioctl(fd, TunRequests.TUNSETIFF, request.segment()));
            return fd;
        }
    }

    private static void check(int result) throws IOException {
        if (result < 0) {
            throw new IOException(Errno.describe(-result));
        }
    }
}
