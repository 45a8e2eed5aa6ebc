package dev.warren.loadtest.bench;

import dev.warren.protocol.crypto.Aead;
import java.util.Arrays;

/**
 * Opens its first message with a content again and again, whatever counter it is asked to open under: so one sealed
 * message is enough to measure receiving, which takes each counter once. It costs the copy of the sealed bytes.
 */
final class RepeatingCipher implements Aead {
    private final Aead cipher;
    private byte[] sealed = new byte[0];
    private long sealedCounter;

    RepeatingCipher(Aead cipher) {
        this.cipher = cipher;
    }

    @Override
    public void seal(long counter, byte[] associated, byte[] buffer, int offset, int length) {
        cipher.seal(counter, associated, buffer, offset, length);
    }

    @Override
    public boolean open(long counter, byte[] associated, byte[] buffer, int offset, int length) {
        if (length == sealed.length) {
            System.arraycopy(sealed, 0, buffer, offset, length);
            return cipher.open(sealedCounter, associated, buffer, offset, length);
        }
        if (length > TAG_LENGTH) {
            sealed = Arrays.copyOfRange(buffer, offset, offset + length);
            sealedCounter = counter;
        }
        return cipher.open(counter, associated, buffer, offset, length);
    }

    @Override
    public void close() {
        cipher.close();
    }
}
