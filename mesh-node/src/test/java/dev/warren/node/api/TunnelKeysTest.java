package dev.warren.node.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.node.keys.KeyGenerations;
import dev.warren.node.keys.KeyId;
import dev.warren.node.keys.KeyManager;
import dev.warren.node.keys.PskProvider;
import dev.warren.node.keys.RotationSchedule;
import dev.warren.platform.config.UserError;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.key.PresharedKey;
import dev.warren.protocol.testing.Requirements;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Keys that change, on a real interface that nobody talks to. */
@Timeout(60)
final class TunnelKeysTest {
    private static final RotationSchedule DAILY = RotationSchedule.every(Duration.ofDays(1));

    private final SecureRandom random = new SecureRandom();
    private final NodePublicKey peer = NodePrivateKey.generate(random).publicKey();
    private final NodePublicKey next = NodePrivateKey.generate(random).publicKey();
    private final BlockingQueue<String> news = new LinkedBlockingQueue<>();

    @TempDir
    Path folder;

    private TestMachine machine;
    private TunnelManager tunnels;
    private KeyGenerations<NodePrivateKey> generations;

    @BeforeEach
    void open() throws Exception {
        Requirements.tun();
        machine = new TestMachine(folder.resolve("sockets"));
        tunnels = TunnelManager.open();
        tunnels.addListener(new Noting());
        generations =
                new KeyManager(KeyManager.Settings.of(folder.resolve("keys"))).privateKeyGenerations(new KeyId("wg0"));
        machine.create(
                tunnels,
                InterfaceConfig.named("wgkeys")
                        .withPeer(PeerConfig.of(peer).withAllowedIp("10.9.0.2/32"))
                        .withPeer(PeerConfig.of(NodePrivateKey.generate(random).publicKey())));
    }

    @AfterEach
    void close() {
        if (tunnels != null) {
            tunnels.close();
            machine.close();
        }
    }

    private final class Noting implements TunnelManager.Listener {
        @Override
        public void ended(String name, String reason) {
            news.add(name + " ended");
        }

        @Override
        public void nextKeyMade(String name, NodePublicKey current, NodePublicKey following, Instant from) {
            news.add(name + " has " + current.base64() + " and will have " + following.base64() + " from " + from);
        }

        @Override
        public void peerKeyChanged(String name, NodePublicKey before, NodePublicKey now) {
            news.add(name + ": " + before.base64() + " is now " + now.base64());
        }
    }

    private NodePublicKey ownKey() throws IOException {
        return tunnels.statistics("wgkeys").publicKey().orElseThrow();
    }

    private PeerConfig peerConfig() throws IOException {
        return tunnels.peers("wgkeys").getFirst();
    }

    @Test
    void shouldUseTheKeyOfTodayAtOnceAndTellOfTheNext() throws Exception {
        tunnels.rotatePrivateKey("wgkeys", generations, DAILY);
        assertEquals(generations.describe(generations.list().getFirst()).publicText(), ownKey().base64());
        String following = generations.describe(generations.list().getLast()).publicText();
        assertNotEquals(following, ownKey().base64());
        Instant from = generations.list().getLast().from();
        assertEquals("wgkeys has " + ownKey().base64() + " and will have " + following + " from " + from, news.take());
        NodePublicKey today = ownKey();
        tunnels.rotatePrivateKey("wgkeys", generations, DAILY);
        assertEquals(today, ownKey());
        assertEquals(2, generations.list().size(), "the same keys after a restart");
        assertTrue(news.take().startsWith("wgkeys has "), "and the peers are told again");
    }

    @Test
    void shouldKnowAPeerUnderTheKeyThatIsExpectedOfIt() throws Exception {
        tunnels.expectPeerKey("wgkeys", peer, next);
        assertEquals(Optional.of(next), peerConfig().nextPublicKey());
        assertEquals(peer, peerConfig().publicKey());
        NodePublicKey third = NodePrivateKey.generate(random).publicKey();
        tunnels.expectPeerKey("wgkeys", next, third);
        assertEquals("wgkeys: " + peer.base64() + " is now " + next.base64(), news.take());
        assertEquals(PeerConfig.of(next).withAllowedIp("10.9.0.2/32").withNextPublicKey(third), peerConfig());
        tunnels.updatePeer("wgkeys", PeerConfig.of(third).withAllowedIp("10.9.0.3/32"));
        assertEquals(
                PeerConfig.of(third).withAllowedIp("10.9.0.3/32"), peerConfig(), "the third for good, and none next");

        tunnels.addPeer("wgkeys", PeerConfig.of(peer).withNextPublicKey(next));
        assertEquals(Optional.of(next), tunnels.peers("wgkeys").getLast().nextPublicKey());
        assertThrows(IllegalArgumentException.class, () -> tunnels.expectPeerKey("wgkeys", third, next));
        NodePublicKey somebody = NodePrivateKey.generate(random).publicKey();
        assertThrows(
                IllegalArgumentException.class,
                () -> tunnels.addPeer("wgkeys", PeerConfig.of(somebody).withNextPublicKey(next)));
        assertEquals(3, tunnels.peers("wgkeys").size(), "nothing is left of it");
        NoSuchElementException unknown =
                assertThrows(NoSuchElementException.class, () -> tunnels.expectPeerKey("wgkeys", somebody, third));
        assertTrue(String.valueOf(unknown.getMessage()).contains(somebody.base64()), unknown.getMessage());
    }

    @Test
    void shouldLeaveAPresharedKeyAloneThatIsBeingChanged() throws Exception {
        PresharedKey root = PresharedKey.generate(random);
        assertThrows(
                NoSuchElementException.class,
                () -> tunnels.rotatePresharedKey("wgkeys", next, PskProvider.derivedFrom(root), DAILY));
        tunnels.rotatePresharedKey("wgkeys", peer, PskProvider.derivedFrom(root), DAILY);
        Optional<PresharedKey> changed = peerConfig().presharedKey();
        assertTrue(changed.isPresent());
        assertNotEquals(root, changed.get());
        tunnels.updatePeer("wgkeys", PeerConfig.of(peer));
        assertEquals(changed, peerConfig().presharedKey());
        assertTrue(peerConfig().allowedIps().isEmpty(), "all else is as it was set");
        tunnels.removePeer("wgkeys", peer);
        tunnels.addPeer("wgkeys", PeerConfig.of(peer));
        assertEquals(Optional.empty(), tunnels.peers("wgkeys").getLast().presharedKey());
    }

    @Test
    void shouldAskNobodyForKeysWhenTheInterfaceIsGone() throws Exception {
        BlockingQueue<Long> asked = new LinkedBlockingQueue<>();
        RotationSchedule fast = RotationSchedule.every(Duration.ofSeconds(1));
        PskProvider without = request -> {
            asked.add(request.epoch());
            return Optional.empty();
        };
        tunnels.rotatePresharedKey("wgkeys", peer, without, fast);
        long first = asked.take();
        assertTrue(asked.take() >= first, "asked again");
        assertTrue(tunnels.delete("wgkeys"));
        asked.clear();
        assertNull(asked.poll(400, TimeUnit.MILLISECONDS));
        assertThrows(NoSuchElementException.class, () -> tunnels.rotatePresharedKey("wgkeys", peer, without, fast));
        assertThrows(NoSuchElementException.class, () -> tunnels.rotatePrivateKey("wgkeys", generations, fast));
    }

    @Test
    void shouldSayWhyAKeyCanNotBeUsed() throws Exception {
        tunnels.rotatePrivateKey("wgkeys", generations, DAILY);
        Path file = folder.resolve("keys/" + generations.list().getFirst().id() + ".key");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        UserError refused = assertThrows(UserError.class, () -> tunnels.rotatePrivateKey("wgkeys", generations, DAILY));
        assertTrue(String.valueOf(refused.getMessage()).contains("chmod 600"), refused.getMessage());
        assertFalse(String.valueOf(refused.getMessage()).contains("="), "no key in it");
    }
}
