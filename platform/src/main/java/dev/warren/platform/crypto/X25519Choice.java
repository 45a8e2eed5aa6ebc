package dev.warren.platform.crypto;

import dev.warren.protocol.crypto.JavaX25519;
import dev.warren.protocol.crypto.KeyAgreement;
import dev.warren.protocol.crypto.X25519;
import org.jspecify.annotations.Nullable;

/** The choice between the implementations of X25519: native code where it is there and passes its self-test. */
public final class X25519Choice {
    private X25519Choice() {}

    /**
     * Has all keys of this process use the fastest implementation. To be called by programs that make handshakes, early:
     * Java's takes milliseconds for each agreement until the JVM has compiled it. Any thread may, any number of times.
     */
    public static void putInForce() {
        KeyAgreement.use(Chosen.FASTEST);
    }

    /** Chosen once: the self-test takes a millisecond. */
    private static final class Chosen {
        static final X25519 FASTEST = choose(LibcryptoX25519.find());
    }

    /** {@code found}, or Java's where nothing was. */
    static X25519 choose(@Nullable X25519 found) {
        return found == null ? JavaX25519.INSTANCE : found;
    }
}
