package dev.warren.node.keys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.node.keys.KeyGenerations.Generation;
import dev.warren.node.keys.StoredKeys.Protection;
import dev.warren.platform.config.UserError;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.PresharedKey;
import dev.warren.protocol.testing.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Keys that follow each other, and the providers of preshared keys. */
@Timeout(30)
class KeyGenerationsTest {
    private static final KeyId ID = new KeyId("wg0");
    private static final Instant NOON = Instant.parse("2026-11-29T12:00:00Z");
    private static final Instant ONE = Instant.parse("2026-11-29T13:00:00Z");

    @TempDir
    Path parent;

    private Path folder;
    private KeyManager keys;
    private KeyGenerations<NodePrivateKey> generations;

    @BeforeEach
    void open() {
        folder = parent.resolve("keys");
        keys = new KeyManager(KeyManager.Settings.of(folder));
        generations = keys.privateKeyGenerations(ID);
    }

    @Test
    void shouldListByDateWithTheFirstOneFirst() throws IOException {
        assertEquals(List.of(), generations.list());
        Generation later = generations.generate(ONE);
        Generation sooner = generations.generate(NOON.plusMillis(250));
        keys.privateKeys().generate(ID, Protection.PLAIN).close();
        assertEquals(new Generation(new KeyId("wg0.20261129T120000Z"), NOON), sooner, "in whole seconds");
        assertTrue(Files.exists(folder.resolve("wg0.20261129T130000Z.key")));
        assertEquals(List.of(new Generation(ID, Instant.EPOCH), sooner, later), generations.list());
    }

    @Test
    void shouldTakeNoOtherKeysForItsOwn() throws IOException {
        for (String other : List.of("wg", "wg00", "wg0.old", "wg0.20261399T120000Z", "wg0.x.20261129T120000Z")) {
            keys.privateKeys().generate(new KeyId(other), Protection.PLAIN).close();
        }
        keys.privateKeyGenerations(new KeyId("wg")).generate(NOON);
        keys.presharedKeys()
                .generate(new KeyId("wg0.20261129T120000Z"), Protection.PLAIN)
                .close();
        assertEquals(List.of(), generations.list());
    }

    @Test
    void shouldMakeAKeyOnceAndKeepItOverARestart() throws IOException {
        Generation made = generations.generate(NOON);
        try (NodePrivateKey first = generations.load(made)) {
            KeyGenerations<NodePrivateKey> again =
                    new KeyManager(KeyManager.Settings.of(folder)).privateKeyGenerations(ID);
            assertEquals(made, again.generate(NOON));
            try (NodePrivateKey second = again.load(made)) {
                assertEquals(first, second);
            }
            assertEquals(first.publicKey().base64(), again.describe(made).publicText());
        }
        generations.delete(made);
        generations.delete(made);
        assertEquals(List.of(), generations.list());
    }

    @Test
    void shouldLeaveACredentialOfSystemdsWhereItIs() throws IOException {
        Path credentials = Files.createDirectory(parent.resolve("credentials"));
        keys.privateKeys().generate(ID, Protection.PLAIN).close();
        Files.move(folder.resolve("wg0.key"), credentials.resolve("wg0"));
        KeyGenerations<NodePrivateKey> ours = new KeyManager(KeyManager.Settings.of(
                        folder, Map.of("CREDENTIALS_DIRECTORY", credentials.toString()), PassphraseSource.none()))
                .privateKeyGenerations(ID);
        Generation first = ours.list().getFirst();
        ours.delete(first);
        assertEquals(List.of(first), ours.list());
    }

    @Test
    void shouldSayThatANameIsTooLong() {
        KeyId longest = new KeyId("w".repeat(47));
        assertEquals(longest, keys.privateKeyGenerations(longest).id());
        UserError refused = assertThrows(UserError.class, () -> keys.privateKeyGenerations(new KeyId("w".repeat(48))));
        assertTrue(String.valueOf(refused.getMessage()).contains("give 47 characters at most"), refused.getMessage());
    }

    @Test
    void shouldDeriveTheSameKeysAtBothEndsAndOthersForOtherDates() throws IOException {
        PresharedKey root = PresharedKey.generate(Seeds.random(1));
        PskProvider here = PskProvider.derivedFrom(root);
        PskProvider there = PskProvider.derivedFrom(root);
        PresharedKey noon = here.presharedKey(request(7, NOON)).orElseThrow();
        assertEquals(noon, there.presharedKey(request(7, NOON)).orElseThrow());
        assertNotEquals(noon, there.presharedKey(request(8, ONE)).orElseThrow());
        assertNotEquals(root, noon);
        PskProvider other = PskProvider.derivedFrom(PresharedKey.generate(Seeds.random(2)));
        assertNotEquals(noon, other.presharedKey(request(7, NOON)).orElseThrow());
        root.close();
        assertEquals(noon, here.presharedKey(request(7, NOON)).orElseThrow(), "it has a copy of the secret");
        assertFalse(noon.isZero());
    }

    @Test
    void shouldKeepWhatAProviderGaveAndAskItNoMore() throws IOException {
        List<Long> asked = new ArrayList<>();
        PskProvider drawing = request -> {
            asked.add(request.epoch());
            return request.epoch() == 9
                    ? Optional.empty()
                    : Optional.of(PresharedKey.generate(Seeds.random(asked.size())));
        };
        KeyGenerations<PresharedKey> kept = keys.presharedKeyGenerations(new KeyId("berlin"));
        PresharedKey first = drawing.keptIn(kept).presharedKey(request(7, NOON)).orElseThrow();
        PskProvider restarted = drawing.keptIn(
                new KeyManager(KeyManager.Settings.of(folder)).presharedKeyGenerations(new KeyId("berlin")));
        assertEquals(first, restarted.presharedKey(request(7, NOON)).orElseThrow());
        assertTrue(restarted.presharedKey(request(9, ONE.plusSeconds(3600))).isEmpty());
        assertTrue(restarted.presharedKey(request(8, ONE)).isPresent());
        assertEquals(List.of(7L, 9L, 8L), asked);
        assertTrue(restarted.presharedKey(request(10, ONE.plusSeconds(7200))).isPresent());
        assertEquals(
                List.of(ONE, ONE.plusSeconds(7200)),
                kept.list().stream().map(Generation::from).toList(),
                "the two newest");
    }

    private static PskProvider.Request request(long epoch, Instant from) {
        return new PskProvider.Request(
                NodePrivateKey.generate(Seeds.random(1)).publicKey(),
                NodePrivateKey.generate(Seeds.random(2)).publicKey(),
                epoch,
                from);
    }
}
