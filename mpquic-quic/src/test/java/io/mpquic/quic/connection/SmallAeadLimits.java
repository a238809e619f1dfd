package io.mpquic.quic.connection;

/** Makes the keys of a connection wear out soon: nobody waits for 2^23 packets. */
public final class SmallAeadLimits {
    private SmallAeadLimits() {}

    /** To be called once the handshake is complete. */
    public static void set(QuicConnection connection, long confidentiality, long integrity) {
        keys(connection).limitTo(new AeadLimits(confidentiality, integrity));
    }

    private static OneRttKeys keys(QuicConnection connection) {
        OneRttKeys keys = connection.spaces.application.oneRttKeys;
        if (keys == null) {
            throw new IllegalStateException("no keys yet");
        }
        return keys;
    }
}
