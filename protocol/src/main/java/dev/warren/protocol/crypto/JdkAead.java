package dev.warren.protocol.crypto;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.IvParameterSpec;

/**
 * The JDK's ChaCha20-Poly1305. The JDK wants an {@code init} for each packet, which copies key and nonce (about 2 KB of
 * garbage), and throws for a bad tag; both stay inside this class.
 */
final class JdkAead implements Aead {
    static final int NONCE_LENGTH = 12;
    private static final String ALGORITHM = "ChaCha20-Poly1305";

    private final Key key;
    private final Cipher cipher;
    private final byte[] nonce = new byte[NONCE_LENGTH];

    JdkAead(byte[] key) {
        if (key.length != KEY_LENGTH) {
            throw new IllegalArgumentException("a ChaCha20 key has 32 bytes, not " + key.length);
        }
        this.key = new Key(key.clone());
        try {
            this.cipher = Cipher.getInstance(ALGORITHM);
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("this Java runtime has no " + ALGORITHM, missing);
        }
    }

    @Override
    public void seal(long counter, byte[] associated, byte[] buffer, int offset, int length) {
        LittleEndian.writeLong(nonce, 4, counter);
        sealWithNonce(nonce, associated, buffer, offset, length);
    }

    @Override
    public boolean open(long counter, byte[] associated, byte[] buffer, int offset, int length) {
        if (length < TAG_LENGTH) {
            return false;
        }
        LittleEndian.writeLong(nonce, 4, counter);
        try {
            run(Cipher.DECRYPT_MODE, nonce, associated, buffer, offset, length);
            return true;
        } catch (AEADBadTagException forged) {
            return false;
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    @Override
    public void close() {
        Arrays.fill(key.bytes, (byte) 0);
    }

    /** As {@link #seal} under any 12-byte nonce, so that the vectors of RFC 8439 apply. */
    void sealWithNonce(byte[] anyNonce, byte[] associated, byte[] buffer, int offset, int length) {
        try {
            run(Cipher.ENCRYPT_MODE, anyNonce, associated, buffer, offset, length);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private void run(int mode, byte[] iv, byte[] associated, byte[] buffer, int offset, int length)
            throws GeneralSecurityException {
        cipher.init(mode, key, new IvParameterSpec(iv));
        if (associated.length > 0) {
            cipher.updateAAD(associated);
        }
        int _ = cipher.doFinal(buffer, offset, length, buffer, offset);
    }

    /** A key that can be wiped, which SecretKeySpec can't. */
    private static final class Key implements SecretKey {
        private static final long serialVersionUID = 1L;

        private final byte[] bytes;

        Key(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public String getAlgorithm() {
            return "ChaCha20";
        }

        @Override
        public String getFormat() {
            return "RAW";
        }

        @Override
        public byte[] getEncoded() {
            return bytes.clone();
        }
    }
}
