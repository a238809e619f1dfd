package io.mpquic.quic.endpoint;

import java.util.random.RandomGenerator;

/**
 * What the tokens of a server hang on.
 *
 * @param key secret, at least {@link #MIN_BYTES}
 * @param epochOffsetNs what is added to the time of the endpoint, so that it is one that a later process knows as well
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record TokenSecret(byte[] key, long epochOffsetNs) {
    /** RFC 9000 §8.1.3: no token is to be guessed. */
    static final int MIN_BYTES = 16;

    private static final int RANDOM_BYTES = 32;

    TokenSecret {
        if (key.length < MIN_BYTES) {
            throw new IllegalArgumentException(
                    "a key of " + key.length + " bytes, at least " + MIN_BYTES + " are needed");
        }
        key = key.clone();
    }

    /** One that ends with this process. */
    static TokenSecret random(RandomGenerator random) {
        byte[] key = new byte[RANDOM_BYTES];
        random.nextBytes(key);
        return new TokenSecret(key, 0);
    }
}
