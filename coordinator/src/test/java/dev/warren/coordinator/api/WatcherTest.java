package dev.warren.coordinator.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.coordinator.topology.Topology;
import dev.warren.protocol.coordination.Json;
import dev.warren.protocol.coordination.KnownNode;
import dev.warren.protocol.coordination.MeshId;
import dev.warren.protocol.coordination.NodeRecord;
import dev.warren.protocol.coordination.NodeStatement;
import dev.warren.protocol.coordination.SignedNodeRecord;
import dev.warren.protocol.coordination.WatchFrame;
import dev.warren.protocol.derp.DerpMap;
import dev.warren.protocol.key.DiscoPrivateKey;
import dev.warren.protocol.key.IdentityPrivateKey;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.testing.Seeds;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class WatcherTest {
    private final RandomGenerator random = Seeds.random(1);
    private final MeshId mesh = MeshId.generate(random);
    private final Topology topology = new Topology(mesh, 100, DerpMap.EMPTY);
    private final IdentityPrivateKey viewer = IdentityPrivateKey.generate(random);
    private final Reader reader = new Reader();
    private final Counting frames = new Counting();
    private long sequence;

    /** A reader that can be slow. */
    private static final class Reader implements Watcher.Sink {
        private final List<WatchFrame> frames = new ArrayList<>();
        private boolean full;
        private boolean ended;

        @Override
        public void write(Buffer line) {
            String text = line.toString();
            assertTrue(text.endsWith("\n") && text.indexOf('\n') == text.length() - 1, text);
            frames.add(Json.decodeText(text, WatchFrame.class));
        }

        @Override
        public boolean isFull() {
            return full;
        }

        @Override
        public void end() {
            ended = true;
        }

        WatchFrame last() {
            return frames.getLast();
        }
    }

    private static final class Counting implements Watcher.Frames {
        private int count;

        @Override
        public Buffer line(WatchFrame.Delta delta) {
            return Watcher.line(delta);
        }

        @Override
        public void written() {
            count++;
        }
    }

    @Test
    void aNewWatcherGetsEverything() {
        change();
        watcher(0);
        assertEquals(101, assertInstanceOf(WatchFrame.Full.class, reader.last()).revision());
        assertEquals(1, frames.count);
    }

    @Test
    void aKnownRevisionIsBuiltOn() {
        change();
        change();
        watcher(101);
        assertEquals(new WatchFrame.KeepAlive(101), reader.frames.getFirst());
        assertEquals(
                102, assertInstanceOf(WatchFrame.Delta.class, reader.last()).revision());
    }

    @Test
    void aSlowReaderGetsNothingMoreUntilItReads() {
        change();
        Watcher watcher = watcher(0);
        reader.full = true;
        for (int i = 0; i < 10; i++) {
            change();
            watcher.pump(topology.snapshot(), 10);
        }
        assertEquals(1, reader.frames.size());
        reader.full = false;
        watcher.pump(topology.snapshot(), 20);
        assertEquals(11, reader.frames.size());
        assertEquals(
                111, assertInstanceOf(WatchFrame.Delta.class, reader.last()).revision());
    }

    @Test
    void aReaderTooFarBehindGetsEverythingAnew() {
        change();
        Watcher watcher = watcher(0);
        reader.full = true;
        for (int i = 0; i < 300; i++) {
            change();
        }
        reader.full = false;
        watcher.pump(topology.snapshot(), 20);
        assertEquals(2, reader.frames.size());
        assertEquals(401, assertInstanceOf(WatchFrame.Full.class, reader.last()).revision());
    }

    @Test
    void aReaderThatStallsHasToGo() {
        change();
        Watcher watcher = watcher(0);
        reader.full = true;
        assertTrue(watcher.tick(topology.snapshot(), 1_000));
        assertTrue(watcher.tick(topology.snapshot(), 1_000 + Watcher.STALL_MILLIS - 1));
        assertFalse(watcher.tick(topology.snapshot(), 1_000 + Watcher.STALL_MILLIS));
    }

    @Test
    void aReaderThatReadsNowAndThenStays() {
        change();
        Watcher watcher = watcher(0);
        for (long now = 0; now < 10 * Watcher.STALL_MILLIS; now += 1_000) {
            reader.full = now % 20_000 != 0;
            assertTrue(watcher.tick(topology.snapshot(), now));
        }
    }

    @Test
    void aQuietStreamIsKeptAlive() {
        change();
        Watcher watcher = watcher(0);
        for (long now = 0; now < 125_000; now += 1_000) {
            assertTrue(watcher.tick(topology.snapshot(), now));
        }
        assertEquals(3, reader.frames.size());
        assertEquals(new WatchFrame.KeepAlive(101), reader.last());
    }

    @Test
    void aViewerThatIsNoMemberAnyMoreIsLetGo() {
        change();
        Watcher watcher = watcher(0);
        topology.remove(viewer.publicKey());
        for (int i = 0; i < 300; i++) {
            other();
        }
        watcher.pump(topology.snapshot(), 1);
        assertTrue(reader.ended);
    }

    private Watcher watcher(long haveRevision) {
        Watcher watcher = new Watcher(viewer.publicKey(), reader, frames, haveRevision);
        watcher.begin(topology.snapshot(), 0);
        return watcher;
    }

    private void change() {
        put(viewer);
    }

    private void other() {
        put(IdentityPrivateKey.generate(random));
    }

    private void put(IdentityPrivateKey key) {
        sequence++;
        NodeStatement statement = NodeStatement.of(
                mesh,
                key.publicKey(),
                sequence,
                NodePrivateKey.generate(random).publicKey(),
                DiscoPrivateKey.generate(random).publicKey(),
                List.of(),
                0);
        NodeRecord record = new NodeRecord(
                "n", SignedNodeRecord.sign(statement, key), List.of(), List.of(), List.of(), 1, true, null);
        topology.put(new KnownNode(record, statement));
        topology.publish();
    }
}
