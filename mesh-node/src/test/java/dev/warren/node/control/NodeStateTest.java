package dev.warren.node.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.config.UserError;
import dev.warren.protocol.coordination.AddressText;
import dev.warren.protocol.coordination.JoinToken;
import dev.warren.protocol.coordination.MeshId;
import dev.warren.protocol.key.IdentityPrivateKey;
import dev.warren.protocol.testing.Seeds;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class NodeStateTest {
    private final RandomGenerator random = Seeds.random(1);

    @TempDir
    Path parent;

    private Path folder() {
        return parent.resolve("state/node");
    }

    @Test
    void keysAreMadeOnceAndKept() throws IOException {
        NodeState first = NodeState.open(folder(), random);
        NodeState second = NodeState.open(folder(), random);
        assertEquals(first.identity().publicKey(), second.identity().publicKey());
        assertEquals(first.nodeKey().publicKey(), second.nodeKey().publicKey());
        assertNull(second.membership());
        assertNull(second.cachedMap());
        assertEquals(PeerPins.Held.NONE, second.pins());
    }

    @Test
    void everyFileIsItsOwnersOnly() throws IOException {
        NodeState state = NodeState.open(folder(), random);
        state.join(membership());
        state.keepPins(pins());
        try (Stream<Path> files = Files.list(folder())) {
            List<Path> all = files.toList();
            assertEquals(4, all.size());
            for (Path file : all) {
                assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
            }
        }
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder())));
    }

    @Test
    void membershipAndPinsComeBack() throws IOException {
        NodeState state = NodeState.open(folder(), random);
        state.join(membership());
        state.keepPins(pins());
        NodeState again = NodeState.open(folder(), random);
        assertEquals(membership(), again.membership());
        assertEquals(pins(), again.pins());
    }

    @Test
    void theTokensSecretIsNotKept() throws IOException {
        NodeState state = NodeState.open(folder(), random);
        JoinToken token = new JoinToken(
                membership().mesh(), membership().urls(), membership().pins(), "id.verysecret", null);
        state.join(Membership.of(token));
        try (Stream<Path> files = Files.list(folder())) {
            for (Path file : files.toList()) {
                assertFalse(Files.readString(file).contains("verysecret"), file::toString);
            }
        }
    }

    @Test
    void aDamagedFileIsNamed() throws IOException {
        NodeState state = NodeState.open(folder(), random);
        Files.writeString(folder().resolve("membership.json"), "{");
        String said =
                String.valueOf(assertThrows(UserError.class, state::membership).getMessage());
        assertTrue(said.contains("membership.json is damaged"), said);
    }

    @Test
    void aDamagedMapIsOnlyAMapLess() throws IOException {
        NodeState state = NodeState.open(folder(), random);
        Files.writeString(folder().resolve("map.json"), "{");
        assertNull(state.cachedMap());
    }

    private static Membership membership() {
        return new Membership(
                new MeshId("00".repeat(16)),
                List.of(URI.create("https://192.0.2.1:8443")),
                List.of("sha256-raw:" + "ab".repeat(32)));
    }

    private static PeerPins.Held pins() {
        return new PeerPins.Held(List.of(new PeerPins.Pin(
                AddressText.parseIp("100.64.0.2"),
                IdentityPrivateKey.parse("idpriv:" + "01".repeat(32)).publicKey())));
    }
}
