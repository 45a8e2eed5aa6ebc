package dev.warren.loadtest.bench;

import dev.warren.protocol.crypto.PacketCipher;
import java.lang.foreign.MemorySegment;

/** Seals and opens nothing: what is left of a packet's way is our own. Only for measuring. */
final class NoCipher implements PacketCipher {
    /** Makes them. */
    static final Factory FACTORY = new Factory() {
        @Override
        public PacketCipher of(byte[] key) {
            return new NoCipher();
        }

        @Override
        public String name() {
            return "none";
        }
    };

    private NoCipher() {}

    @Override
    public void seal(long counter, MemorySegment memory, long offset, int length) {}

    @Override
    public boolean open(long counter, MemorySegment memory, long offset, int length) {
        return true;
    }

    @Override
    public void close() {}
}
