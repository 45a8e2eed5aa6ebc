package dev.warren.loadtest.bench;

import dev.warren.protocol.key.NodePublicKey;
import dev.warren.relay.client.KeyTable;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The relay's look-up of a destination by the 32 bytes in its frame, in random order. */
@Title("Relay: destination look-up")
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LookupBench {
    private static final int MAX_ASKED = 1 << 18;

    /** How many clients are connected. */
    @Param({"1", "10000", "1000000"})
    public int keys;

    private final KeyTable<Integer> table = new KeyTable<>();
    private ByteBuf asked = Unpooled.EMPTY_BUFFER;
    private int count;
    private int next;

    /** Fills the table. */
    @Setup
    public void fill() {
        Random random = new Random(1);
        count = Math.min(MAX_ASKED, keys);
        asked = Unpooled.directBuffer(count * NodePublicKey.LENGTH);
        byte[] key = new byte[NodePublicKey.LENGTH];
        for (int i = 0; i < keys; i++) {
            random.nextBytes(key);
            table.add(NodePublicKey.of(key), i);
            if (i < count) {
                asked.writeBytes(key);
            }
        }
    }

    /** One that is there. */
    @Benchmark
    @Title("look-up")
    public @Nullable Integer find() {
        next = next + 1 == count ? 0 : next + 1;
        return table.find(asked, next * NodePublicKey.LENGTH);
    }
}
