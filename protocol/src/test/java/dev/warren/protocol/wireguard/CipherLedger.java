package dev.warren.protocol.wireguard;

import dev.warren.protocol.crypto.JdkPacketCipher;
import dev.warren.protocol.crypto.PacketCipher;
import java.lang.foreign.MemorySegment;

/** The JDK's ciphers, and how many of them still hold a key. */
final class CipherLedger implements PacketCipher.Factory {
    int made;
    int open;

    @Override
    public PacketCipher of(byte[] key) {
        made++;
        open++;
        return new Listed(JdkPacketCipher.FACTORY.of(key));
    }

    @Override
    public String name() {
        return "ledger";
    }

    private final class Listed implements PacketCipher {
        private final PacketCipher cipher;
        private boolean closed;

        Listed(PacketCipher cipher) {
            this.cipher = cipher;
        }

        @Override
        public void seal(long counter, MemorySegment memory, long offset, int length) {
            cipher.seal(counter, memory, offset, length);
        }

        @Override
        public boolean open(long counter, MemorySegment memory, long offset, int length) {
            return cipher.open(counter, memory, offset, length);
        }

        @Override
        public void close() {
            cipher.close();
            open -= closed ? 0 : 1;
            closed = true;
        }
    }
}
