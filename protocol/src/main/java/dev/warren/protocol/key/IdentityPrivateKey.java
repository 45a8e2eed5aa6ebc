package dev.warren.protocol.key;

import java.util.random.RandomGenerator;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/** The private half of an {@link IdentityPublicKey}: an Ed25519 seed (RFC 8032 section 5.1.5). */
public final class IdentityPrivateKey extends SecretBytes {
    private static final String PREFIX = "idpriv:";
    private static final String WHAT = "an identity private key";

    private IdentityPrivateKey(byte[] bytes) {
        super(bytes);
    }

    /** A new key from 32 bytes of {@code random}. */
    public static IdentityPrivateKey generate(RandomGenerator random) {
        byte[] bytes = new byte[KeyText.LENGTH];
        random.nextBytes(bytes);
        return new IdentityPrivateKey(bytes);
    }

    /** From 32 raw bytes; throws {@link KeyFormatException} for any other length. */
    public static IdentityPrivateKey of(byte[] bytes) {
        return new IdentityPrivateKey(KeyText.checked(bytes, WHAT));
    }

    /** From the text form {@code idpriv:<64 hex digits>}; throws {@link KeyFormatException}. */
    public static IdentityPrivateKey parse(String text) {
        return new IdentityPrivateKey(KeyText.parse(PREFIX, text, WHAT));
    }

    /** The public half. */
    public IdentityPublicKey publicKey() {
        return with(bytes -> {
            byte[] publicBytes = new byte[KeyText.LENGTH];
            Ed25519.generatePublicKey(bytes, 0, publicBytes, 0);
            return IdentityPublicKey.of(publicBytes);
        });
    }

    /** The 64-byte signature over {@code message} (RFC 8032 section 5.1.6). */
    public byte[] sign(byte[] message) {
        return with(bytes -> {
            byte[] signature = new byte[Ed25519.SIGNATURE_SIZE];
            Ed25519.sign(bytes, 0, message, 0, message.length, signature, 0);
            return signature;
        });
    }

    /** The secret text form {@code idpriv:<64 hex digits>}, for key files only. */
    public String secretText() {
        return PREFIX + hex();
    }
}
