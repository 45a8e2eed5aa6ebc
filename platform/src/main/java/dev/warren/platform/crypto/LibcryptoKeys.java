package dev.warren.platform.crypto;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The downcalls into libcrypto 3 for key agreement. As {@link Libcrypto}, this class fails to initialize where something
 * is missing. Pointers are {@code long}; 0 is none.
 */
final class LibcryptoKeys {
    /** openssl/obj_mac.h: EVP_PKEY_X25519. */
    private static final long X25519 = 1034;
    /** openssl/evp.h: EVP_PKEY_KEYPAIR, what {@link #pair} is to make of its parameters. */
    private static final long KEY_PAIR = 0x87;
    /** openssl/params.h: OSSL_PARAM_OCTET_STRING. */
    private static final int OCTETS = 5;
    /** {@code OSSL_PARAM}: name, type, data, size, returned size. */
    private static final int PARAMETER_BYTES = 40;

    private static final MethodHandle CONTEXT_OF_KEY = Libcrypto.function("EVP_PKEY_CTX_new");
    private static final MethodHandle CONTEXT_OF_NAME = Libcrypto.function("EVP_PKEY_CTX_new_from_name");
    private static final MethodHandle FREE_CONTEXT = Libcrypto.function("EVP_PKEY_CTX_free");
    private static final MethodHandle DERIVE = Libcrypto.function("EVP_PKEY_derive");
    private static final MethodHandle DERIVE_INIT = Libcrypto.function("EVP_PKEY_derive_init");
    private static final MethodHandle DERIVE_PEER = Libcrypto.function("EVP_PKEY_derive_set_peer");
    private static final MethodHandle FREE = Libcrypto.function("EVP_PKEY_free");
    private static final MethodHandle FROM_DATA = Libcrypto.function("EVP_PKEY_fromdata");
    private static final MethodHandle FROM_DATA_INIT = Libcrypto.function("EVP_PKEY_fromdata_init");
    private static final MethodHandle PRIVATE = Libcrypto.function("EVP_PKEY_new_raw_private_key");
    private static final MethodHandle PUBLIC = Libcrypto.function("EVP_PKEY_new_raw_public_key");
    private static final MethodHandle READ_PUBLIC = Libcrypto.function("EVP_PKEY_get_raw_public_key");

    private static final MemorySegment ALGORITHM = Arena.global().allocateFrom("X25519");
    private static final MemorySegment PRIVATE_NAME = Arena.global().allocateFrom("priv");
    private static final MemorySegment PUBLIC_NAME = Arena.global().allocateFrom("pub");

    private LibcryptoKeys() {}

    /** The key with these 32 bytes, for a secret with its holder; 0 when there is no memory. */
    static long publicKey(MemorySegment bytes) {
        try {
            return (long) PUBLIC.invokeExact(X25519, 0L, bytes.address(), bytes.byteSize(), 0L);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** The key pair of a private key, whose public half is computed, at the price of one agreement; 0 without memory. */
    static long privateKey(MemorySegment bytes) {
        try {
            return (long) PRIVATE.invokeExact(X25519, 0L, bytes.address(), bytes.byteSize(), 0L);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** The key pair of these two halves, which are believed; 0 without memory. {@code parameters} is room for them. */
    static long pair(MemorySegment privateBytes, MemorySegment publicBytes, MemorySegment parameters) {
        parameter(parameters, 0, PRIVATE_NAME, privateBytes);
        parameter(parameters, PARAMETER_BYTES, PUBLIC_NAME, publicBytes);
        parameters.asSlice(2 * PARAMETER_BYTES, PARAMETER_BYTES).fill((byte) 0);
        MemorySegment result = parameters.asSlice(3 * PARAMETER_BYTES, Long.BYTES);
        result.set(ValueLayout.JAVA_LONG, 0, 0);
        long context = 0;
        try {
            context = (long) CONTEXT_OF_NAME.invokeExact(0L, ALGORITHM.address(), 0L, 0L, 0L);
            boolean isMade = Libcrypto.isDone((long) FROM_DATA_INIT.invokeExact(context, 0L, 0L, 0L, 0L))
                    && Libcrypto.isDone((long)
                            FROM_DATA.invokeExact(context, result.address(), KEY_PAIR, parameters.address(), 0L));
            return isMade ? result.get(ValueLayout.JAVA_LONG, 0) : 0;
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        } finally {
            freeContext(context);
        }
    }

    /** How many bytes {@link #pair} needs for its parameters. */
    static int parameterBytes() {
        return 3 * PARAMETER_BYTES + Long.BYTES;
    }

    /** Writes the public half of {@code key}; {@code length} is room for a long. */
    static boolean readPublic(long key, MemorySegment target, MemorySegment length) {
        length.set(ValueLayout.JAVA_LONG, 0, target.byteSize());
        try {
            return Libcrypto.isDone((long) READ_PUBLIC.invokeExact(key, target.address(), length.address(), 0L, 0L));
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** Writes the secret of two keys; false without memory, and when it is all zero. {@code length}: room for a long. */
    static boolean derive(long mine, long theirs, MemorySegment secret, MemorySegment length) {
        length.set(ValueLayout.JAVA_LONG, 0, secret.byteSize());
        long context = 0;
        try {
            context = (long) CONTEXT_OF_KEY.invokeExact(mine, 0L, 0L, 0L, 0L);
            return Libcrypto.isDone((long) DERIVE_INIT.invokeExact(context, 0L, 0L, 0L, 0L))
                    && Libcrypto.isDone((long) DERIVE_PEER.invokeExact(context, theirs, 0L, 0L, 0L))
                    && Libcrypto.isDone((long) DERIVE.invokeExact(context, secret.address(), length.address(), 0L, 0L));
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        } finally {
            freeContext(context);
        }
    }

    /** Wipes the key, if it is one, and frees it. */
    static void free(long key) {
        try {
            long _ = (long) FREE.invokeExact(key, 0L, 0L, 0L, 0L);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static void freeContext(long context) {
        try {
            long _ = (long) FREE_CONTEXT.invokeExact(context, 0L, 0L, 0L, 0L);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static void parameter(MemorySegment parameters, long at, MemorySegment name, MemorySegment data) {
        parameters.set(ValueLayout.JAVA_LONG, at, name.address());
        parameters.set(ValueLayout.JAVA_LONG, at + 8, OCTETS);
        parameters.set(ValueLayout.JAVA_LONG, at + 16, data.address());
        parameters.set(ValueLayout.JAVA_LONG, at + 24, data.byteSize());
        parameters.set(ValueLayout.JAVA_LONG, at + 32, 0);
    }
}
