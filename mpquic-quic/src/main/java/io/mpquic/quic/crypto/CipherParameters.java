package io.mpquic.quic.crypto;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;

/**
 * What a cipher is told or asked beside its data, as libcrypto takes it: an array of OSSL_PARAM, ended by one without a
 * name. To hand over several at once costs one search through the names that the cipher knows, instead of one for each.
 */
final class CipherParameters {
    /** The tag of an AEAD: to be told before a message is decrypted, to be asked for when one was encrypted. */
    static final MemorySegment TAG = Arena.global().allocateFrom("tag");

    /** The fixed part of the nonce of AES-GCM; with {@link #WHOLE} as its size, all of the nonce of the next message. */
    static final MemorySegment NONCE = Arena.global().allocateFrom("tlsivfixed");

    /** The size of {@link #NONCE} that makes it the whole nonce. */
    static final long WHOLE = -1;

    private static final int OCTET_STRING = 5;

    private static final MemoryLayout ENTRY = MemoryLayout.structLayout(
            ADDRESS.withName("key"),
            JAVA_INT.withName("data_type"),
            MemoryLayout.paddingLayout(Integer.BYTES),
            JAVA_LONG.withName("data"),
            JAVA_LONG.withName("data_size"),
            JAVA_LONG.withName("return_size"));
    private static final long KEY = offset("key");
    private static final long TYPE = offset("data_type");
    private static final long DATA = offset("data");
    private static final long SIZE = offset("data_size");

    private final MemorySegment entries;

    /** How many bytes so many parameters take. */
    static long bytes(int parameters) {
        return ENTRY.byteSize() * (parameters + 1);
    }

    /**
     * Parameters of these names, in this order.
     *
     * @param memory of {@link #bytes}, all zero
     */
    CipherParameters(MemorySegment memory, MemorySegment... names) {
        entries = memory;
        for (int i = 0; i < names.length; i++) {
            entries.set(ADDRESS, at(i) + KEY, names[i]);
            entries.set(JAVA_INT, at(i) + TYPE, OCTET_STRING);
        }
    }

    /** Says where the value of a parameter lies; who calls keeps that memory reachable. */
    void set(int index, long address, long sizeBytes) {
        entries.set(JAVA_LONG, at(index) + DATA, address);
        entries.set(JAVA_LONG, at(index) + SIZE, sizeBytes);
    }

    /** What libcrypto is given; who calls keeps this object reachable. */
    long address() {
        return entries.address();
    }

    private static long at(int index) {
        return index * ENTRY.byteSize();
    }

    private static long offset(String field) {
        return ENTRY.byteOffset(MemoryLayout.PathElement.groupElement(field));
    }
}
