package dev.warren.coordinator.api;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;
import java.util.random.RandomGenerator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Nonces that cost nothing to give out: time and chance under a MAC of this process. Only those that were used are
 * kept, and only members use them, so strangers cannot fill the book. For all threads.
 */
public final class NonceBook {
    /** A nonce is good for so long. */
    public static final long LIFETIME_MILLIS = 60_000;

    private static final String MAC = "HmacSHA256";
    private static final int CLEAR_BYTES = 16;
    private static final int MAC_BYTES = 16;

    private final SecretKeySpec key;
    private final RandomGenerator random;
    private final Set<String> used = new HashSet<>(); // guarded by this
    private final Queue<Used> oldestFirst = new ArrayDeque<>(); // guarded by this

    private record Used(String nonce, long untilUnixMillis) {}

    /** A book whose nonces no other book accepts. */
    public NonceBook(RandomGenerator random) {
        byte[] secret = new byte[32];
        random.nextBytes(secret);
        this.key = new SecretKeySpec(secret, MAC);
        this.random = random;
    }

    /** A new nonce. */
    public String issue(long nowUnixMillis) {
        byte[] nonce = new byte[CLEAR_BYTES + MAC_BYTES];
        ByteBuffer.wrap(nonce).putLong(nowUnixMillis).putLong(random.nextLong());
        System.arraycopy(mac(nonce), 0, nonce, CLEAR_BYTES, MAC_BYTES);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(nonce);
    }

    /** Whether the nonce is this book's and fresh; it may have been used. */
    public boolean isFresh(String nonce, long nowUnixMillis) {
        byte[] bytes = decoded(nonce);
        if (bytes.length != CLEAR_BYTES + MAC_BYTES || !genuine(bytes)) {
            return false;
        }
        long issued = ByteBuffer.wrap(bytes).getLong();
        return issued <= nowUnixMillis && nowUnixMillis - issued < LIFETIME_MILLIS;
    }

    /** Whether the nonce is this book's, fresh, and used for the first time; from now on it is used. */
    public boolean use(String nonce, long nowUnixMillis) {
        if (!isFresh(nonce, nowUnixMillis)) {
            return false;
        }
        byte[] bytes = decoded(nonce);
        // The canonical text: base64 has spare bits, in which a replay could hide.
        String canonical = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        synchronized (this) {
            forget(nowUnixMillis);
            boolean first = used.add(canonical);
            if (first) {
                oldestFirst.add(new Used(canonical, nowUnixMillis + LIFETIME_MILLIS));
            }
            return first;
        }
    }

    synchronized int size() {
        return used.size();
    }

    private void forget(long nowUnixMillis) {
        for (Used first = oldestFirst.peek();
                first != null && first.untilUnixMillis() <= nowUnixMillis;
                first = oldestFirst.peek()) {
            oldestFirst.remove();
            used.remove(first.nonce());
        }
    }

    private boolean genuine(byte[] bytes) {
        byte[] expected = Arrays.copyOf(mac(bytes), MAC_BYTES);
        byte[] actual = Arrays.copyOfRange(bytes, CLEAR_BYTES, bytes.length);
        return java.security.MessageDigest.isEqual(expected, actual);
    }

    private byte[] mac(byte[] nonce) {
        try {
            Mac mac = Mac.getInstance(MAC);
            mac.init(key);
            mac.update(nonce, 0, CLEAR_BYTES);
            return mac.doFinal();
        } catch (GeneralSecurityException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static byte[] decoded(String nonce) {
        try {
            return Base64.getUrlDecoder().decode(nonce);
        } catch (IllegalArgumentException notBase64) {
            return new byte[0];
        }
    }
}
