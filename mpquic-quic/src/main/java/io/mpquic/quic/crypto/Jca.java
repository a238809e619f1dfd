package io.mpquic.quic.crypto;

import java.security.GeneralSecurityException;

/** The algorithms that every Java runtime of this project has, without the exceptions for those that it might not have. */
final class Jca {
    /** Something that needs an algorithm. */
    @FunctionalInterface
    interface Use<T> {
        T call() throws GeneralSecurityException;
    }

    private Jca() {}

    /**
     * The outcome of {@code use}. A lambda that holds on to something is an object: for a packet, only beside a cipher
     * that makes objects for each packet itself.
     *
     * @throws IllegalStateException when the algorithm is missing, in a broken installation
     */
    static <T> T always(String algorithm, Use<T> use) {
        try {
            return use.call();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime cannot do " + algorithm, e);
        }
    }
}
