package dev.warren.platform.crypto;

import dev.warren.platform.linux.Clock;
import dev.warren.protocol.crypto.PacketCipher;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.LongSupplier;

/**
 * How long an implementation takes for a packet, by the CPU time of the thread that asks, so that other programs on the
 * machine don't count. It goes on until the compiler has done what it can: until a while brought nothing better.
 */
class CipherMeter {
    /** Bytes of the packet that is measured: a whole one at the usual MTU. */
    static final int LENGTH = 1420;

    private static final int BLOCK_PACKETS = 100;
    /** An implementation that is measured while it is still interpreted takes a hundred microseconds for a packet. */
    private static final int SETTLED_BLOCKS = 60;

    private final LongSupplier nanos;

    CipherMeter(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** By the CPU time of the calling thread. */
    static CipherMeter ofThreadCpu() {
        return new CipherMeter(Clock::threadCpuNanos);
    }

    /** The mean of sealing and opening 1420 bytes, in nanoseconds: of the best block of packets within {@code maxNanos}. */
    double nanosPerPacket(PacketCipher.Factory factory, long maxNanos) throws InterruptedException {
        try (Arena arena = Arena.ofConfined();
                PacketCipher sealing = factory.of(new byte[PacketCipher.KEY_LENGTH]);
                PacketCipher opening = factory.of(new byte[PacketCipher.KEY_LENGTH])) {
            MemorySegment memory = arena.allocate(LENGTH + PacketCipher.TAG_LENGTH, 64);
            long started = nanos.getAsLong();
            long least = Long.MAX_VALUE;
            long counter = 0;
            long before = started;
            for (int settled = 0; settled < SETTLED_BLOCKS && before - started < maxNanos; settled++) {
                for (int i = 0; i < BLOCK_PACKETS; i++) {
                    roundTrip(sealing, opening, counter++, memory);
                }
                long now = nanos.getAsLong();
                if (now - before < least - least / 50) {
                    settled = 0;
                }
                least = Math.min(least, now - before);
                before = now;
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
            }
            return (double) least / (2 * BLOCK_PACKETS);
        }
    }

    private static void roundTrip(PacketCipher sealing, PacketCipher opening, long counter, MemorySegment memory) {
        sealing.seal(counter, memory, 0, LENGTH);
        if (!opening.open(counter, memory, 0, LENGTH + PacketCipher.TAG_LENGTH)) {
            throw new IllegalStateException("a packet that was sealed does not open");
        }
    }
}
