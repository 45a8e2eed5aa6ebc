package dev.warren.loadtest.bench;

import dev.warren.protocol.crypto.Aead;
import java.nio.ByteBuffer;
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

    /** The JDK's, or none, which leaves our own part. */
    @Param({"jdk", "none"})
    public String cipher = "";

    /** The length of the IP packet. */
    @Param({"64", "1420"})
    public int bytes;

    private WireGuardEnd[] ends = new WireGuardEnd[0];
    private byte[] packet = new byte[0];
    private byte[] message = new byte[0];
    private ByteBuffer messageHeader = ByteBuffer.allocate(0);
    private long counter;

    /** Two ends with a session, and a message for {@link #receive}. */
    @Setup
    public void connect() {
        Aead.Factory ciphers =
                switch (cipher) {
                    case "jdk" -> key -> new RepeatingCipher(Aead.of(key));
                    case "none" -> _ -> new NoCipher();
                    default -> throw new IllegalArgumentException(cipher);
                };
        ends = WireGuardEnd.pair(new Random(1), ciphers);
        ends[0].connect(ends[1], NOW_NANOS);
        packet = WireGuardEnd.packet(bytes);
        int length = send();
        message = new byte[length];
        int _ = ends[0].copySent(message);
        messageHeader = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
        counter = messageHeader.getLong(COUNTER_AT);
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
        messageHeader.putLong(COUNTER_AT, counter++);
        ends[1].take(message, message.length, ends[0], NOW_NANOS);
        return ends[1].deliveredBytes();
    }
}
