package dev.warren.protocol.crypto;

/**
 * The {@link X25519} that all keys of this process use. It is Java's until whoever starts the program finds a faster one:
 * all of them give the same bytes, so a change in between is noticed by nobody.
 */
public final class KeyAgreement {
    private static volatile X25519 inForce = JavaX25519.INSTANCE;

    private KeyAgreement() {}

    /** The one to use now. */
    public static X25519 inForce() {
        return inForce;
    }

    /** Has all keys use {@code implementation} from now on. */
    public static void use(X25519 implementation) {
        inForce = implementation;
    }
}
