package dev.warren.loadtest.bench;

import dev.warren.protocol.crypto.Aead;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.modes.ChaCha20Poly1305;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.crypto.params.ParametersWithIV;

/** BouncyCastle's, in Java alone, for comparison. */
final class BouncyCastleCipher implements Aead {
    private final KeyParameter key;
    private final ChaCha20Poly1305 cipher = new ChaCha20Poly1305();
    private final byte[] nonce = new byte[12];
    private final ByteBuffer counterAt =
            ByteBuffer.wrap(nonce, 4, Long.BYTES).slice().order(ByteOrder.LITTLE_ENDIAN);

    BouncyCastleCipher(byte[] key) {
        this.key = new KeyParameter(key);
    }

    @Override
    public void seal(long counter, byte[] associated, byte[] buffer, int offset, int length) {
        try {
            run(true, counter, buffer, offset, length);
        } catch (InvalidCipherTextException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    @Override
    public boolean open(long counter, byte[] associated, byte[] buffer, int offset, int length) {
        try {
            run(false, counter, buffer, offset, length);
            return true;
        } catch (InvalidCipherTextException forged) {
            return false;
        }
    }

    @Override
    public void close() {}

    private void run(boolean sealing, long counter, byte[] buffer, int offset, int length)
            throws InvalidCipherTextException {
        counterAt.putLong(0, counter);
        cipher.init(sealing, new ParametersWithIV(key, nonce));
        int done = cipher.processBytes(buffer, offset, length, buffer, offset);
        int _ = cipher.doFinal(buffer, offset + done);
    }
}
