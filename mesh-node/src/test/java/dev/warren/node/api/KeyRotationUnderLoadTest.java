package dev.warren.node.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.node.keys.KeyId;
import dev.warren.node.keys.KeyManager;
import dev.warren.node.keys.PskProvider;
import dev.warren.node.keys.RotationSchedule;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.key.PresharedKey;
import dev.warren.protocol.testing.Requirements;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two real interfaces with 100 Mbit/s between them, while both change their static keys and their preshared key every three
 * seconds: every packet arrives.
 */
@Timeout(120)
final class KeyRotationUnderLoadTest {
    private static final RotationSchedule SCHEDULE =
            new RotationSchedule(Duration.ofSeconds(3), Duration.ofMillis(750));
    private static final long BITS_PER_SECOND = 100_000_000;
    /** Eleven seconds of them. */
    private static final int PACKETS = 110_000;

    private final SecureRandom random = new SecureRandom();
    private final PresharedKey root = PresharedKey.generate(random);
    private final Set<PresharedKey> presharedKeys = ConcurrentHashMap.newKeySet();

    @TempDir
    Path folder;

    private TestMachine left;
    private TestMachine right;
    private TunnelManager tunnels;

    @BeforeEach
    void open() throws Exception {
        Requirements.tun();
        Requirements.program("ip", "unshare");
        left = new TestMachine(folder.resolve("sockets"));
        right = new TestMachine(folder.resolve("sockets"));
        left.connect(right, "eth0", "192.0.2.1", "192.0.2.2");
        tunnels = TunnelManager.open();
    }

    @AfterEach
    void close() {
        if (tunnels != null) {
            tunnels.close();
            left.close();
            right.close();
        }
    }

    @Test
    void shouldLoseNoPacketOfAHundredMegabitsWhileAllKeysChange() throws Exception {
        Keys keys = new Keys();
        tunnels.addListener(keys);
        createBoth();
        try (PacedStream stream =
                new PacedStream(left, right, new InetSocketAddress("10.9.0.2", 5001), PACKETS, BITS_PER_SECOND)) {
            stream.run();
            assertEquals(0, stream.lost(), () -> "lost at " + stream.megabitsPerSecond() + " Mbit/s");
            assertEquals(0, stream.repeated(), "repeated");
        }
        assertEquals(Set.of(), keys.failures);
        assertTrue(keys.used("wgleft").size() >= 3, "left has used " + keys.used("wgleft"));
        assertTrue(keys.used("wgright").size() >= 3, "right has used " + keys.used("wgright"));
        assertTrue(presharedKeys.size() >= 3, presharedKeys.size() + " preshared keys");
    }

    private void createBoth() throws IOException {
        KeyManager leftKeys = new KeyManager(KeyManager.Settings.of(folder.resolve("left")));
        KeyManager rightKeys = new KeyManager(KeyManager.Settings.of(folder.resolve("right")));
        KeyId id = new KeyId("wg0");
        try (NodePrivateKey leftKey = leftKeys.privateKeys().loadOrGenerate(id);
                NodePrivateKey rightKey = rightKeys.privateKeys().loadOrGenerate(id)) {
            left.create(
                    tunnels,
                    InterfaceConfig.named("wgleft")
                            .withPrivateKey(leftKey)
                            .withListenPort(51820)
                            .withAddress("10.9.0.1/24")
                            .withPeer(PeerConfig.of(rightKey.publicKey())
                                    .withPresharedKey(root)
                                    .withEndpoint("192.0.2.2:51820")
                                    .withAllowedIp("10.9.0.2/32")));
            right.create(
                    tunnels,
                    InterfaceConfig.named("wgright")
                            .withPrivateKey(rightKey)
                            .withListenPort(51820)
                            .withAddress("10.9.0.2/24")
                            .withPeer(PeerConfig.of(leftKey.publicKey())
                                    .withPresharedKey(root)
                                    .withAllowedIp("10.9.0.1/32")));
            tunnels.rotatePresharedKey("wgleft", rightKey.publicKey(), PskProvider.derivedFrom(root), SCHEDULE);
            tunnels.rotatePresharedKey("wgright", leftKey.publicKey(), PskProvider.derivedFrom(root), SCHEDULE);
            tunnels.rotatePrivateKey("wgleft", leftKeys.privateKeyGenerations(id), SCHEDULE);
            tunnels.rotatePrivateKey("wgright", rightKeys.privateKeyGenerations(id), SCHEDULE);
        }
    }

    /** Carries each next key to the other end, as whoever runs the two machines has to. */
    private final class Keys implements TunnelManager.Listener {
        private final Set<Exception> failures = ConcurrentHashMap.newKeySet();
        private final Set<NodePublicKey> usedByLeft = ConcurrentHashMap.newKeySet();
        private final Set<NodePublicKey> usedByRight = ConcurrentHashMap.newKeySet();

        @Override
        public void ended(String name, String reason) {
            failures.add(new IOException(name + " has ended: " + reason));
        }

        @Override
        public void nextKeyMade(String name, NodePublicKey current, NodePublicKey next, Instant from) {
            String other = name.equals("wgleft") ? "wgright" : "wgleft";
            try {
                tunnels.expectPeerKey(other, current, next);
                presharedKeys.add(tunnels.peers(name).getFirst().presharedKey().orElseThrow());
            } catch (IOException | RuntimeException failed) {
                failures.add(failed);
            }
        }

        @Override
        public void peerKeyChanged(String name, NodePublicKey before, NodePublicKey now) {
            (name.equals("wgleft") ? usedByRight : usedByLeft).add(now);
        }

        Set<NodePublicKey> used(String name) {
            return new HashSet<>(name.equals("wgleft") ? usedByLeft : usedByRight);
        }
    }
}
