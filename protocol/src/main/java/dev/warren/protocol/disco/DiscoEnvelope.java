package dev.warren.protocol.disco;

import dev.warren.protocol.crypto.NaclBox;
import dev.warren.protocol.key.DiscoPublicKey;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A disco packet, the same over UDP and through a relay: magic (6 bytes), the sender's disco key (32), then a NaCl
 * box of nonce (24), tag (16) and the ciphertext of one message (nat-traversal.md section 1.1).
 */
public final class DiscoEnvelope {
    private static final byte[] MAGIC = "TS\ud83d\udcac".getBytes(StandardCharsets.UTF_8);
    private static final int CLEAR_LENGTH = MAGIC.length + DiscoPublicKey.LENGTH;

    /** Bytes in front of the tag: magic, key and nonce. What is shorter is no disco packet (section 1.1). */
    public static final int HEADER_LENGTH = CLEAR_LENGTH + NaclBox.NONCE_LENGTH;
    /** Where the sender's key stands in a packet. */
    public static final int SENDER_AT = MAGIC.length;
    /** What a packet is longer than its message. */
    public static final int OVERHEAD = CLEAR_LENGTH + NaclBox.OVERHEAD;

    private DiscoEnvelope() {}

    /**
     * Whether the {@code length} bytes at {@code offset} are a disco packet by magic and length; costs next to
     * nothing.
     */
    public static boolean looksLike(byte[] buffer, int offset, int length) {
        return length >= HEADER_LENGTH && Arrays.equals(buffer, offset, offset + MAGIC.length, MAGIC, 0, MAGIC.length);
    }

    /** The key that the packet at {@code offset} claims to be from; {@link #looksLike} must be true. */
    public static DiscoPublicKey sender(byte[] buffer, int offset) {
        return DiscoPublicKey.of(buffer, offset + MAGIC.length);
    }

    /** The packet that carries {@code message} from {@code sender} to the other end of {@code box}. */
    public static byte[] seal(NaclBox box, DiscoPublicKey sender, DiscoMessage message, RandomGenerator random) {
        byte[] plain = new byte[DiscoCodec.encodedLength(message)];
        DiscoCodec.encode(message, plain, 0);
        byte[] sealed = box.seal(plain, random);
        byte[] packet = new byte[CLEAR_LENGTH + sealed.length];
        System.arraycopy(MAGIC, 0, packet, 0, MAGIC.length);
        sender.copyTo(packet, MAGIC.length);
        System.arraycopy(sealed, 0, packet, CLEAR_LENGTH, sealed.length);
        return packet;
    }

    /**
     * The message in the packet of {@code length} bytes at {@code offset}, which {@code box} belongs to by its
     * {@link #sender}; null when it is not sealed by that key, or not understood.
     */
    public static @Nullable DiscoMessage open(NaclBox box, byte[] buffer, int offset, int length) {
        if (!looksLike(buffer, offset, length)) {
            return null;
        }
        byte[] plain = box.open(buffer, offset + CLEAR_LENGTH, length - CLEAR_LENGTH);
        return plain == null ? null : DiscoCodec.decode(plain, 0, plain.length);
    }
}
