package io.mpquic.quic.crypto;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * The functions of OpenSSL's libcrypto 3 that protect packets, behind typed methods. Using this class fails with a
 * {@link LinkageError} where the library is not there.
 *
 * <p>Addresses are plain numbers: a slice for each call would be an object for each packet. Who calls checks the bounds,
 * and keeps the memory reachable. Each call lasts less than a microsecond for a packet, so that none of them changes the
 * state of its thread ({@linkplain Linker.Option#critical critical}): a collection waits for so long at most.
 */
final class LibCrypto {
    static final String LIBRARY = "libcrypto.so.3";

    private static final long NULL = 0;
    private static final int VERSION_TEXT = 0;
    private static final int VERSION_TEXT_MAX_BYTES = 256;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup LOOKUP = SymbolLookup.libraryLookup(LIBRARY, Arena.global());

    /**
     * All functions are called as if they took five longs and returned one: to the calling conventions of x86-64 and AArch64,
     * integers and pointers are the same, and a function looks at as many as it knows. A handle for each signature would cost
     * some milliseconds of every start.
     */
    private static final MethodHandle CALL = LINKER.downcallHandle(
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
            Linker.Option.critical(false));

    private static final MemorySegment ENCRYPT_INIT = function("EVP_EncryptInit_ex");
    private static final MemorySegment ENCRYPT_UPDATE = function("EVP_EncryptUpdate");
    private static final MemorySegment ENCRYPT_FINAL = function("EVP_EncryptFinal_ex");
    private static final MemorySegment DECRYPT_INIT = function("EVP_DecryptInit_ex");
    private static final MemorySegment DECRYPT_UPDATE = function("EVP_DecryptUpdate");
    private static final MemorySegment DECRYPT_FINAL = function("EVP_DecryptFinal_ex");
    private static final MemorySegment SET_PARAMETERS = function("EVP_CIPHER_CTX_set_params");
    private static final MemorySegment GET_PARAMETERS = function("EVP_CIPHER_CTX_get_params");
    private static final MemorySegment CONTEXT_NEW = function("EVP_CIPHER_CTX_new");
    private static final MemorySegment CONTEXT_FREE = function("EVP_CIPHER_CTX_free");
    private static final MemorySegment VERSION = function("OpenSSL_version");

    private LibCrypto() {}

    /** What protects: each name is a function that returns the algorithm. */
    enum Algorithm {
        AES_128_GCM("EVP_aes_128_gcm"),
        AES_256_GCM("EVP_aes_256_gcm"),
        CHACHA20_POLY1305("EVP_chacha20_poly1305"),
        AES_128_ECB("EVP_aes_128_ecb"),
        AES_256_ECB("EVP_aes_256_ecb"),
        CHACHA20("EVP_chacha20");

        private final long address;

        Algorithm(String name) {
            address = call(function(name), NULL);
        }
    }

    /** A context that encrypts or decrypts with one key; its memory goes, key and all, when the segment is unreachable. */
    static MemorySegment context(Algorithm algorithm, boolean encrypts, byte[] key) {
        MemorySegment bare = MemorySegment.ofAddress(call(CONTEXT_NEW, NULL));
        if (bare.address() == NULL) {
            throw new OutOfMemoryError(LIBRARY + " has no memory for a cipher");
        }
        MemorySegment context = bare.reinterpret(Arena.ofAuto(), LibCrypto::free);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment keyCopy = arena.allocate(key.length);
            keyCopy.copyFrom(MemorySegment.ofArray(key));
            long done = call(
                    encrypts ? ENCRYPT_INIT : DECRYPT_INIT,
                    context.address(),
                    algorithm.address,
                    NULL,
                    keyCopy.address(),
                    NULL);
            keyCopy.fill((byte) 0);
            check(done, "EVP_CipherInit_ex");
            return context;
        }
    }

    private static void free(MemorySegment context) {
        call(CONTEXT_FREE, context.address());
    }

    /** Begins a message under the key of the context: AEAD and ChaCha20 take a nonce. */
    static void beginEncryption(long context, long nonce) {
        check(call(ENCRYPT_INIT, context, NULL, NULL, NULL, nonce), "EVP_EncryptInit_ex");
    }

    static void beginDecryption(long context, long nonce) {
        check(call(DECRYPT_INIT, context, NULL, NULL, NULL, nonce), "EVP_DecryptInit_ex");
    }

    /**
     * Encrypts.
     *
     * @param out where the ciphertext goes; 0 for what is authenticated alone
     * @param outLength where libcrypto writes the length
     */
    static void encrypt(long context, long out, long outLength, long in, int inBytes) {
        check(call(ENCRYPT_UPDATE, context, out, outLength, in, inBytes), "EVP_EncryptUpdate");
    }

    static void decrypt(long context, long out, long outLength, long in, int inBytes) {
        check(call(DECRYPT_UPDATE, context, out, outLength, in, inBytes), "EVP_DecryptUpdate");
    }

    /**
     * Ends a message.
     *
     * @param rest where libcrypto may write: an AEAD leaves nothing to write
     */
    static void endEncryption(long context, long outLength, long rest) {
        check(call(ENCRYPT_FINAL, context, rest, outLength, NULL, NULL), "EVP_EncryptFinal_ex");
    }

    /** Tells a context its parameters. */
    static void tell(long context, CipherParameters parameters) {
        check(call(SET_PARAMETERS, context, parameters.address(), NULL, NULL, NULL), "EVP_CIPHER_CTX_set_params");
    }

    /** Asks a context for its parameters, which are written to where they say. */
    static void ask(long context, CipherParameters parameters) {
        check(call(GET_PARAMETERS, context, parameters.address(), NULL, NULL, NULL), "EVP_CIPHER_CTX_get_params");
    }

    /** Ends a message; false when its tag is another. */
    static boolean endDecryption(long context, long outLength, long rest) {
        return (int) call(DECRYPT_FINAL, context, rest, outLength, NULL, NULL) == 1;
    }

    /** As the library itself says it, for example {@code OpenSSL 3.0.15 3 Sep 2024}. */
    static String version() {
        MemorySegment text = MemorySegment.ofAddress(call(VERSION, VERSION_TEXT));
        return text.reinterpret(VERSION_TEXT_MAX_BYTES).getString(0);
    }

    private static MemorySegment function(String name) {
        return LOOKUP.find(name).orElseThrow(() -> new UnsatisfiedLinkError(LIBRARY + " has no function " + name));
    }

    private static long call(MemorySegment function, long argument) {
        return call(function, argument, NULL, NULL, NULL, NULL);
    }

    /** The result in full; of one that is an int, the upper half says nothing. */
    private static long call(MemorySegment function, long a, long b, long c, long d, long e) {
        try {
            return (long) CALL.invokeExact(function, a, b, c, d, e);
        } catch (RuntimeException | Error thrown) {
            throw thrown;
        } catch (Throwable thrown) {
            // C throws nothing, so it is a broken JVM.
            throw new IllegalStateException(thrown);
        }
    }

    private static void check(long done, String call) {
        if ((int) done != 1) {
            throw new IllegalStateException(LIBRARY + " refuses " + call);
        }
    }
}
