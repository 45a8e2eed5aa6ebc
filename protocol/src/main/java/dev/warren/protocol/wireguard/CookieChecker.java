package dev.warren.protocol.wireguard;

import dev.warren.protocol.crypto.Blake2s;
import dev.warren.protocol.crypto.LittleEndian;
import dev.warren.protocol.crypto.XChaCha20Poly1305;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.key.SecretMemory;
import dev.warren.protocol.udprelay.RelayPath;
import java.net.InetSocketAddress;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * The receiver's half of the cookie exchange: checks the MACs of handshake messages and makes cookies, which prove that
 * a sender gets what is sent to its address (paper section 5.3). Its secret changes every two minutes.
 */
final class CookieChecker {
    private static final int SECRET_LENGTH = 32;

    private final RandomGenerator random;
    private final SecretMemory secret = new SecretMemory(SECRET_LENGTH);
    private final byte[] mac1Key;
    private final byte[] cookieKey;
    private long secretUntilNanos = Long.MIN_VALUE;

    CookieChecker(NodePublicKey me, RandomGenerator random) {
        this.random = random;
        this.mac1Key = Macs.mac1Key(me);
        this.cookieKey = Macs.cookieKey(me);
    }

    /** Whether the sender knows our public key. */
    boolean isMac1Valid(byte[] message, int offset, int length) {
        return MessageDigest.isEqual(
                Macs.mac1(mac1Key, message, offset, length), Macs.carriedMac1(message, offset, length));
    }

    /** Whether the sender has the cookie of its address, and so is there. */
    boolean isMac2Valid(byte[] message, int offset, int length, Origin origin, long nowNanos) {
        if (nowNanos >= secretUntilNanos) {
            return false;
        }
        byte[] cookie = cookie(origin);
        byte[] expected = Macs.mac2(cookie, message, offset, length);
        Arrays.fill(cookie, (byte) 0);
        return MessageDigest.isEqual(expected, Macs.carriedMac2(message, offset, length));
    }

    /** The answer to a handshake message when we are busy. Both kinds have their sender index in the same place. */
    CookieReplyMessage reply(byte[] message, int offset, int length, Origin origin, long nowNanos) {
        if (nowNanos >= secretUntilNanos) {
            byte[] fresh = new byte[SECRET_LENGTH];
            random.nextBytes(fresh);
            secret.take(0, fresh);
            secretUntilNanos = nowNanos + Constants.COOKIE_SECRET_NANOS;
        }
        byte[] nonce = new byte[XChaCha20Poly1305.NONCE_LENGTH];
        random.nextBytes(nonce);
        byte[] cookie = cookie(origin);
        byte[] sealed = XChaCha20Poly1305.seal(cookieKey, nonce, Macs.carriedMac1(message, offset, length), cookie);
        Arrays.fill(cookie, (byte) 0);
        int sender = LittleEndian.readInt(message, offset + MessageType.FIELD_LENGTH);
        return new CookieReplyMessage(sender, Ciphertext.of(nonce), Ciphertext.of(sealed));
    }

    /** Wipes the secret; cookies made with it are worth nothing any more. */
    void close() {
        secret.close();
        secretUntilNanos = Long.MIN_VALUE;
    }

    /** Whether nothing is left of the secret. */
    boolean isWiped() {
        return secret.isZero();
    }

    private byte[] cookie(Origin origin) {
        byte[] copy = secret.bytes();
        Blake2s mac = new Blake2s(Macs.LENGTH, copy);
        Arrays.fill(copy, (byte) 0);
        switch (origin) {
            case Origin.Direct direct -> update(mac, direct.address());
            case Origin.ThroughUdpRelay(RelayPath path) -> {
                byte[] number = new byte[Integer.BYTES];
                LittleEndian.writeInt(number, 0, path.vni());
                update(mac, path.server());
                mac.update(number);
            }
            case Origin.Relayed(int region, NodePublicKey key) -> {
                byte[] number = new byte[Integer.BYTES];
                LittleEndian.writeInt(number, 0, region);
                mac.update(number).update(key.bytes());
            }
        }
        return mac.finish();
    }

    private static void update(Blake2s mac, InetSocketAddress address) {
        mac.update(address.getAddress().getAddress());
        mac.update(new byte[] {(byte) (address.getPort() >>> 8), (byte) address.getPort()});
    }
}
