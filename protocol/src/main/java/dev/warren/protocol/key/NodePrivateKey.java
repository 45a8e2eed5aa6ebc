package dev.warren.protocol.key;

import dev.warren.protocol.crypto.KeyAgreement;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The private half of a {@link NodePublicKey}. */
public final class NodePrivateKey extends SecretBytes {
    private static final String PREFIX = "privkey:";
    private static final String WHAT = "a node private key";

    /** Made when it is first asked for: a relay tells its own to everybody who connects. */
    private volatile @Nullable NodePublicKey publicKey;

    private NodePrivateKey(byte[] bytes) {
        super(clamped(bytes));
    }

    /** A new key from 32 bytes of {@code random}, clamped. */
    public static NodePrivateKey generate(RandomGenerator random) {
        byte[] bytes = new byte[KeyText.LENGTH];
        random.nextBytes(bytes);
        return new NodePrivateKey(bytes);
    }

    /** From 32 raw bytes, which are clamped; throws {@link KeyFormatException} for any other length. */
    public static NodePrivateKey of(byte[] bytes) {
        return new NodePrivateKey(KeyText.checked(bytes, WHAT));
    }

    /** As {@link #of}; {@code bytes} is wiped. */
    public static NodePrivateKey taking(byte[] bytes) {
        NodePrivateKey key = of(bytes);
        Arrays.fill(bytes, (byte) 0);
        return key;
    }

    /** From the text form {@code privkey:<64 hex digits>}; throws {@link KeyFormatException}. */
    public static NodePrivateKey parse(String text) {
        return new NodePrivateKey(KeyText.parse(PREFIX, text, WHAT));
    }

    /** From the base64 form that {@code wg} uses; throws {@link KeyFormatException}. */
    public static NodePrivateKey parseBase64(String text) {
        return new NodePrivateKey(KeyText.parseBase64(text, WHAT));
    }

    /** The public half. */
    public NodePublicKey publicKey() {
        NodePublicKey made = publicKey;
        if (made == null) {
            made = with(bytes -> {
                byte[] point = new byte[KeyText.LENGTH];
                KeyAgreement.inForce().publish(bytes, point);
                return NodePublicKey.of(point);
            });
            publicKey = made;
        }
        return made;
    }

    /**
     * The X25519 shared secret with {@code peer} into {@code secret} (32 bytes). False when it is all zero, which a
     * low-order point gives (RFC 7748 section 6.1); the caller then fails.
     */
    public boolean agree(NodePublicKey peer, byte[] secret) {
        return with(bytes -> KeyAgreement.inForce().agree(bytes, peer.bytes(), secret));
    }

    /** The secret text form {@code privkey:<64 hex digits>}, for key files only. */
    public String secretText() {
        return PREFIX + hex();
    }
}
