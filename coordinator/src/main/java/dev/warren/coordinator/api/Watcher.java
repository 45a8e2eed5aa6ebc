package dev.warren.coordinator.api;

import dev.warren.coordinator.topology.TopologySnapshot;
import dev.warren.protocol.coordination.Json;
import dev.warren.protocol.coordination.WatchFrame;
import dev.warren.protocol.key.IdentityPublicKey;
import io.vertx.core.buffer.Buffer;

/**
 * One watch stream. It holds no frames: it knows which revision it wrote last, and as long as the socket takes more it
 * writes the next change, or the whole mesh when that change is no longer there. What the socket has not taken yet is
 * bounded by its write queue. Lives on the event loop of the API.
 */
final class Watcher {
    /** Bytes that wait for a slow reader; a whole mesh may go over it once. */
    static final int QUEUE_BYTES = 64 * 1024;

    /** A reader that takes nothing for so long is disconnected. */
    static final long STALL_MILLIS = 30_000;

    private static final long NOTHING = -1;

    private final IdentityPublicKey viewer;
    private final Sink sink;
    private final Frames frames;
    private long sentRevision;
    private long wroteAtMillis;
    private long fullSinceMillis = NOTHING;

    /** Makes the lines of changes, once for all watchers of an event loop. */
    interface Frames {
        /** The line of a change. */
        Buffer line(WatchFrame.Delta delta);

        /** A line was written. */
        void written();
    }

    /** Where the lines go. */
    interface Sink {
        /** Takes a line, also when it is full. */
        void write(Buffer line);

        /** Whether more than {@link #QUEUE_BYTES} wait for the reader. */
        boolean isFull();

        /** Ends the stream after what was written. */
        void end();
    }

    Watcher(IdentityPublicKey viewer, Sink sink, Frames frames, long haveRevision) {
        this.viewer = viewer;
        this.sink = sink;
        this.frames = frames;
        this.sentRevision = haveRevision;
    }

    IdentityPublicKey viewer() {
        return viewer;
    }

    /** The first frame: the whole mesh, or, when the viewer's revision can be built on, a keep-alive. */
    void begin(TopologySnapshot snapshot, long nowMillis) {
        if (sentRevision == snapshot.revision() || snapshot.after(sentRevision) != null) {
            write(line(new WatchFrame.KeepAlive(sentRevision)), nowMillis);
        } else {
            sentRevision = NOTHING;
        }
        pump(snapshot, nowMillis);
    }

    /** Writes what is new, as far as the socket takes it. */
    void pump(TopologySnapshot snapshot, long nowMillis) {
        while (sentRevision != snapshot.revision() && !sink.isFull()) {
            WatchFrame.Delta delta = snapshot.after(sentRevision);
            if (delta != null) {
                write(frames.line(delta), nowMillis);
                sentRevision = delta.revision();
            } else {
                WatchFrame.Full full = snapshot.full(viewer);
                if (full == null) {
                    sink.end();
                    return;
                }
                write(line(full), nowMillis);
                sentRevision = snapshot.revision();
            }
        }
    }

    /** Keeps the stream alive; false when its reader has stalled and it has to go. */
    boolean tick(TopologySnapshot snapshot, long nowMillis) {
        if (sink.isFull()) {
            fullSinceMillis = fullSinceMillis == NOTHING ? nowMillis : fullSinceMillis;
            return nowMillis - fullSinceMillis < STALL_MILLIS;
        }
        fullSinceMillis = NOTHING;
        pump(snapshot, nowMillis);
        if (nowMillis - wroteAtMillis >= WatchFrame.KEEP_ALIVE_MILLIS) {
            write(line(new WatchFrame.KeepAlive(sentRevision)), nowMillis);
        }
        return true;
    }

    static Buffer line(WatchFrame frame) {
        return Buffer.buffer(Json.encode((Record) frame)).appendByte((byte) '\n');
    }

    private void write(Buffer line, long nowMillis) {
        sink.write(line);
        wroteAtMillis = nowMillis;
        frames.written();
    }
}
