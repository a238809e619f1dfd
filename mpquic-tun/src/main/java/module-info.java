/** Linux TUN devices, network interfaces and socket options through the Foreign Function and Memory API. */
@org.jspecify.annotations.NullMarked
module io.mpquic.tun {
    requires static transitive org.jspecify;

    exports io.mpquic.tun;
}
