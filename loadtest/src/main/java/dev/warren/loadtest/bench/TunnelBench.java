package dev.warren.loadtest.bench;

import dev.warren.protocol.crypto.JdkPacketCipher;
import dev.warren.protocol.crypto.PacketCipher;
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

/** The whole way of a packet through a WireGuard device, without sockets and TUN. */
@Title("WireGuard data")
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class TunnelBench {
    private static final long NOW_NANOS = 1_000_000_000L;
    /** Where a data message has its counter (WireGuard paper section 5.4.6). */
    private static final int COUNTER_AT = 8;

    private static final ValueLayout.OfLong COUNTER =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** The JDK's, or none, which leaves our own part. */
    @Param({"jdk", "none"})
    public String cipher = "";

    /** The length of the IP packet. */
    @Param({"64", "1420"})
    public int bytes;

    private WireGuardEnd[] ends = new WireGuardEnd[0];
    private MemorySegment packet = MemorySegment.NULL;
    private MemorySegment message = MemorySegment.NULL;
    private long counter;

    /** Two ends with a session, and a message for {@link #receive}. */
    @Setup
    public void connect() {
        PacketCipher.Factory ciphers =
                switch (cipher) {
                    case "jdk" -> RepeatingCipher.repeating(JdkPacketCipher.FACTORY);
                    case "none" -> NoCipher.FACTORY;
                    default -> throw new IllegalArgumentException(cipher);
                };
        ends = WireGuardEnd.pair(new Random(1), ciphers);
        ends[0].connect(ends[1], NOW_NANOS);
        packet = WireGuardEnd.packet(bytes);
        int length = send();
        message = Arena.ofAuto().allocate(length);
        int _ = ends[0].copySent(message);
        counter = message.get(COUNTER, COUNTER_AT);
    }

    /** From the TUN to the socket: allowed-ips, header, padding, sealing, timers. */
    @Benchmark
    @Title("packet sealed and sent")
    public int send() {
        // Sealed in place before: it has to be an IP packet again.
        WireGuardEnd.writeHeader(packet);
        ends[0].send(packet, NOW_NANOS);
        return ends[0].sentLength();
    }

    /** From the socket to the TUN: session, opening (with a copy), replay, timers, allowed-ips. */
    @Benchmark
    @Title("message opened and delivered")
    public long receive() {
        message.set(COUNTER, COUNTER_AT, counter++);
        ends[1].take(message, (int) message.byteSize(), ends[0], NOW_NANOS);
        return ends[1].deliveredBytes();
    }
}
