package dev.warren.platform.crypto;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * OpenSSL's libcrypto, 3 or 1.1: the downcalls into it that packets need; {@link LibcryptoKeys} has those that handshakes
 * need. Pointers are {@code long}, so that no call makes an object. This class fails to initialize where there is no such
 * library or where it lacks a function: its first user asks for something, and takes a LinkageError for a no.
 *
 * <p>None of them is linked as critical, although they are brief: a packet of 64 bytes took 750 ns with critical calls and
 * 460 ns without (OpenSSL 3.0.19 on a Xeon with AVX-512), presumably because a critical call leaves the vector registers'
 * upper halves in use. And so a long message holds up no garbage collector.
 */
final class Libcrypto {
    /** openssl/evp.h: EVP_CTRL_AEAD_GET_TAG. */
    static final int GET_TAG = 0x10;
    /** openssl/evp.h: EVP_CTRL_AEAD_SET_TAG. */
    static final int SET_TAG = 0x11;

    /** openssl/crypto.h: no error texts, no openssl.cnf, nothing to free at exit while threads are still sealing. */
    private static final long INIT_OPTIONS = 0x1 | 0x80 | 0x80000;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup LIBRARY =
            LibcryptoFile.find(LibcryptoFile.NAMES).orElseThrow();
    /**
     * Every function is called with five 64-bit arguments and asked for a 64-bit result: to link one more form costs the
     * start milliseconds. In the calling conventions of all 64-bit Linux a function doesn't see arguments that it has
     * not; of one that it takes for a C int it looks at the lower half, and only that half of an int result means
     * anything.
     */
    private static final FunctionDescriptor FORM =
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

    private static final MethodHandle CHACHA20_POLY1305 = function("EVP_chacha20_poly1305");
    private static final MethodHandle CTX_CTRL = function("EVP_CIPHER_CTX_ctrl");
    private static final MethodHandle CTX_FREE = function("EVP_CIPHER_CTX_free");
    private static final MethodHandle CTX_NEW = function("EVP_CIPHER_CTX_new");
    private static final MethodHandle DECRYPT_FINAL = function("EVP_DecryptFinal_ex");
    private static final MethodHandle DECRYPT_INIT = function("EVP_DecryptInit_ex");
    private static final MethodHandle DECRYPT_UPDATE = function("EVP_DecryptUpdate");
    private static final MethodHandle ENCRYPT_FINAL = function("EVP_EncryptFinal_ex");
    private static final MethodHandle ENCRYPT_INIT = function("EVP_EncryptInit_ex");
    private static final MethodHandle ENCRYPT_UPDATE = function("EVP_EncryptUpdate");

    static {
        initialize();
    }

    private Libcrypto() {}

    /** The address of the cipher's description, or 0. */
    static long chacha20Poly1305() {
        try {
            return (long) CHACHA20_POLY1305.invokeExact(0L, 0L, 0L, 0L, 0L);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** The address of a new context, or 0 when there is no memory. */
    static long newContext() {
        try {
            return (long) CTX_NEW.invokeExact(0L, 0L, 0L, 0L, 0L);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** Wipes what is in the context, the key too, and frees it. */
    static void freeContext(long context) {
        try {
            long _ = (long) CTX_FREE.invokeExact(context, 0L, 0L, 0L, 0L);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** Has the tag written to, or read from, {@code tag}; whether that was done. */
    static boolean tag(long context, int operation, int length, long tag) {
        try {
            return isDone((long) CTX_CTRL.invokeExact(context, (long) operation, (long) length, tag, 0L));
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** Sets what is not 0 of cipher, key and nonce, and begins a message. */
    static boolean encryptInit(long context, long cipher, long key, long nonce) {
        try {
            return isDone((long) ENCRYPT_INIT.invokeExact(context, cipher, 0L, key, nonce));
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** Encrypts, or takes in associated data where {@code out} is 0. The C int that was written goes to {@code done}. */
    static boolean encryptUpdate(long context, long out, long done, long in, int length) {
        try {
            return isDone((long) ENCRYPT_UPDATE.invokeExact(context, out, done, in, (long) length));
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** Ends a message; the tag can be asked for. */
    static boolean encryptFinal(long context, long out, long done) {
        try {
            return isDone((long) ENCRYPT_FINAL.invokeExact(context, out, done, 0L, 0L));
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** As {@link #encryptInit}, for decrypting. */
    static boolean decryptInit(long context, long cipher, long key, long nonce) {
        try {
            return isDone((long) DECRYPT_INIT.invokeExact(context, cipher, 0L, key, nonce));
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** As {@link #encryptUpdate}, for decrypting. */
    static boolean decryptUpdate(long context, long out, long done, long in, int length) {
        try {
            return isDone((long) DECRYPT_UPDATE.invokeExact(context, out, done, in, (long) length));
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** Ends a message; whether its tag was right. */
    static boolean decryptFinal(long context, long out, long done) {
        try {
            return isDone((long) DECRYPT_FINAL.invokeExact(context, out, done, 0L, 0L));
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static void initialize() {
        MethodHandle start = function("OPENSSL_init_crypto");
        boolean started;
        try {
            started = isDone((long) start.invokeExact(INIT_OPTIONS, 0L, 0L, 0L, 0L));
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
        if (!started) {
            throw new IllegalStateException("libcrypto refuses to start");
        }
    }

    /** Whether that result, a C int, says so. */
    static boolean isDone(long result) {
        return (int) result > 0;
    }

    /** The function of that name, of the one form that all have; NoSuchElementException where the library lacks it. */
    static MethodHandle function(String name) {
        return LINKER.downcallHandle(LIBRARY.findOrThrow(name), FORM);
    }
}
