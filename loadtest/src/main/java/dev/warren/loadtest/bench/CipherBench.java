package dev.warren.loadtest.bench;

import dev.warren.protocol.crypto.Aead;
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

/** ChaCha20-Poly1305 by implementation: ours on the JDK's, the JDK's bare, BouncyCastle's. */
@Title("ChaCha20-Poly1305")
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CipherBench {
    /** Which implementation. */
    @Param({"warren", "jdk", "bouncycastle"})
    public String cipher = "";

    /** The length of the packet. */
    @Param({"64", "1420"})
    public int bytes;

    private Aead aead = Aead.of(new byte[Aead.KEY_LENGTH]);
    private byte[] buffer = new byte[0];
    private byte[] sealed = new byte[0];
    private long counter;

    /** Seals one packet for {@link #open}. */
    @Setup
    public void prepare() {
        byte[] key = new byte[Aead.KEY_LENGTH];
        new Random(1).nextBytes(key);
        aead = switch (cipher) {
            case "warren" -> Aead.of(key);
            case "jdk" -> new BareCipher(key);
            case "bouncycastle" -> new BouncyCastleCipher(key);
            default -> throw new IllegalArgumentException(cipher);
        };
        buffer = new byte[bytes + Aead.TAG_LENGTH];
        aead.seal(0, Aead.NOTHING, buffer, 0, bytes);
        sealed = buffer.clone();
    }

    /** In place, under the next counter. */
    @Benchmark
    @Title("seal")
    public byte[] seal() {
        aead.seal(++counter, Aead.NOTHING, buffer, 0, bytes);
        return buffer;
    }

    /** In place, on a fresh copy, whose making is part of the time. */
    @Benchmark
    @Title("open")
    public boolean open() {
        System.arraycopy(sealed, 0, buffer, 0, sealed.length);
        if (!aead.open(0, Aead.NOTHING, buffer, 0, buffer.length)) {
            throw new IllegalStateException("not authentic");
        }
        return true;
    }
}
