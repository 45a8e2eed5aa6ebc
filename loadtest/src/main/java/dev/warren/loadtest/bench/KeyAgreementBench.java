package dev.warren.loadtest.bench;

import dev.warren.platform.crypto.LibcryptoX25519;
import dev.warren.protocol.crypto.JavaX25519;
import dev.warren.protocol.crypto.X25519;
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

/** X25519, which handshakes spend most of their time on. */
@Title("X25519")
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class KeyAgreementBench {
    /** The implementation. */
    @Param({"libcrypto", "java"})
    public String x25519 = "";

    private final byte[] mine = new byte[X25519.LENGTH];
    private final byte[] theirs = new byte[X25519.LENGTH];
    private final byte[] result = new byte[X25519.LENGTH];
    private X25519 tested = JavaX25519.INSTANCE;

    /** The implementation of that name. */
    static X25519 named(String name) {
        return switch (name) {
            case "libcrypto" -> Objects.requireNonNull(LibcryptoX25519.find(), "there is no libcrypto 3 here");
            case "java" -> JavaX25519.INSTANCE;
            default -> throw new IllegalArgumentException(name);
        };
    }

    /** Makes two keys. */
    @Setup
    public void prepare() {
        Random random = new Random(1);
        random.nextBytes(mine);
        random.nextBytes(result);
        JavaX25519.INSTANCE.publish(result, theirs);
        tested = named(x25519);
    }

    /** The secret of two keys. */
    @Benchmark
    @Title("secret of two keys")
    public byte[] agree() {
        if (!tested.agree(mine, theirs, result)) {
            throw new IllegalStateException("a key that was made is refused");
        }
        return result;
    }

    /** The public half of a private key. */
    @Benchmark
    @Title("public key of a private key")
    public byte[] publish() {
        tested.publish(mine, result);
        return result;
    }
}
