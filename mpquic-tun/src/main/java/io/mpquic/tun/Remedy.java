package io.mpquic.tun;

import io.mpquic.tun.ffi.Errno;

/** What an operator can do about a failed call, in words for the end of its message. */
final class Remedy {
    private static final String NONE = "";

    private Remedy() {}

    /** Opening the device node of the TUN driver. */
    static String openDeviceNode(int errno) {
        return switch (errno) {
            case Errno.ENOENT, Errno.ENODEV, Errno.ENXIO ->
                "the TUN driver is not there; load it (modprobe tun), or in a container pass the device in"
                        + " (docker run --device /dev/net/tun)";
            case Errno.EACCES, Errno.EPERM ->
                "this user may not open it; make it accessible (chmod 0666 /dev/net/tun, the usual mode),"
                        + " or run as root";
            default -> openDescriptor(errno);
        };
    }

    /** Opening any descriptor. */
    static String openDescriptor(int errno) {
        return switch (errno) {
            case Errno.EMFILE, Errno.ENFILE -> "raise the limit of open files (ulimit -n)";
            default -> NONE;
        };
    }

    /** Attaching to the interface {@code name}, or creating it. */
    static String attach(int errno, String name) {
        return switch (errno) {
            case Errno.EPERM, Errno.EACCES ->
                lacks("CAP_NET_ADMIN", "net_admin", "NET_ADMIN")
                        + "; or give the device to this user: ip tuntap add dev " + name + " mode tun user USER";
            case Errno.EBUSY ->
                "another process has the device open; find it with grep -lw " + name + " /proc/[0-9]*/fdinfo/*";
            case Errno.EINVAL ->
                "an interface of this name exists, but it is no TUN device (see ip -details link show " + name
                        + "); choose another name, or delete it and make it anew: ip tuntap add dev " + name
                        + " mode tun";
            default -> NONE;
        };
    }

    /** Giving a new interface its MTU, address or state. */
    static String configure(int errno) {
        return switch (errno) {
            case Errno.EPERM -> lacks("CAP_NET_ADMIN", "net_admin", "NET_ADMIN");
            case Errno.EACCES, Errno.EAFNOSUPPORT ->
                "IPv6 is switched off here (sysctl net.ipv6.conf.all.disable_ipv6); switch it on, or leave the IPv6"
                        + " address out";
            default -> NONE;
        };
    }

    /** Reading from, writing to or waiting for an interface that was there. */
    static String use(int errno) {
        return switch (errno) {
            case Errno.EBADFD, Errno.ENODEV -> "the interface was deleted; make it again and restart the tunnel";
            default -> NONE;
        };
    }

    /** Looking an interface up. */
    static String find(int errno) {
        return errno == Errno.ENODEV ? "no such interface in this network namespace; see ip link" : NONE;
    }

    /** Binding a socket to an interface. */
    static String bindToDevice(int errno) {
        return switch (errno) {
            case Errno.EPERM, Errno.EACCES -> lacks("CAP_NET_RAW", "net_raw", "NET_RAW");
            default -> find(errno);
        };
    }

    /** Telling the service manager something. */
    static String notifyManager(int errno) {
        return switch (errno) {
            case Errno.ENOENT, Errno.ECONNREFUSED -> "nobody listens there; is NOTIFY_SOCKET of another service?";
            case Errno.EAGAIN -> "the service manager does not read; it may be overloaded";
            case Errno.EACCES, Errno.EPERM -> "this user may not write to it";
            default -> NONE;
        };
    }

    /** Listening to what the kernel says about interfaces. */
    static String openNetlink(int errno) {
        return switch (errno) {
            case Errno.EAFNOSUPPORT, Errno.EPERM, Errno.EACCES ->
                "this process may not use netlink; allow it (systemd: RestrictAddressFamilies=AF_NETLINK, besides others)";
            default -> openDescriptor(errno);
        };
    }

    private static String lacks(String capability, String lowerName, String containerName) {
        return "the process lacks " + capability + "; run it as root, or give it that capability (systemd:"
                + " AmbientCapabilities=" + capability + "; docker: --cap-add " + containerName
                + "; shell: setpriv --inh-caps +" + lowerName + " --ambient-caps +" + lowerName + " COMMAND)";
    }
}
