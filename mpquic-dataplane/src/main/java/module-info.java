/** Joins a TUN device and a QUIC connection. */
@org.jspecify.annotations.NullMarked
module io.mpquic.dataplane {
    requires static transitive org.jspecify;
    requires transitive io.mpquic.quic;
    requires transitive io.mpquic.tun;

    exports io.mpquic.dataplane;
}
