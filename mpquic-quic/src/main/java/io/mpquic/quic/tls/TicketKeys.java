package io.mpquic.quic.tls;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Seals tickets with AES-256-GCM, so that a server needs no memory of its sessions (RFC 5077 §4). Thread-safe.
 *
 * <pre>
 *   | key name (4) | nonce (12) | content, encrypted | tag (16) |
 * </pre>
 *
 * <p>A key that was not given is replaced once a lifetime, and kept for one more for the tickets that it sealed: after
 * that nobody can decrypt them, whatever he learns.
 */
final class TicketKeys {
    static final int KEY_BYTES = 32;
    private static final String TRANSFORMATION = "AES/GCM/NoPadding";
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final int HEADER_BYTES = Integer.BYTES + NONCE_BYTES;

    private final SecureRandom random;
    private final InstantSource clock;
    private final Duration rotation;
    private final boolean fixed;
    private Key current;
    private @Nullable Key previous;

    private record Key(int name, SecretKeySpec secret, Instant born) {}

    /**
     * Creates it.
     *
     * @param key the key for all tickets, {@link #KEY_BYTES}; null for keys of its own that rotate
     * @param rotation how long a key of its own seals tickets
     */
    TicketKeys(byte @Nullable [] key, SecureRandom random, InstantSource clock, Duration rotation) {
        this.random = random;
        this.clock = clock;
        this.rotation = rotation;
        this.fixed = key != null;
        this.current = key == null ? newKey() : new Key(0, new SecretKeySpec(key, "AES"), clock.instant());
    }

    private Key newKey() {
        byte[] bytes = new byte[KEY_BYTES];
        random.nextBytes(bytes);
        return new Key(random.nextInt(), new SecretKeySpec(bytes, "AES"), clock.instant());
    }

    byte[] seal(byte[] content) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        Key key = rotated();
        byte[] header =
                ByteBuffer.allocate(HEADER_BYTES).putInt(key.name).put(nonce).array();
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, key, header).doFinal(content);
            return ByteBuffer.allocate(HEADER_BYTES + sealed.length)
                    .put(header)
                    .put(sealed)
                    .array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java runtime has AES-GCM", e);
        }
    }

    /** The content of a ticket; null when it is not one of ours, or too old to be. */
    byte @Nullable [] open(byte[] ticket) {
        if (ticket.length <= HEADER_BYTES) {
            return null;
        }
        Key key = named(ByteBuffer.wrap(ticket).getInt());
        if (key == null) {
            return null;
        }
        byte[] header = Arrays.copyOf(ticket, HEADER_BYTES);
        try {
            return cipher(Cipher.DECRYPT_MODE, key, header).doFinal(ticket, HEADER_BYTES, ticket.length - HEADER_BYTES);
        } catch (GeneralSecurityException e) {
            return null;
        }
    }

    private synchronized Key rotated() {
        Instant now = clock.instant();
        if (!fixed && !now.isBefore(current.born.plus(rotation))) {
            // A key that nobody used for long has no ticket out that could still be good.
            previous = now.isBefore(current.born.plus(rotation.multipliedBy(2))) ? current : null;
            current = newKey();
        }
        return current;
    }

    private synchronized @Nullable Key named(int name) {
        Key now = rotated();
        if (now.name == name) {
            return now;
        }
        return previous != null && previous.name == name ? previous : null;
    }

    private static Cipher cipher(int mode, Key key, byte[] header) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(TRANSFORMATION);
        cipher.init(mode, key.secret, new GCMParameterSpec(TAG_BITS, header, Integer.BYTES, NONCE_BYTES));
        cipher.updateAAD(header);
        return cipher;
    }
}
