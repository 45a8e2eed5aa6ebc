package dev.warren.protocol.crypto;

import dev.warren.protocol.key.DiscoPrivateKey;
import dev.warren.protocol.key.DiscoPublicKey;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.bouncycastle.crypto.engines.Salsa20Engine;
import org.bouncycastle.crypto.engines.XSalsa20Engine;
import org.bouncycastle.crypto.macs.Poly1305;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.crypto.params.ParametersWithIV;
import org.bouncycastle.util.Pack;
import org.jspecify.annotations.Nullable;

/**
 * NaCl's crypto_box between one pair of keys: X25519, HSalsa20, then XSalsa20-Poly1305 ("Cryptography in NaCl",
 * Bernstein 2009, sections 5 to 9). A box is laid out as nonce (24 bytes), tag (16), ciphertext. Not for use by two
 * threads at once.
 */
public final class NaclBox {
    /** Bytes of the random nonce in front of a box. */
    public static final int NONCE_LENGTH = 24;
    /** Bytes of the Poly1305 tag. */
    public static final int TAG_LENGTH = 16;
    /** What a box is longer than its content. */
    public static final int OVERHEAD = NONCE_LENGTH + TAG_LENGTH;

    private static final int KEY_LENGTH = 32;
    private static final int SALSA_ROUNDS = 20;
    /** "expand 32-byte k" as four little-endian words. */
    private static final int[] SIGMA = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};

    private final byte[] key;

    private NaclBox(byte[] shared) {
        this.key = hsalsa20(shared);
        Arrays.fill(shared, (byte) 0);
    }

    /**
     * The box between two node keys; both ends get the same one. A low-order key gives a box that opens nothing useful.
     */
    public static NaclBox between(NodePrivateKey mine, NodePublicKey theirs) {
        byte[] shared = new byte[KEY_LENGTH];
        mine.agree(theirs, shared);
        return new NaclBox(shared);
    }

    /** The box between two disco keys; both ends get the same one. */
    public static NaclBox between(DiscoPrivateKey mine, DiscoPublicKey theirs) {
        byte[] shared = new byte[KEY_LENGTH];
        mine.agree(theirs, shared);
        return new NaclBox(shared);
    }

    /** Seals {@code message} under a nonce drawn from {@code random}: nonce, tag, ciphertext. */
    public byte[] seal(byte[] message, RandomGenerator random) {
        byte[] box = new byte[OVERHEAD + message.length];
        byte[] nonce = new byte[NONCE_LENGTH];
        random.nextBytes(nonce);
        System.arraycopy(nonce, 0, box, 0, NONCE_LENGTH);
        XSalsa20Engine stream = stream(nonce);
        Poly1305 mac = oneTimeMac(stream);
        stream.processBytes(message, 0, message.length, box, OVERHEAD);
        mac.update(box, OVERHEAD, message.length);
        mac.doFinal(box, NONCE_LENGTH);
        return box;
    }

    /** What was sealed, or null when the {@code length} bytes at {@code offset} are not a box of this pair. */
    public byte @Nullable [] open(byte[] box, int offset, int length) {
        if (length < OVERHEAD) {
            return null;
        }
        XSalsa20Engine stream = stream(Arrays.copyOfRange(box, offset, offset + NONCE_LENGTH));
        Poly1305 mac = oneTimeMac(stream);
        int size = length - OVERHEAD;
        byte[] tag = new byte[TAG_LENGTH];
        mac.update(box, offset + OVERHEAD, size);
        mac.doFinal(tag, 0);
        int tagAt = offset + NONCE_LENGTH;
        if (!MessageDigest.isEqual(tag, Arrays.copyOfRange(box, tagAt, tagAt + TAG_LENGTH))) {
            return null;
        }
        byte[] message = new byte[size];
        stream.processBytes(box, offset + OVERHEAD, size, message, 0);
        return message;
    }

    private XSalsa20Engine stream(byte[] nonce) {
        XSalsa20Engine stream = new XSalsa20Engine();
        stream.init(true, new ParametersWithIV(new KeyParameter(key), nonce));
        return stream;
    }

    /** The first 32 bytes of the key stream are the Poly1305 key (section 9). */
    private static Poly1305 oneTimeMac(XSalsa20Engine stream) {
        byte[] macKey = new byte[KEY_LENGTH];
        stream.processBytes(macKey, 0, KEY_LENGTH, macKey, 0);
        Poly1305 mac = new Poly1305();
        mac.init(new KeyParameter(macKey));
        return mac;
    }

    /** HSalsa20 of the shared secret and a zero nonce (section 8): the core without its final addition, eight words. */
    private static byte[] hsalsa20(byte[] secret) {
        int[] k = Pack.littleEndianToInt(secret, 0, 8);
        int[] in = {SIGMA[0], k[0], k[1], k[2], k[3], SIGMA[1], 0, 0, 0, 0, SIGMA[2], k[4], k[5], k[6], k[7], SIGMA[3]};
        int[] out = new int[16];
        Salsa20Engine.salsaCore(SALSA_ROUNDS, in, out);
        int[] words = {0, 5, 10, 15, 6, 7, 8, 9};
        byte[] derived = new byte[KEY_LENGTH];
        for (int i = 0; i < words.length; i++) {
            Pack.intToLittleEndian(out[words[i]] - in[words[i]], derived, 4 * i);
        }
        return derived;
    }
}
