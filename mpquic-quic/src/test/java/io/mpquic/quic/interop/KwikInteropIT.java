package io.mpquic.quic.interop;

/** mpquic and Kwik. */
class KwikInteropIT extends InteropScenarios {
    @Override
    Peer peer() {
        return new KwikPeer();
    }
}
