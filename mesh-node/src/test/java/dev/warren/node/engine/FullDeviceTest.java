package dev.warren.node.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.warren.protocol.key.DiscoPrivateKey;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.testing.Seeds;
import dev.warren.protocol.wireguard.Device;
import dev.warren.protocol.wireguard.IpPrefix;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A coordinator that names more peers than a device takes. */
@Timeout(120)
final class FullDeviceTest implements MeshEngine.Ports {
    private final RandomGenerator random = Seeds.random(1);
    private final List<Integer> told = new ArrayList<>();
    private final MeshEngine engine = new MeshEngine(
            new EngineConfig(NodePrivateKey.generate(random), DiscoPrivateKey.generate(random), 1280), random, this);
    private final MeshPeer first = peer(1);
    private final MeshPeer second = peer(2);
    private final MeshPeer third = peer(3);

    @Test
    void shouldSayWhomItLeavesOutAndLetThemInWhenThereIsRoom() {
        List<NodePublicKey> local = new ArrayList<>();
        while (local.size() < Device.MAX_PEERS - 1) {
            byte[] key = new byte[32];
            random.nextBytes(key);
            local.add(NodePublicKey.of(key));
            engine.device().addPeer(local.getLast(), 0);
        }
        engine.applyPeers(List.of(first, second, third), 1);
        assertNotNull(engine.device().peer(first.nodeKey()), "whoever comes first is in");
        assertNull(engine.device().peer(second.nodeKey()));
        assertEquals(2, leftOut());
        assertEquals(List.of(2), told);
        engine.applyPeers(List.of(first, second, third), 2);
        assertEquals(2, leftOut(), "each is counted once");
        assertEquals(List.of(2), told, "and told once");

        engine.applyPeers(List.of(second, third), 3);
        assertNotNull(engine.device().peer(second.nodeKey()), "the place of the one that has gone");
        assertNull(engine.device().peer(third.nodeKey()));
        assertEquals(List.of(2, 1), told);
        engine.device().removePeer(local.getLast());
        engine.applyPeers(List.of(second, third), 4);
        assertNotNull(engine.device().peer(third.nodeKey()));
        assertEquals(List.of(2, 1, 0), told);
        assertEquals(2, leftOut());
        engine.applyPeers(List.of(first, second, third), 5);
        assertEquals(3, leftOut(), "one that is left out again counts again");
    }

    private long leftOut() {
        return engine.snapshot(1).counters().getOrDefault(EngineCounter.DROPPED_PEER_WITHOUT_ROOM, 0L);
    }

    private MeshPeer peer(int number) {
        return new MeshPeer(
                NodePrivateKey.generate(random).publicKey(),
                DiscoPrivateKey.generate(random).publicKey(),
                0,
                List.of(),
                List.of(IpPrefix.parse("100.64.0." + number + "/32")));
    }

    @Override
    public void peersLeftOut(int count) {
        told.add(count);
    }

    @Override
    public void sendUdp(InetSocketAddress to, byte[] buffer, int offset, int length) {}

    @Override
    public void sendRelay(int region, NodePublicKey to, byte[] buffer, int offset, int length) {}

    @Override
    public void deliver(MemorySegment memory, long offset, int length) {}

    @Override
    public void endpointsChanged(List<InetSocketAddress> endpoints) {}

    @Override
    public void homeRegionChanged(int region) {}

    @Override
    public void pingAnswered(long token, PingAnswer answer) {}
}
