package io.mpquic.quic.scenario;

import io.mpquic.quic.crypto.CryptoProvider;
import io.mpquic.quic.sim.SimulatedNode;
import java.util.Map;

/** Breaks a stack on purpose, to show that the invariants can fail. */
class Sabotage {
    static final Sabotage NONE = new Sabotage();

    CryptoProvider wrap(CryptoProvider crypto) {
        return crypto;
    }

    SimulatedNode wrap(Party party) {
        return party;
    }

    void afterStep(Map<Side, Party> parties) {}
}
