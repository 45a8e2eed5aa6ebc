package dev.warren.loadtest.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.FrameCodec;
import dev.warren.protocol.derp.FrameReader;
import dev.warren.protocol.derp.FrameSink;
import dev.warren.protocol.derp.FrameType;
import dev.warren.protocol.udprelay.GeneveHeader;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Packets cost no garbage: what the relay, the STUN server and the tunnel do for each one allocates nothing, the JDK's
 * cipher excepted (which is why the tunnel runs without one here). The operations are the benchmarks'.
 */
@Timeout(60)
class PerPacketAllocationTest {
    private @Nullable Object seen;

    @Test
    void shouldCatchSixteenBytesInAnOperation() {
        double bytes = AllocationMeter.bytesPerOperation(() -> seen = new Object());

        assertEquals(16, bytes, 0.5, () -> String.valueOf(seen));
    }

    @Test
    void shouldCatchOneObjectInTwentyOperations() {
        int[] count = {0};
        double bytes = AllocationMeter.bytesPerOperation(() -> {
            if (++count[0] % 20 == 0) {
                seen = new Object();
            }
        });

        assertTrue(bytes > AllocationMeter.NOTHING, () -> bytes + " B/op, " + seen);
    }

    @Test
    void shouldWriteAFrameHeader() {
        FrameBench bench = new FrameBench();
        assertNothing(bench::encodeHeader);
    }

    @Test
    void shouldReadAFrameThatLiesWhole() {
        FrameBench bench = new FrameBench();
        assertNothing(bench::decodeFrame);
    }

    @Test
    void shouldReadAFrameThatIsCutAnywhere() {
        byte[] frame = new byte[Frame.HEADER_LENGTH + 200];
        FrameCodec.writeHeader(FrameType.HEALTH, 200, frame, 0);
        FrameReader reader = new FrameReader(new FrameSink() {
            @Override
            public boolean begin(int code, long length) {
                return true;
            }

            @Override
            public void frame(FrameType type, byte[] buffer, int offset, int length) {
                assertEquals(200, length);
            }
        });
        int[] cut = {0};
        assertNothing(() -> {
            cut[0] = (cut[0] + 1) % frame.length;
            reader.receive(frame, 0, cut[0]);
            reader.receive(frame, cut[0], frame.length - cut[0]);
        });
    }

    @Test
    void shouldReaddressAFrame() {
        RelayBench bench = new RelayBench();
        assertNothing(bench::readdress);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 10_000})
    void shouldFindADestination(int keys) {
        LookupBench bench = new LookupBench();
        bench.keys = keys;
        bench.fill();
        assertNothing(bench::find);
    }

    @ParameterizedTest
    @CsvSource({"64, false", "1420, false", "64, true", "1420, true"})
    void shouldTakeAFrameThroughTheRelay(int bytes, boolean forwarded) throws Exception {
        ResourceLeakDetector.Level level = ResourceLeakDetector.getLevel();
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED); // as the launcher does
        try {
            onNettysThread(() -> {
                RelayRoom room = new RelayRoom(bytes, forwarded, new Random(1));
                long before = room.forward();
                assertEquals(before + room.frameBytes(), room.forward());
                assertNothing(room::forward);
            });
        } finally {
            ResourceLeakDetector.setLevel(level);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 1420})
    void shouldSealAndSendAPacket(int bytes) {
        TunnelBench bench = tunnel(bytes);
        assertNothing(bench::send);
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 1420})
    void shouldOpenAndDeliverAMessage(int bytes) {
        TunnelBench bench = tunnel(bytes);
        long before = bench.receive();
        assertEquals(before + bytes, bench.receive());
        assertNothing(bench::receive);
    }

    @ParameterizedTest
    @CsvSource({"libcrypto, 0", "libcrypto, 64", "libcrypto, 1420", "libcrypto, 9000"})
    @CsvSource({"vector, 0", "vector, 64", "vector, 1420", "vector, 9000"})
    void shouldSealAndOpenInNativeMemory(String cipher, int bytes) {
        PacketCipherBench bench = new PacketCipherBench();
        bench.cipher = cipher;
        bench.bytes = bytes;
        bench.prepare();
        assertNothing(bench::seal);
        assertNothing(bench::open);
        bench.free();
    }

    @Test
    void shouldCheckForReplays() {
        ReplayBench bench = new ReplayBench();
        assertNothing(bench::inOrder);
        assertNothing(bench::reordered);
    }

    @ParameterizedTest
    @CsvSource({"4, 10", "4, 1000", "6, 10", "6, 1000"})
    void shouldFindWhoAnAddressBelongsTo(int ip, int entries) throws Exception {
        AllowedIpsBench bench = new AllowedIpsBench();
        bench.ip = ip;
        bench.entries = entries;
        bench.fill();
        assertNothing(bench::lookup);
    }

    @Test
    void shouldCutAndJoinSuperPackets() {
        OffloadBench bench = new OffloadBench();
        bench.join();
        assertEquals(46, bench.packetsPerUnit(), "they do join");
        assertNothing(bench::split);
        assertNothing(bench::join);
        assertNothing(bench::pass);
    }

    @ParameterizedTest
    @CsvSource({"rfc8489, 4", "rfc8489, 6", "tailscale, 4", "tailscale, 6", "rfc5780, 4"})
    void shouldAnswerStun(String form, int ip) {
        StunBench bench = new StunBench();
        bench.form = form;
        bench.ip = ip;
        bench.prepare();
        assertNothing(bench::answer);
    }

    @ParameterizedTest
    @ValueSource(strings = {"direct", "udp-relay", "relay"})
    void shouldTakeAPacketThroughTheAgent(String path) {
        AgentBench bench = new AgentBench();
        bench.path = path;
        bench.connect();
        assertNothing(bench::send);
        assertNothing(bench::receive);
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 1420})
    void shouldForwardADatagramAtTheUdpRelay(int bytes) throws Exception {
        try (UdpRelayRoom room = new UdpRelayRoom(bytes)) {
            assertEquals(bytes + GeneveHeader.LENGTH, room.forward());
            assertNothing(room::forward);
        }
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1, 127.0.0.1, 32", "::, 127.0.0.1, 32", "::, ::1, 44"})
    void shouldAnswerAtTheStunServersSocket(String listen, String asked, int length) throws Exception {
        try (StunRoom room = new StunRoom(listen, asked)) {
            assertEquals(length, room.ask());
            assertNothing(room::ask);
        }
    }

    private static TunnelBench tunnel(int bytes) {
        TunnelBench bench = new TunnelBench();
        bench.cipher = "none";
        bench.bytes = bytes;
        bench.connect();
        return bench;
    }

    private static void assertNothing(Runnable operation) {
        double bytes = AllocationMeter.bytesPerOperation(operation);
        assertTrue(bytes < AllocationMeter.NOTHING, () -> bytes + " B/op");
    }

    /** Netty recycles its objects on its own threads only. */
    private static void onNettysThread(Runnable work) throws Exception {
        CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
        new FastThreadLocalThread(() -> {
                    try {
                        work.run();
                        done.complete(null);
                    } catch (Throwable failed) {
                        done.completeExceptionally(failed);
                    }
                })
                .start();
        done.get(50, TimeUnit.SECONDS);
    }
}
