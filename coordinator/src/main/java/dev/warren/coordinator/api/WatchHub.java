package dev.warren.coordinator.api;

import dev.warren.coordinator.Core;
import dev.warren.coordinator.RefusedException;
import dev.warren.coordinator.topology.TopologySnapshot;
import dev.warren.platform.linux.Clock;
import dev.warren.protocol.coordination.ErrorCode;
import dev.warren.protocol.coordination.WatchFrame;
import dev.warren.protocol.key.IdentityPublicKey;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/** All watch streams. Everything but {@link #wake} runs on one event loop. */
final class WatchHub implements Watcher.Frames {
    /** A node has one stream; a second one while the first has not been noticed to be dead; more is a mistake. */
    static final int MAX_STREAMS_PER_NODE = 3;

    private static final long TICK_MILLIS = 1000;
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final int CACHED_LINES = 16;

    private final Core core;
    private final Context context;
    private final Metrics metrics;
    private final Map<Watcher, HttpServerResponse> watchers = new LinkedHashMap<>();
    private final Map<Long, Buffer> lines = new LinkedHashMap<>();
    private final AtomicBoolean wakeUpSent = new AtomicBoolean();

    WatchHub(Core core, Context context, Metrics metrics) {
        this.core = core;
        this.context = context;
        this.metrics = metrics;
        core.onPublish(this::wake);
        context.owner().setPeriodic(TICK_MILLIS, _ -> context.runOnContext(_ -> tick()));
    }

    /** Begins a stream on {@code response}; throws {@link RefusedException} when {@code viewer} is no member. */
    void begin(IdentityPublicKey viewer, HttpServerResponse response, long haveRevision) {
        TopologySnapshot snapshot = core.snapshot();
        if (!snapshot.nodes().containsKey(viewer)) {
            throw new RefusedException(ErrorCode.NOT_A_MEMBER, "this node is not in the mesh: join with a token");
        }
        closeOldest(viewer);
        Watcher watcher = new Watcher(viewer, new ResponseSink(response), this, haveRevision);
        response.setWriteQueueMaxSize(Watcher.QUEUE_BYTES);
        response.setChunked(true);
        response.putHeader("content-type", "application/x-ndjson");
        response.closeHandler(_ -> ended(watcher));
        response.exceptionHandler(_ -> ended(watcher));
        response.drainHandler(_ -> watcher.pump(core.snapshot(), nowMillis()));
        watchers.put(watcher, response);
        metrics.watchBegan();
        core.watchBegan(viewer);
        watcher.begin(snapshot, nowMillis());
    }

    /** The body of an HTTP answer. */
    private record ResponseSink(HttpServerResponse response) implements Watcher.Sink {
        @Override
        public void write(Buffer line) {
            // A failed write closes the connection, and the close handler sees to the rest.
            var _ = response.write(line);
        }

        @Override
        public boolean isFull() {
            return response.writeQueueFull();
        }

        @Override
        public void end() {
            if (!response.ended()) {
                var _ = response.end();
            }
        }
    }

    /** There is a new snapshot; from any thread. */
    void wake() {
        if (wakeUpSent.compareAndSet(false, true)) {
            context.runOnContext(_ -> pumpAll());
        }
    }

    @Override
    public Buffer line(WatchFrame.Delta delta) {
        Buffer line = lines.computeIfAbsent(delta.revision(), _ -> Watcher.line(delta));
        if (lines.size() > CACHED_LINES) {
            lines.remove(lines.keySet().iterator().next());
        }
        return line;
    }

    @Override
    public void written() {
        metrics.frameWritten();
    }

    private void pumpAll() {
        wakeUpSent.set(false);
        long now = nowMillis();
        TopologySnapshot snapshot = core.snapshot();
        Set.copyOf(watchers.keySet()).forEach(watcher -> watcher.pump(snapshot, now));
    }

    private void tick() {
        long now = nowMillis();
        TopologySnapshot snapshot = core.snapshot();
        for (Map.Entry<Watcher, HttpServerResponse> entry : List.copyOf(watchers.entrySet())) {
            if (!entry.getKey().tick(snapshot, now)) {
                metrics.watcherDropped();
                close(entry.getKey(), entry.getValue());
            }
        }
    }

    private void closeOldest(IdentityPublicKey viewer) {
        List<Map.Entry<Watcher, HttpServerResponse>> mine = new ArrayList<>();
        for (Map.Entry<Watcher, HttpServerResponse> entry : new LinkedHashSet<>(watchers.entrySet())) {
            if (entry.getKey().viewer().equals(viewer)) {
                mine.add(entry);
            }
        }
        if (mine.size() >= MAX_STREAMS_PER_NODE) {
            close(mine.getFirst().getKey(), mine.getFirst().getValue());
        }
    }

    private void close(Watcher watcher, HttpServerResponse response) {
        ended(watcher);
        response.reset();
    }

    private void ended(Watcher watcher) {
        if (watchers.remove(watcher) != null) {
            metrics.watchEnded();
            core.watchEnded(watcher.viewer());
        }
    }

    private static long nowMillis() {
        return Clock.bootTimeNanos() / NANOS_PER_MILLI;
    }
}
