package dev.warren.protocol.key;

import dev.warren.protocol.crypto.KeyAgreement;
import java.util.random.RandomGenerator;

/** The private half of a {@link DiscoPublicKey}; lives as long as the process and is never stored. */
public final class DiscoPrivateKey extends SecretBytes {
    private static final String PREFIX = "discopriv:";
    private static final String WHAT = "a disco private key";

    private DiscoPrivateKey(byte[] bytes) {
        super(clamped(bytes));
    }

    /** A new key from 32 bytes of {@code random}, clamped. */
    public static DiscoPrivateKey generate(RandomGenerator random) {
        byte[] bytes = new byte[KeyText.LENGTH];
        random.nextBytes(bytes);
        return new DiscoPrivateKey(bytes);
    }

    /** From 32 raw bytes, which are clamped; throws {@link KeyFormatException} for any other length. */
    public static DiscoPrivateKey of(byte[] bytes) {
        return new DiscoPrivateKey(KeyText.checked(bytes, WHAT));
    }

    /** From the text form {@code discopriv:<64 hex digits>}; throws {@link KeyFormatException}. */
    public static DiscoPrivateKey parse(String text) {
        return new DiscoPrivateKey(KeyText.parse(PREFIX, text, WHAT));
    }

    /** From the base64 form that {@code wg} uses; throws {@link KeyFormatException}. */
    public static DiscoPrivateKey parseBase64(String text) {
        return new DiscoPrivateKey(KeyText.parseBase64(text, WHAT));
    }

    /** The public half. */
    public DiscoPublicKey publicKey() {
        return with(bytes -> {
            byte[] point = new byte[KeyText.LENGTH];
            KeyAgreement.inForce().publish(bytes, point);
            return DiscoPublicKey.of(point);
        });
    }

    /**
     * The X25519 shared secret with {@code peer} into {@code secret} (32 bytes). False when it is all zero, which a
     * low-order point gives (RFC 7748 section 6.1); the caller then fails.
     */
    public boolean agree(DiscoPublicKey peer, byte[] secret) {
        return with(bytes -> KeyAgreement.inForce().agree(bytes, peer.bytes(), secret));
    }

    /** The secret text form {@code discopriv:<64 hex digits>}, for key files only. */
    public String secretText() {
        return PREFIX + hex();
    }
}
