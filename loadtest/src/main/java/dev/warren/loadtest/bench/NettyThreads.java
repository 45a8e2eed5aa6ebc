package dev.warren.loadtest.bench;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads that benchmarks run on: such as Netty's event loops have, on which alone it recycles its objects. JMH makes
 * it by its name, and gives it what the constructor takes.
 */
public final class NettyThreads extends ThreadPoolExecutor {
    /** At most {@code count} threads, whose names start with {@code prefix}. */
    public NettyThreads(int count, String prefix) {
        super(count, count, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), new DefaultThreadFactory(prefix, true));
    }
}
