package io.mpquic.quic.crypto;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
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
 * <p>The methods for each packet throw what their handles do, which is nothing: see {@link #thrown}.
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

    private static final FunctionDescriptor INIT =
            FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final FunctionDescriptor UPDATE =
            FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT);
    private static final FunctionDescriptor FINAL = FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final FunctionDescriptor PARAMETERS = FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG);

    private static final MethodHandle ENCRYPT_INIT = link("EVP_EncryptInit_ex", INIT);
    private static final MethodHandle ENCRYPT_UPDATE = link("EVP_EncryptUpdate", UPDATE);
    private static final MethodHandle ENCRYPT_FINAL = link("EVP_EncryptFinal_ex", FINAL);
    private static final MethodHandle DECRYPT_INIT = link("EVP_DecryptInit_ex", INIT);
    private static final MethodHandle DECRYPT_UPDATE = link("EVP_DecryptUpdate", UPDATE);
    private static final MethodHandle DECRYPT_FINAL = link("EVP_DecryptFinal_ex", FINAL);
    private static final MethodHandle SET_PARAMETERS = link("EVP_CIPHER_CTX_set_params", PARAMETERS);
    private static final MethodHandle GET_PARAMETERS = link("EVP_CIPHER_CTX_get_params", PARAMETERS);
    private static final MethodHandle CONTEXT_NEW = link("EVP_CIPHER_CTX_new", FunctionDescriptor.of(ADDRESS));
    private static final MethodHandle CONTEXT_FREE = link("EVP_CIPHER_CTX_free", FunctionDescriptor.ofVoid(ADDRESS));
    private static final MethodHandle VERSION = link("OpenSSL_version", FunctionDescriptor.of(ADDRESS, JAVA_INT));

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

        Algorithm(String function) {
            MethodHandle handle = LINKER.downcallHandle(symbol(function), FunctionDescriptor.of(JAVA_LONG));
            address = seldom(() -> (long) handle.invokeExact());
        }
    }

    /** A context that encrypts or decrypts with one key; its memory goes, key and all, when the segment is unreachable. */
    static MemorySegment context(Algorithm algorithm, boolean encrypts, byte[] key) {
        MemorySegment bare = seldom(() -> (MemorySegment) CONTEXT_NEW.invokeExact());
        if (bare.address() == NULL) {
            throw new OutOfMemoryError(LIBRARY + " has no memory for a cipher");
        }
        MemorySegment context = bare.reinterpret(Arena.ofAuto(), LibCrypto::free);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment keyCopy = arena.allocate(key.length);
            keyCopy.copyFrom(MemorySegment.ofArray(key));
            MethodHandle init = encrypts ? ENCRYPT_INIT : DECRYPT_INIT;
            int done = seldom(
                    () -> (int) init.invokeExact(context.address(), algorithm.address, NULL, keyCopy.address(), NULL));
            keyCopy.fill((byte) 0);
            check(done, "EVP_CipherInit_ex");
            return context;
        }
    }

    private static void free(MemorySegment context) {
        seldom(() -> {
            CONTEXT_FREE.invokeExact(context);
            return context;
        });
    }

    /** Begins a message under the key of the context: AEAD and ChaCha20 take a nonce. */
    static void beginEncryption(long context, long nonce) throws Throwable {
        check((int) ENCRYPT_INIT.invokeExact(context, NULL, NULL, NULL, nonce), "EVP_EncryptInit_ex");
    }

    static void beginDecryption(long context, long nonce) throws Throwable {
        check((int) DECRYPT_INIT.invokeExact(context, NULL, NULL, NULL, nonce), "EVP_DecryptInit_ex");
    }

    /**
     * Encrypts.
     *
     * @param out where the ciphertext goes; 0 for what is authenticated alone
     * @param outLength where libcrypto writes the length
     */
    static void encrypt(long context, long out, long outLength, long in, int inBytes) throws Throwable {
        check((int) ENCRYPT_UPDATE.invokeExact(context, out, outLength, in, inBytes), "EVP_EncryptUpdate");
    }

    static void decrypt(long context, long out, long outLength, long in, int inBytes) throws Throwable {
        check((int) DECRYPT_UPDATE.invokeExact(context, out, outLength, in, inBytes), "EVP_DecryptUpdate");
    }

    /**
     * Ends a message.
     *
     * @param rest where libcrypto may write: an AEAD leaves nothing to write
     */
    static void endEncryption(long context, long outLength, long rest) throws Throwable {
        check((int) ENCRYPT_FINAL.invokeExact(context, rest, outLength), "EVP_EncryptFinal_ex");
    }

    /** Tells a context its parameters. */
    static void tell(long context, CipherParameters parameters) throws Throwable {
        check((int) SET_PARAMETERS.invokeExact(context, parameters.address()), "EVP_CIPHER_CTX_set_params");
    }

    /** Asks a context for its parameters, which are written to where they say. */
    static void ask(long context, CipherParameters parameters) throws Throwable {
        check((int) GET_PARAMETERS.invokeExact(context, parameters.address()), "EVP_CIPHER_CTX_get_params");
    }

    /** Ends a message; false when its tag is another. */
    static boolean endDecryption(long context, long outLength, long rest) throws Throwable {
        return (int) DECRYPT_FINAL.invokeExact(context, rest, outLength) == 1;
    }

    /** As the library itself says it, for example {@code OpenSSL 3.0.15 3 Sep 2024}. */
    static String version() {
        MemorySegment text = seldom(() -> (MemorySegment) VERSION.invokeExact(VERSION_TEXT));
        return text.reinterpret(VERSION_TEXT_MAX_BYTES).getString(0);
    }

    private static MemorySegment symbol(String function) {
        return LOOKUP.find(function)
                .orElseThrow(() -> new UnsatisfiedLinkError(LIBRARY + " has no function " + function));
    }

    private static MethodHandle link(String function, FunctionDescriptor signature) {
        return LINKER.downcallHandle(symbol(function), signature, Linker.Option.critical(false));
    }

    private static void check(int done, String call) {
        if (done != 1) {
            throw new IllegalStateException(LIBRARY + " refuses " + call);
        }
    }

    /** A call that is not made for each packet. */
    interface Call<T> {
        T make() throws Throwable;
    }

    /** The result of a call for which an object is not too much. */
    static <T> T seldom(Call<T> call) {
        try {
            return call.make();
        } catch (Throwable e) {
            throw thrown(e);
        }
    }

    /** What a handle threw; the functions of C themselves throw nothing, so it is a wrong argument or a broken JVM. */
    static RuntimeException thrown(Throwable cause) {
        return switch (cause) {
            case RuntimeException e -> e;
            case Error e -> throw e;
            default -> new IllegalStateException(cause);
        };
    }
}
