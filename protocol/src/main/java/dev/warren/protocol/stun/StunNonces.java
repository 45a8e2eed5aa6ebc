package dev.warren.protocol.stun;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Makes and recognises the nonces of the long-term credential without remembering any: the time of making and a MAC
 * over it and the asker's address and port, under a key that lives as long as this. Forged sources cost no memory, and
 * no two sources get the same nonce (RFC 8489 section 9.2.4). Thread-safe: all sockets of a server share one.
 */
public final class StunNonces {
    /** How long a nonce is good unless somebody says otherwise; RFC 8656 section 5 has an hour at most. */
    public static final Duration LIFETIME = Duration.ofMinutes(10);

    private static final int KEY_LENGTH = 32;
    private static final int TIME_LENGTH = Long.BYTES;
    private static final int MAC_LENGTH = 16;

    private final byte[] key = new byte[KEY_LENGTH];
    private final long lifetimeNanos;
    private final LongSupplier nanoTime;
    private final long startNanos;

    /**
     * Nonces that are good for {@code lifetime} by the monotonic clock {@code nanoTime}; {@code random} must not be
     * guessable.
     */
    public StunNonces(RandomGenerator random, Duration lifetime, LongSupplier nanoTime) {
        random.nextBytes(key);
        this.lifetimeNanos = lifetime.toNanos();
        this.nanoTime = nanoTime;
        this.startNanos = nanoTime.getAsLong();
    }

    /** A fresh one for whoever asks from this address and port. */
    byte[] make(byte[] address, int port) {
        byte[] body = new byte[TIME_LENGTH + MAC_LENGTH];
        Bytes.putI64(body, 0, nanoTime.getAsLong() - startNanos);
        System.arraycopy(mac(body, address, port), 0, body, TIME_LENGTH, MAC_LENGTH);
        String text = NonceCookie.ours() + Base64.getUrlEncoder().encodeToString(body);
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Whether the nonce is one that this address and port got, not too long ago. */
    boolean isValid(byte[] nonce, byte[] address, int port) {
        byte[] cookie = NonceCookie.ours().getBytes(StandardCharsets.US_ASCII);
        if (nonce.length < cookie.length || !Arrays.equals(nonce, 0, cookie.length, cookie, 0, cookie.length)) {
            return false;
        }
        byte[] body;
        try {
            body = Base64.getUrlDecoder().decode(Arrays.copyOfRange(nonce, cookie.length, nonce.length));
        } catch (IllegalArgumentException notBase64) {
            return false;
        }
        if (body.length != TIME_LENGTH + MAC_LENGTH) {
            return false;
        }
        byte[] claimed = Arrays.copyOfRange(body, TIME_LENGTH, body.length);
        long ageNanos = nanoTime.getAsLong() - startNanos - Bytes.i64(body, 0);
        return MessageDigest.isEqual(mac(body, address, port), claimed) && ageNanos >= 0 && ageNanos < lifetimeNanos;
    }

    private byte[] mac(byte[] body, byte[] address, int port) {
        byte[] covered = ByteBuffer.allocate(TIME_LENGTH + Short.BYTES + address.length)
                .put(body, 0, TIME_LENGTH)
                .putShort((short) port)
                .put(address)
                .array();
        return Arrays.copyOf(StunIntegrity.hmacSha256(key, covered), MAC_LENGTH);
    }
}
