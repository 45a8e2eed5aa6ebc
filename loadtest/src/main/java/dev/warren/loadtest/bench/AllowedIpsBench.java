package dev.warren.loadtest.bench;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.warren.protocol.crypto.JdkPacketCipher;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.wireguard.AllowedIps;
import dev.warren.protocol.wireguard.Device;
import dev.warren.protocol.wireguard.IpPrefix;
import dev.warren.protocol.wireguard.Peer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.UnknownHostException;
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

/** Which peer an address belongs to. */
@Title("Allowed-ips look-up")
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class AllowedIpsBench {
    private static final int ASKED = 1 << 16;
    private static final int PEERS = 10;

    /** The address family. */
    @Param({"4", "6"})
    public int ip;

    /** How many prefixes there are: half of them hosts, the others networks. */
    @Param({"10", "1000", "100000"})
    public int entries;

    private @Nullable AllowedIps table;
    private MemorySegment asked = MemorySegment.NULL;
    private int length;
    private int next;

    /** Fills the table with random prefixes, and asks for addresses in them, in random order. */
    @Setup
    public void fill() throws UnknownHostException {
        Random random = new Random(1);
        Device device = WireGuardEnd.pair(random, JdkPacketCipher.FACTORY)[0].device();
        Peer[] peers = new Peer[PEERS];
        for (int i = 0; i < PEERS; i++) {
            peers[i] = device.addPeer(NodePrivateKey.generate(random).publicKey(), 0);
        }
        length = ip == 4 ? 4 : 16;
        byte[][] addresses = new byte[entries][length];
        for (int i = 0; i < entries; i++) {
            random.nextBytes(addresses[i]);
            int bits = i % 2 == 0 ? 8 * length : 4 * length + random.nextInt(4 * length);
            device.allowedIps().insert(new IpPrefix(InetAddress.getByAddress(addresses[i]), bits), peers[i % PEERS]);
        }
        asked = Arena.ofAuto().allocate((long) ASKED * length);
        for (int i = 0; i < ASKED; i++) {
            MemorySegment.copy(addresses[random.nextInt(entries)], 0, asked, JAVA_BYTE, (long) i * length, length);
        }
        table = device.allowedIps();
    }

    /** One of the addresses. */
    @Benchmark
    @Title("look-up")
    public @Nullable Peer lookup() {
        next = (next + 1) & (ASKED - 1);
        return table == null ? null : table.lookup(asked, (long) next * length, length);
    }
}
