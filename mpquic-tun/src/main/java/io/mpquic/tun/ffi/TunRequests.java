package io.mpquic.tun.ffi;

/** The requests and flags of the TUN driver ({@code linux/if_tun.h}). */
public final class TunRequests {
    /** The device node that every TUN queue is opened from. */
    public static final String DEVICE_NODE = "/dev/net/tun";

    /** Attaches the descriptor to an interface, or creates one; takes a {@code struct ifreq} with name and flags. */
    public static final long TUNSETIFF = 0x400454caL;
    /** Which flags of TUNSETIFF the driver knows; takes a pointer to an int. */
    public static final long TUNGETFEATURES = 0x800454cfL;
    /** What the program takes off the kernel's hands: checksums, segmentation; the argument is a set of bits. */
    public static final long TUNSETOFFLOAD = 0x400454d0L;
    /** Fills a {@code struct ifreq} with the name and the flags of the attached interface. */
    public static final long TUNGETIFF = 0x800454d2L;

    /** The length of the virtio header before each packet; takes a pointer to an int. */
    public static final long TUNSETVNETHDRSZ = 0x400454d8L;

    public static final int IFF_TUN = 0x0001;
    public static final int IFF_MULTI_QUEUE = 0x0100;
    /** No prefix in front of a packet. */
    public static final int IFF_NO_PI = 0x1000;

    /** A {@code struct virtio_net_hdr} in front of each packet. */
    public static final int IFF_VNET_HDR = 0x4000;

    /** Create the interface, or fail with EBUSY when it exists. */
    public static final int IFF_TUN_EXCL = 0x8000;

    /** TUNSETOFFLOAD: the program takes packets whose checksum is not filled in; all others need this one. */
    public static final int TUN_F_CSUM = 0x01;
    /** TUNSETOFFLOAD: it takes TCP super-packets of IPv4, of IPv6. */
    public static final int TUN_F_TSO4 = 0x02;

    public static final int TUN_F_TSO6 = 0x04;
    /** TUNSETOFFLOAD: it takes UDP super-packets (Linux 6.2; the driver wants both or none). */
    public static final int TUN_F_USO4 = 0x20;

    public static final int TUN_F_USO6 = 0x40;

    private TunRequests() {}
}
