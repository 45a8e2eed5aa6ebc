package dev.warren.loadtest.bench;

import dev.warren.protocol.udprelay.GeneveHeader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
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

/** What the agent does around the tunnel: telling kinds of packets apart, the path's choice, counters; no cipher. */
@Title("Agent's engine, without a cipher")
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class AgentBench {
    private static final int BYTES = 1420;
    private static final int COUNTER_AT = 8;
    private static final ValueLayout.OfLong COUNTER =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final long NOW_NANOS = AgentEnd.connectedNanos();

    /** The path between the two. */
    @Param({"direct", "udp-relay", "relay"})
    public String path = "";

    private AgentEnd[] ends = new AgentEnd[0];
    private final MemorySegment packet = WireGuardEnd.packet(BYTES);
    private MemorySegment message = MemorySegment.NULL;
    private int counterAt;
    private long counter;
    private boolean relayed;

    /** Two agents that found each other; fails when the packets do not take the path that is to be measured. */
    @Setup
    public void connect() {
        relayed = path.equals("relay");
        boolean udpRelayed = path.equals("udp-relay");
        AgentEnd.Way way = relayed ? AgentEnd.Way.RELAY : udpRelayed ? AgentEnd.Way.UDP_RELAY : AgentEnd.Way.DIRECT;
        ends = AgentEnd.connected(way, new Random(1), NoCipher.FACTORY);
        int directBefore = ends[0].directCount();
        int udpRelayedBefore = ends[0].udpRelayedCount();
        int relayedBefore = ends[0].relayedCount();
        send();
        byte[] sent = udpRelayed ? ends[0].copySentToUdpRelay() : ends[0].copySent();
        message = Arena.ofAuto().allocate(sent.length);
        message.copyFrom(MemorySegment.ofArray(sent));
        counterAt = COUNTER_AT + (udpRelayed ? GeneveHeader.LENGTH : 0);
        boolean asWanted = ends[0].relayedCount() - relayedBefore == (relayed ? 1 : 0)
                && ends[0].udpRelayedCount() - udpRelayedBefore == (udpRelayed ? 1 : 0)
                && ends[0].directCount() - directBefore == (relayed || udpRelayed ? 0 : 1);
        if (!asWanted) {
            throw new IllegalStateException("the packet took another path than: " + path);
        }
        counter = message.get(COUNTER, counterAt);
        long before = receive();
        if (receive() != before + BYTES) {
            throw new IllegalStateException("the message was not delivered");
        }
    }

    /** From the TUN to the socket or the relay's connection. */
    @Benchmark
    @Title("packet sent")
    public int send() {
        WireGuardEnd.writeHeader(packet);
        ends[0].send(packet, NOW_NANOS);
        return ends[0].relayedCount();
    }

    /** From the socket or the relay's connection to the TUN. */
    @Benchmark
    @Title("message delivered")
    public long receive() {
        message.set(COUNTER, counterAt, counter++);
        ends[1].take(relayed, message, ends[0], NOW_NANOS);
        return ends[1].deliveredBytes();
    }
}
