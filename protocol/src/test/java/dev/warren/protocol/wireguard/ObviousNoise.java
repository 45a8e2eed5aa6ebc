package dev.warren.protocol.wireguard;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.digests.Blake2sDigest;
import org.bouncycastle.crypto.macs.HMac;
import org.bouncycastle.crypto.modes.ChaCha20Poly1305;
import org.bouncycastle.crypto.params.AEADParameters;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.math.ec.rfc7748.X25519;

/**
 * One handshake the obvious way: the formulas of the paper's sections 5.4.2, 5.4.3, 5.4.5 and 5.4.6 in their order, seen
 * from above with the private keys of both ends, on BouncyCastle's primitives and nothing of ours. Slow and short, to
 * compare with.
 */
final class ObviousNoise {
    private final NodePrivateKey initiator;
    private final NodePrivateKey responder;
    private byte[] c = new byte[0];
    private byte[] h = new byte[0];
    private byte[] ephemeral = new byte[0];
    byte[] fromInitiator = new byte[0];
    byte[] fromResponder = new byte[0];

    ObviousNoise(NodePrivateKey initiator, NodePrivateKey responder) {
        this.initiator = initiator;
        this.responder = responder;
    }

    /** The first message. */
    byte[] initiation(byte[] newEphemeral, int sender, byte[] timestamp) {
        ephemeral = newEphemeral;
        byte[] receiverKey = responder.publicKey().bytes();
        c = hash("Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s".getBytes(US_ASCII));
        h = hash(c, "WireGuard v1 zx2c4 Jason@zx2c4.com".getBytes(US_ASCII));
        h = hash(h, receiverKey);
        byte[] ephemeralPublic = publicKey(ephemeral);
        c = kdf(1, c, ephemeralPublic)[0];
        h = hash(h, ephemeralPublic);
        byte[][] next = kdf(2, c, dh(ephemeral, responder.publicKey()));
        byte[] sealedStatic = seal(next[1], 0, initiator.publicKey().bytes(), h);
        h = hash(h, sealedStatic);
        next = kdf(2, next[0], dh(initiator.bytes(), responder.publicKey()));
        c = next[0];
        byte[] sealedTimestamp = seal(next[1], 0, timestamp, h);
        h = hash(h, sealedTimestamp);
        return withMacs(receiverKey, join(word(1), word(sender), ephemeralPublic, sealedStatic, sealedTimestamp));
    }

    /** The second message; after it the transport keys are there. */
    byte[] response(byte[] newEphemeral, int sender, int receiver, byte[] preshared) {
        byte[] ephemeralPublic = publicKey(newEphemeral);
        c = kdf(1, c, ephemeralPublic)[0];
        h = hash(h, ephemeralPublic);
        c = kdf(1, c, dh(newEphemeral, NodePublicKey.of(publicKey(ephemeral))))[0];
        c = kdf(1, c, dh(newEphemeral, initiator.publicKey()))[0];
        byte[][] next = kdf(3, c, preshared);
        h = hash(h, next[1]);
        byte[] sealedNothing = seal(next[2], 0, new byte[0], h);
        byte[][] transport = kdf(2, next[0], new byte[0]);
        fromInitiator = transport[0];
        fromResponder = transport[1];
        return withMacs(
                initiator.publicKey().bytes(),
                join(word(2), word(sender), word(receiver), ephemeralPublic, sealedNothing));
    }

    /** A data message under one of the transport keys. */
    static byte[] data(byte[] key, int receiver, long counter, byte[] packet) {
        byte[] padded = Arrays.copyOf(packet, (packet.length + 15) / 16 * 16);
        byte[] number = ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(counter)
                .array();
        return join(word(4), word(receiver), number, seal(key, counter, padded, new byte[0]));
    }

    private static byte[] withMacs(byte[] receiverKey, byte[] message) {
        byte[] mac1 = new byte[16];
        Blake2sDigest keyed = new Blake2sDigest(hash("mac1----".getBytes(US_ASCII), receiverKey), 16, null, null);
        keyed.update(message, 0, message.length);
        keyed.doFinal(mac1, 0);
        return join(message, mac1, new byte[16]);
    }

    private static byte[] hash(byte[]... parts) {
        Blake2sDigest digest = new Blake2sDigest(256);
        byte[] input = join(parts);
        digest.update(input, 0, input.length);
        byte[] out = new byte[32];
        digest.doFinal(out, 0);
        return out;
    }

    private static byte[][] kdf(int outputs, byte[] key, byte[] input) {
        byte[] secret = hmac(key, input);
        byte[][] out = new byte[outputs][];
        byte[] last = new byte[0];
        for (int i = 0; i < outputs; i++) {
            last = hmac(secret, join(last, new byte[] {(byte) (i + 1)}));
            out[i] = last;
        }
        return out;
    }

    private static byte[] hmac(byte[] key, byte[] input) {
        HMac mac = new HMac(new Blake2sDigest(256));
        mac.init(new KeyParameter(key));
        mac.update(input, 0, input.length);
        byte[] out = new byte[32];
        mac.doFinal(out, 0);
        return out;
    }

    private static byte[] dh(byte[] secret, NodePublicKey other) {
        byte[] out = new byte[32];
        X25519.calculateAgreement(secret, 0, other.bytes(), 0, out, 0);
        return out;
    }

    private static byte[] publicKey(byte[] secret) {
        byte[] out = new byte[32];
        X25519.scalarMultBase(secret, 0, out, 0);
        return out;
    }

    private static byte[] seal(byte[] key, long counter, byte[] plaintext, byte[] associated) {
        byte[] nonce = ByteBuffer.allocate(12)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(0)
                .putLong(counter)
                .array();
        ChaCha20Poly1305 cipher = new ChaCha20Poly1305();
        cipher.init(true, new AEADParameters(new KeyParameter(key), 128, nonce, associated));
        byte[] out = new byte[plaintext.length + 16];
        try {
            int written = cipher.processBytes(plaintext, 0, plaintext.length, out, 0);
            cipher.doFinal(out, written);
        } catch (InvalidCipherTextException impossible) {
            throw new AssertionError(impossible);
        }
        return out;
    }

    private static byte[] word(int value) {
        return ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array();
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            joined.writeBytes(part);
        }
        return joined.toByteArray();
    }
}
