/** QUIC version 1 (RFC 9000, 9001, 9002) with the DATAGRAM extension (RFC 9221). */
@org.jspecify.annotations.NullMarked
module io.mpquic.quic {
    requires static transitive org.jspecify;
    requires jdk.net;
    requires org.bouncycastle.provider;
    requires org.bouncycastle.tls;

    exports io.mpquic.quic.congestion;
    exports io.mpquic.quic.connection;
    exports io.mpquic.quic.crypto;
    exports io.mpquic.quic.endpoint;
    exports io.mpquic.quic.io;
    exports io.mpquic.quic.qlog;
    exports io.mpquic.quic.stream;
    exports io.mpquic.quic.tls;
    exports io.mpquic.quic.wire;
}
