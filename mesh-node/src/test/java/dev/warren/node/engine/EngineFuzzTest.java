package dev.warren.node.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.warren.protocol.disco.DiscoEnvelope;
import dev.warren.protocol.key.DiscoPrivateKey;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.udprelay.GeneveHeader;
import dev.warren.protocol.wireguard.DropReason;
import dev.warren.protocol.wireguard.IpPrefix;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Whatever the network or a relay brings an agent: no exception, nothing for the machine, and no answer, as none of it is
 * sealed by anybody that the agent knows.
 */
class EngineFuzzTest {
    private static final long SECOND = 1_000_000_000L;
    private static final int REGION = 900;
    private static final byte[] MAGIC = {'T', 'S', (byte) 0xf0, (byte) 0x9f, (byte) 0x92, (byte) 0xac};

    @FuzzTest(maxDuration = "5s")
    void hostileBytesAreCounted(byte[] bytes) {
        Target target = new Target();
        target.hit(bytes);
        target.hit(concat(new byte[] {bytes.length > 0 ? (byte) (bytes[0] & 3) : 0, 0, 0, 0}, bytes));
        // Behind the headers of disco, of a peer that is known, and of a UDP relay.
        byte[] disco = concat(MAGIC, target.peerDisco.publicKey().bytes(), bytes);
        assertTrue(bytes.length < 24 || DiscoEnvelope.looksLike(disco, 0, disco.length));
        target.hit(disco);
        for (boolean control : new boolean[] {false, true}) {
            for (int protocol : new int[] {GeneveHeader.DISCO, GeneveHeader.WIREGUARD}) {
                long header = GeneveHeader.bits(control, protocol, bytes.length);
                byte[] start = ByteBuffer.allocate(Long.BYTES).putLong(header).array();
                target.hit(concat(start, bytes));
                target.hit(concat(start, disco));
            }
        }
    }

    private static byte[] concat(byte[]... parts) {
        int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
        ByteBuffer whole = ByteBuffer.allocate(length);
        for (byte[] part : parts) {
            whole.put(part);
        }
        return whole.array();
    }

    /** An agent with one peer and one relay that gives UDP sessions; it has sent nothing yet. */
    private static final class Target implements MeshEngine.Ports {
        private final Random random = new Random(1);
        private final DiscoPrivateKey peerDisco = DiscoPrivateKey.generate(random);
        private final NodePublicKey peer = NodePrivateKey.generate(random).publicKey();
        private final NodePublicKey relay = NodePrivateKey.generate(random).publicKey();
        private final InetSocketAddress address = new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 1001);
        private final MeshEngine engine = new MeshEngine(
                new EngineConfig(NodePrivateKey.generate(random), DiscoPrivateKey.generate(random), 1280),
                random,
                this);

        Target() {
            IpPrefix inner = IpPrefix.parse("100.64.0.1/32");
            engine.applyPeers(
                    List.of(new MeshPeer(peer, peerDisco.publicKey(), REGION, List.of(address), List.of(inner))),
                    SECOND);
            engine.onUdpRelay(REGION, relay, DiscoPrivateKey.generate(random).publicKey(), SECOND);
        }

        void hit(byte[] message) {
            long before = counted();
            engine.onUdp(address, null, 3, memory(message), 0, message.length, 2 * SECOND);
            assertEquals(before + 1, counted(), "counted once");
            engine.onRelay(REGION, peer, memory(message), 0, message.length, 2 * SECOND);
            engine.onRelay(REGION, relay, memory(message), 0, message.length, 2 * SECOND);
            assertEquals(before + 3, counted());
        }

        private static MemorySegment memory(byte[] message) {
            return MemorySegment.ofArray(message.clone());
        }

        /** All that was dropped, for whatever reason. */
        private long counted() {
            EngineSnapshot snapshot = engine.snapshot(2 * SECOND);
            long byWireGuard = 0;
            for (DropReason reason : DropReason.values()) {
                byWireGuard += engine.device().drops(reason);
            }
            long byEngine = 0;
            for (EngineCounter counter : EngineCounter.values()) {
                if (counter.name().startsWith("DROPPED")) {
                    byEngine += snapshot.counters().getOrDefault(counter, 0L);
                }
            }
            return byWireGuard + byEngine;
        }

        @Override
        public void sendUdp(InetSocketAddress to, byte[] buffer, int offset, int length) {
            throw new AssertionError("nobody is to be answered");
        }

        @Override
        public void sendRelay(int region, NodePublicKey to, byte[] buffer, int offset, int length) {
            throw new AssertionError("nobody is to be answered");
        }

        @Override
        public void deliver(MemorySegment memory, long offset, int length) {
            throw new AssertionError("there was no session");
        }

        @Override
        public void endpointsChanged(List<InetSocketAddress> endpoints) {}

        @Override
        public void homeRegionChanged(int region) {}

        @Override
        public void pingAnswered(long token, PingAnswer answer) {
            throw new AssertionError("nothing was asked");
        }
    }
}
