package dev.warren.loadtest.bench;

import dev.warren.protocol.crypto.Aead;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** The JDK's cipher as its manual says, for comparison with our use of it. */
final class BareCipher implements Aead {
    private final SecretKeySpec key;
    private final Cipher cipher;
    private final byte[] nonce = new byte[12];
    private final ByteBuffer counterAt =
            ByteBuffer.wrap(nonce, 4, Long.BYTES).slice().order(ByteOrder.LITTLE_ENDIAN);

    BareCipher(byte[] key) {
        this.key = new SecretKeySpec(key, "ChaCha20");
        try {
            this.cipher = Cipher.getInstance("ChaCha20-Poly1305");
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException(missing);
        }
    }

    @Override
    public void seal(long counter, byte[] associated, byte[] buffer, int offset, int length) {
        try {
            run(Cipher.ENCRYPT_MODE, counter, buffer, offset, length);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    @Override
    public boolean open(long counter, byte[] associated, byte[] buffer, int offset, int length) {
        try {
            run(Cipher.DECRYPT_MODE, counter, buffer, offset, length);
            return true;
        } catch (AEADBadTagException forged) {
            return false;
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    @Override
    public void close() {}

    private void run(int mode, long counter, byte[] buffer, int offset, int length) throws GeneralSecurityException {
        counterAt.putLong(0, counter);
        cipher.init(mode, key, new IvParameterSpec(nonce));
        int _ = cipher.doFinal(buffer, offset, length, buffer, offset);
    }
}
