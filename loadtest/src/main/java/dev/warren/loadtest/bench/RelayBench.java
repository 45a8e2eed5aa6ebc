package dev.warren.loadtest.bench;

import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.relay.client.Packets;
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

/** A packet's way through the relay. */
@Title("Relay: forwarding")
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RelayBench {
    /** A relay with two clients. */
    @State(Scope.Thread)
    public static class Room {
        /** The length of the packet. */
        @Param({"64", "1420"})
        public int bytes;

        private @Nullable RelayRoom room;

        /** Logs the clients in. */
        @Setup
        public void open() {
            room = new RelayRoom(bytes, new Random(1));
        }
    }

    private final byte[] sender = new byte[NodePublicKey.LENGTH];
    private final ByteBuf frame = Unpooled.directBuffer().writeZero(Frame.HEADER_LENGTH + NodePublicKey.LENGTH + 64);

    /** A sent frame made a received one. */
    @Benchmark
    @Title("frame readdressed in place")
    public ByteBuf readdress() {
        Packets.readdress(frame, 0, sender);
        return frame;
    }

    /** One frame a read, one a write: everything between the two sockets, with a copy into the first buffer. */
    @Benchmark
    @Title("frame read, routed and written")
    public long forward(Room room) {
        return room.room == null ? 0 : room.room.forward();
    }
}
