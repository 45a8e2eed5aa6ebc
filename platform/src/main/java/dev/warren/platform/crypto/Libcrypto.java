package dev.warren.platform.crypto;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Optional;

/**
 * OpenSSL's libcrypto, 3 or 1.1: the one place with downcalls into it. Pointers are {@code long}, so that no call makes
 * an object. This class fails to initialize where there is no such library or where it lacks a function; whoever uses
 * it asks {@link #isPresent} first.
 *
 * <p>The calls that set up a message and finish it take a tenth of a microsecond, whatever its length, and are linked as
 * critical, which saves a few nanoseconds each; those that take in its bytes are not, so a long one holds up no garbage
 * collector.
 */
final class Libcrypto {
    /** As programs that are linked against them ask for them; there are no others with these functions. */
    static final List<String> NAMES = List.of("libcrypto.so.3", "libcrypto.so.1.1");

    /** openssl/evp.h: EVP_CTRL_AEAD_GET_TAG. */
    static final int GET_TAG = 0x10;
    /** openssl/evp.h: EVP_CTRL_AEAD_SET_TAG. */
    static final int SET_TAG = 0x11;

    /** openssl/crypto.h: no error texts, no openssl.cnf, nothing to free at exit while threads are still sealing. */
    private static final long INIT_OPTIONS = 0x1 | 0x80 | 0x80000;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup LIBRARY = find(NAMES).orElseThrow();
    private static final MemoryLayout INT = JAVA_INT;
    private static final MemoryLayout LONG = JAVA_LONG;

    private static final MethodHandle CHACHA20_POLY1305 = returningLong("EVP_chacha20_poly1305");
    private static final MethodHandle CTX_CTRL = brief("EVP_CIPHER_CTX_ctrl", LONG, INT, INT, LONG);
    private static final MethodHandle CTX_FREE =
            LINKER.downcallHandle(LIBRARY.findOrThrow("EVP_CIPHER_CTX_free"), FunctionDescriptor.ofVoid(LONG));
    private static final MethodHandle CTX_NEW = returningLong("EVP_CIPHER_CTX_new");
    private static final MethodHandle DECRYPT_FINAL = brief("EVP_DecryptFinal_ex", LONG, LONG, LONG);
    private static final MethodHandle DECRYPT_INIT = brief("EVP_DecryptInit_ex", LONG, LONG, LONG, LONG, LONG);
    private static final MethodHandle DECRYPT_UPDATE = returningInt("EVP_DecryptUpdate", LONG, LONG, LONG, LONG, INT);
    private static final MethodHandle ENCRYPT_FINAL = brief("EVP_EncryptFinal_ex", LONG, LONG, LONG);
    private static final MethodHandle ENCRYPT_INIT = brief("EVP_EncryptInit_ex", LONG, LONG, LONG, LONG, LONG);
    private static final MethodHandle ENCRYPT_UPDATE = returningInt("EVP_EncryptUpdate", LONG, LONG, LONG, LONG, INT);

    static {
        initialize();
    }

    private Libcrypto() {}

    /** Whether this machine has the library, with all that is needed of it. */
    static boolean isPresent() {
        try {
            return Presence.KNOWN;
        } catch (LinkageError _) {
            return false;
        }
    }

    /** The first of these libraries that can be loaded; it stays loaded. */
    static Optional<SymbolLookup> find(List<String> names) {
        return names.stream().flatMap(name -> load(name).stream()).findFirst();
    }

    private static Optional<SymbolLookup> load(String name) {
        try {
            return Optional.of(SymbolLookup.libraryLookup(name, Arena.global()));
        } catch (IllegalArgumentException missing) {
            return Optional.empty();
        }
    }

    /** The address of the cipher's description, or 0. */
    static long chacha20Poly1305() {
        try {
            return (long) CHACHA20_POLY1305.invokeExact();
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** The address of a new context, or 0 when there is no memory. */
    static long newContext() {
        try {
            return (long) CTX_NEW.invokeExact();
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** Wipes what is in the context, the key too, and frees it. */
    static void freeContext(long context) {
        try {
            CTX_FREE.invokeExact(context);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** Has the tag written to, or read from, {@code tag}; whether that was done. */
    static boolean tag(long context, int operation, int length, long tag) {
        try {
            return (int) CTX_CTRL.invokeExact(context, operation, length, tag) > 0;
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** Sets what is not 0 of cipher, key and nonce, and begins a message. */
    static boolean encryptInit(long context, long cipher, long key, long nonce) {
        try {
            return (int) ENCRYPT_INIT.invokeExact(context, cipher, 0L, key, nonce) > 0;
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** Encrypts, or takes in associated data where {@code out} is 0. The C int that was written goes to {@code done}. */
    static boolean encryptUpdate(long context, long out, long done, long in, int length) {
        try {
            return (int) ENCRYPT_UPDATE.invokeExact(context, out, done, in, length) > 0;
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** Ends a message; the tag can be asked for. */
    static boolean encryptFinal(long context, long out, long done) {
        try {
            return (int) ENCRYPT_FINAL.invokeExact(context, out, done) > 0;
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** As {@link #encryptInit}, for decrypting. */
    static boolean decryptInit(long context, long cipher, long key, long nonce) {
        try {
            return (int) DECRYPT_INIT.invokeExact(context, cipher, 0L, key, nonce) > 0;
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** As {@link #encryptUpdate}, for decrypting. */
    static boolean decryptUpdate(long context, long out, long done, long in, int length) {
        try {
            return (int) DECRYPT_UPDATE.invokeExact(context, out, done, in, length) > 0;
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** Ends a message; whether its tag was right. */
    static boolean decryptFinal(long context, long out, long done) {
        try {
            return (int) DECRYPT_FINAL.invokeExact(context, out, done) > 0;
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static void initialize() {
        MethodHandle handle = returningInt("OPENSSL_init_crypto", LONG, LONG);
        try {
            if ((int) handle.invokeExact(INIT_OPTIONS, 0L) != 1) {
                throw new IllegalStateException("libcrypto refuses to start");
            }
        } catch (RuntimeException refused) {
            throw refused;
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static MethodHandle returningInt(String name, MemoryLayout... parameters) {
        return LINKER.downcallHandle(LIBRARY.findOrThrow(name), FunctionDescriptor.of(JAVA_INT, parameters));
    }

    private static MethodHandle returningLong(String name, MemoryLayout... parameters) {
        return LINKER.downcallHandle(LIBRARY.findOrThrow(name), FunctionDescriptor.of(JAVA_LONG, parameters));
    }

    private static MethodHandle brief(String name, MemoryLayout... parameters) {
        return LINKER.downcallHandle(
                LIBRARY.findOrThrow(name), FunctionDescriptor.of(JAVA_INT, parameters), Linker.Option.critical(false));
    }

    /** Asks once; a second attempt to initialize a class that failed would fail in another way. */
    private static final class Presence {
        private static final boolean KNOWN = chacha20Poly1305() != 0;
    }
}
