package dev.warren.loadtest.bench;

import dev.warren.protocol.crypto.Aead;

/** Seals and opens nothing: what is left of a packet's way is our own. Only for measuring. */
final class NoCipher implements Aead {
    NoCipher() {}

    @Override
    public void seal(long counter, byte[] associated, byte[] buffer, int offset, int length) {}

    @Override
    public boolean open(long counter, byte[] associated, byte[] buffer, int offset, int length) {
        return true;
    }

    @Override
    public void close() {}
}
