package io.mpquic.quic.conformance;

import io.mpquic.quic.crypto.CipherSuite;
import io.mpquic.quic.crypto.CryptoProvider;
import io.mpquic.quic.crypto.PacketKeys;

/** What the keys of one direction and level come from. */
@SuppressWarnings("ArrayRecordComponent") // never compared
record ProtectionSecret(CipherSuite suite, byte[] secret) {
    PacketKeys derive(CryptoProvider provider) {
        return PacketKeys.derive(provider, suite, secret);
    }
}
