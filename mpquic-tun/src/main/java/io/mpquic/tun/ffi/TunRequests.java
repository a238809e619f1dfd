package io.mpquic.tun.ffi;

/** The requests and flags of the TUN driver ({@code linux/if_tun.h}). */
public final class TunRequests {
    /** The device node that every TUN queue is opened from. */
    public static final String DEVICE_NODE = "/dev/net/tun";

    /** Attaches the descriptor to an interface, or creates one; takes a {@code struct ifreq} with name and flags. */
    public static final long TUNSETIFF = 0x400454caL;
    /** What the program takes off the kernel's hands: checksums, segmentation; the argument is a set of bits. */
    public static final long TUNSETOFFLOAD = 0x400454d0L;
    /** Fills a {@code struct ifreq} with the name and the flags of the attached interface. */
    public static final long TUNGETIFF = 0x800454d2L;

    public static final int IFF_TUN = 0x0001;
    public static final int IFF_MULTI_QUEUE = 0x0100;
    /** No prefix in front of a packet. */
    public static final int IFF_NO_PI = 0x1000;

    /** Create the interface, or fail with EBUSY when it exists. */
    public static final int IFF_TUN_EXCL = 0x8000;

    private TunRequests() {}
}
