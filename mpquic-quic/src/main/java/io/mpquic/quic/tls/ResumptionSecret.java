package io.mpquic.quic.tls;

import io.mpquic.quic.crypto.CipherSuite;
import io.mpquic.quic.crypto.KeySchedule;

/**
 * What the secrets of later sessions follow from (RFC 8446 §7.1, resumption_master_secret).
 *
 * @param suite whose hash it belongs to
 * @param secret the secret itself
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record ResumptionSecret(CipherSuite suite, byte[] secret) {
    /**
     * Derives it.
     *
     * @param master the master secret of the key schedule
     * @param transcriptHash the hash of all messages up to the client's Finished
     */
    static ResumptionSecret derive(CipherSuite suite, byte[] master, byte[] transcriptHash) {
        return new ResumptionSecret(
                suite, KeySchedule.hkdfExpandLabel(suite, master, "res master", transcriptHash, suite.hashBytes()));
    }

    /** RFC 8446 §4.6.1: the key of the session that a ticket with this nonce stands for. */
    byte[] psk(byte[] ticketNonce) {
        return KeySchedule.hkdfExpandLabel(suite, secret, "resumption", ticketNonce, suite.hashBytes());
    }

    @Override
    public String toString() {
        return "ResumptionSecret";
    }
}
