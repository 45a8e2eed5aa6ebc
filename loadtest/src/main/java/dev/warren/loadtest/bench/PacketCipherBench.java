package dev.warren.loadtest.bench;

import dev.warren.platform.crypto.LibcryptoCipher;
import dev.warren.platform.crypto.VectorCipher;
import dev.warren.protocol.crypto.JdkPacketCipher;
import dev.warren.protocol.crypto.PacketCipher;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** ChaCha20-Poly1305 as the data path uses it, by implementation. */
@Title("Packets sealed in native memory")
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PacketCipherBench {
    /** As {@code --cipher} calls it. */
    @Param({"libcrypto", "vector", "jdk"})
    public String cipher = "";

    /** The length of the packet. */
    @Param({"64", "1420", "9000"})
    public int bytes;

    private Arena arena = Arena.ofAuto();
    private MemorySegment memory = MemorySegment.NULL;
    private MemorySegment sealed = MemorySegment.NULL;
    private PacketCipher sealing = JdkPacketCipher.FACTORY.of(new byte[PacketCipher.KEY_LENGTH]);
    private PacketCipher opening = sealing;
    private long counter;

    /** Seals one packet for {@link #open}. */
    @Setup
    public void prepare() {
        byte[] key = new byte[PacketCipher.KEY_LENGTH];
        new Random(1).nextBytes(key);
        PacketCipher.Factory factory =
                switch (cipher) {
                    case "libcrypto" -> Objects.requireNonNull(LibcryptoCipher.find(), "there is no libcrypto here");
                    case "vector" -> Objects.requireNonNull(VectorCipher.find(), "this JVM lacks the Vector API");
                    case "jdk" -> JdkPacketCipher.FACTORY;
                    default -> throw new IllegalArgumentException(cipher);
                };
        arena = Arena.ofConfined();
        memory = arena.allocate(bytes + PacketCipher.TAG_LENGTH, 64);
        sealed = arena.allocate(memory.byteSize(), 64);
        sealing = factory.of(key);
        opening = factory.of(key);
        sealing.seal(0, memory, 0, bytes);
        sealed.copyFrom(memory);
    }

    /** Frees all that. */
    @TearDown
    public void free() {
        sealing.close();
        opening.close();
        arena.close();
    }

    /** In place, under the next counter. */
    @Benchmark
    @Title("seal")
    public MemorySegment seal() {
        sealing.seal(++counter, memory, 0, bytes);
        return memory;
    }

    /** In place, on a fresh copy, whose making is part of the time. */
    @Benchmark
    @Title("open")
    public boolean open() {
        MemorySegment.copy(sealed, 0, memory, 0, sealed.byteSize());
        if (!opening.open(0, memory, 0, bytes + PacketCipher.TAG_LENGTH)) {
            throw new IllegalStateException("not authentic");
        }
        return true;
    }
}
