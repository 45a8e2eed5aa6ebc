package dev.warren.loadtest.bench;

import dev.warren.protocol.crypto.JdkPacketCipher;
import dev.warren.protocol.crypto.KeyAgreement;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The WireGuard handshake, part by part. */
@Title("WireGuard handshake")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class HandshakeBench {
    /** Two ends that know each other. JMH gives no two states the same object, so each has its own. */
    private static final class Ends {
        /** A device starts at most one handshake in five seconds. */
        private static final long STEP_NANOS = 6_000_000_000L;

        private final WireGuardEnd[] ends = WireGuardEnd.pair(new SecureRandom(), JdkPacketCipher.FACTORY);
        private final MemorySegment scratch = Arena.ofAuto().allocate(WireGuardEnd.MAX_MESSAGE);
        private long nowNanos = STEP_NANOS;

        private int initiate() {
            nowNanos += STEP_NANOS;
            ends[0].initiate(nowNanos);
            return ends[0].sentLength();
        }

        private int respond() {
            ends[1].takeFrom(ends[0], scratch, nowNanos);
            return ends[1].sentLength();
        }

        private int finish() {
            ends[0].takeFrom(ends[1], scratch, nowNanos);
            return ends[0].sentLength();
        }

        private int whole() {
            nowNanos += STEP_NANOS;
            ends[0].connect(ends[1], nowNanos);
            return ends[1].sentLength();
        }
    }

    /** Whose X25519 the keys use. */
    @State(Scope.Benchmark)
    public static class Agreement {
        /** The implementation. */
        @Param({"libcrypto", "java"})
        public String x25519 = "";

        /** Puts it in force. */
        @Setup
        public void use() {
            KeyAgreement.use(KeyAgreementBench.named(x25519));
        }
    }

    /** Nothing is on its way. */
    @State(Scope.Thread)
    public static class Fresh {
        private final Ends ends = new Ends();
    }

    /** An initiation is on its way. */
    @State(Scope.Thread)
    public static class Initiated {
        private final Ends ends = new Ends();

        /** Makes it. */
        @Setup(Level.Invocation)
        public void prepare() {
            int _ = ends.initiate();
        }
    }

    /** A response is on its way. */
    @State(Scope.Thread)
    public static class Responded {
        private final Ends ends = new Ends();

        /** Makes it. */
        @Setup(Level.Invocation)
        public void prepare() {
            int _ = ends.initiate();
            int _ = ends.respond();
        }
    }

    /** The first message. */
    @Benchmark
    @Title("1: initiation made")
    public int initiate(Agreement agreement, Fresh fresh) {
        return fresh.ends.initiate();
    }

    /** The second message, from the first. */
    @Benchmark
    @Title("2: initiation taken and answered (B/op with 1)")
    public int respond(Agreement agreement, Initiated initiated) {
        return initiated.ends.respond();
    }

    /** The session's keys and the first data message, from the second. */
    @Benchmark
    @Title("3: response taken, keepalive sealed (B/op with 1 and 2)")
    public int finish(Agreement agreement, Responded responded) {
        return responded.ends.finish();
    }

    /** Both ends' work. */
    @Benchmark
    @Title("whole, both ends, until confirmed")
    public int whole(Agreement agreement, Fresh fresh) {
        return fresh.ends.whole();
    }
}
