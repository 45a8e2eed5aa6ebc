package dev.warren.node.keys;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.node.keys.StoredKeys.Protection;
import dev.warren.platform.config.UserError;
import dev.warren.protocol.key.IdentityPrivateKey;
import dev.warren.protocol.key.KeyKind;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.PassphraseCost;
import dev.warren.protocol.key.PresharedKey;
import dev.warren.protocol.testing.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class KeyManagerTest {
    /** RFC 7748 section 6.1, Alice. */
    private static final String PRIVATE = "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo=";

    private static final String PUBLIC = "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=";
    private static final KeyId ID = new KeyId("wg0");

    @TempDir
    Path parent;

    private final RandomGenerator random = Seeds.random(7);
    private final List<PassphraseSource.Purpose> asked = new ArrayList<>();
    private String passphrase = "open sesame";
    private Path folder;
    private KeyManager keys;

    @BeforeEach
    void open() {
        folder = parent.resolve("keys");
        keys = keys(null);
    }

    private KeyManager keys(@Nullable Path credentials) {
        PassphraseSource source = (key, purpose) -> {
            asked.add(purpose);
            return passphrase.getBytes(UTF_8);
        };
        return new KeyManager(
                new KeyManager.Settings(folder, credentials, source, new PassphraseCost(64, 1, 1), random));
    }

    @Test
    void shouldGiveBackWhatItMade() throws IOException {
        try (NodePrivateKey made = keys.privateKeys().generate(ID, Protection.PLAIN);
                NodePrivateKey loaded = keys.privateKeys().load(ID)) {
            assertEquals(made, loaded);
        }
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file("wg0.key"))));
        assertTrue(Files.readString(file("wg0.key")).matches("[A-Za-z0-9+/]{43}=\n"), "as wg reads it");
    }

    @Test
    void shouldKeepThreeKinds() throws IOException {
        keys.privateKeys().generate(ID, Protection.PLAIN).close();
        keys.presharedKeys().generate(ID, Protection.PLAIN).close();
        keys.identityKeys().generate(new KeyId("me"), Protection.PLAIN).close();
        try (PresharedKey preshared = keys.presharedKeys().load(ID);
                IdentityPrivateKey identity = keys.identityKeys().load(new KeyId("me"))) {
            assertFalse(preshared.isZero());
            assertEquals(
                    List.of(identity.publicKey().toString()),
                    keys.identityKeys().list().stream()
                            .map(StoredKey::publicText)
                            .toList());
        }
        assertEquals(List.of(ID), ids(keys.privateKeys()));
        assertEquals(List.of(ID), ids(keys.presharedKeys()));
        assertEquals(List.of(new KeyId("me")), ids(keys.identityKeys()));
    }

    @Test
    void shouldTellKindsApartWhenTheyAreSealed() throws IOException {
        keys.privateKeys().generate(ID, Protection.PASSPHRASE).close();
        keys.identityKeys().generate(new KeyId("me"), Protection.PASSPHRASE).close();
        assertEquals(List.of(ID), ids(keys.privateKeys()));
        assertEquals(List.of(new KeyId("me")), ids(keys.identityKeys()));
        Files.copy(file("wg0.key"), file("stray.psk"));
        assertSays("not the preshared key that its name says", () -> keys.presharedKeys()
                .load(new KeyId("stray")));
    }

    @Test
    void shouldReadTheFormsThatThereAre() throws IOException {
        Files.createDirectory(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        for (String form : List.of(
                PRIVATE,
                PRIVATE + "\n",
                "  " + PRIVATE + "\r\n",
                "privkey:70076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c6a\n")) {
            write("wg0.key", form);
            try (NodePrivateKey key = keys.privateKeys().load(ID)) {
                assertEquals(PUBLIC, key.publicKey().base64(), form);
            }
        }
    }

    @Test
    void shouldNeverTakeAnothersName() throws IOException {
        keys.privateKeys().generate(ID, Protection.PLAIN).close();
        String before = Files.readString(file("wg0.key"));
        assertSays("already", () -> keys.privateKeys().generate(ID, Protection.PLAIN));
        try (NodePrivateKey other = NodePrivateKey.generate(random)) {
            assertSays("already", () -> keys.privateKeys().store(ID, other, Protection.PLAIN));
            assertEquals(before, Files.readString(file("wg0.key")));
            keys.privateKeys().replace(ID, other, Protection.PLAIN);
            assertEquals(other, keys.privateKeys().load(ID));
        }
    }

    @Test
    void shouldMakeAKeyOnlyOnce() throws IOException {
        try (NodePrivateKey made = keys.privateKeys().loadOrGenerate(ID)) {
            assertEquals(made, keys.privateKeys().loadOrGenerate(ID));
        }
        write("wg0.key", "nonsense");
        assertSays("is damaged", () -> keys.privateKeys().loadOrGenerate(ID));
        assertEquals("nonsense", Files.readString(file("wg0.key")));
    }

    @Test
    void shouldDeleteAndSayWhatIsNotThere() throws IOException {
        assertFalse(keys.privateKeys().delete(ID));
        assertSays("there is no private key \"wg0\"", () -> keys.privateKeys().load(ID));
        keys.privateKeys().generate(ID, Protection.PLAIN).close();
        assertTrue(keys.privateKeys().delete(ID));
        assertFalse(keys.privateKeys().exists(ID));
        assertEquals(List.of(), keys.privateKeys().list());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "c2VjcmV0",
                "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo",
                "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LC==",
                "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LC!=",
                "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo=AAAA",
                "privkey:7007",
                "privkey:zz076d0a7318a57d3c16c17251b26645df4c2f92ebc099ac6577fba5fb2a2c6a"
            })
    void shouldRefuseADamagedFileWithoutRepeatingIt(String content) throws IOException {
        keys.privateKeys().generate(ID, Protection.PLAIN).close();
        write("wg0.key", content);
        String said =
                assertSays("wg0.key is damaged: ", () -> keys.privateKeys().load(ID));
        assertFalse(said.contains("dwdt") || said.contains("c2Vj") || said.contains("6d0a"), said);
        StoredKey described = keys.privateKeys().list().getFirst();
        assertEquals(said, described.problem());
        assertEquals("", described.publicText());
    }

    @Test
    void shouldSealAndUnseal() throws IOException {
        try (NodePrivateKey made = keys.privateKeys().generate(ID, Protection.PASSPHRASE)) {
            assertEquals(List.of(PassphraseSource.Purpose.SEAL), asked);
            assertTrue(Files.readString(file("wg0.key")).startsWith("warren-sealed-key 1\nkind private\n"));
            assertEquals(
                    new StoredKey(
                            ID,
                            KeyKind.PRIVATE,
                            StoredKey.Place.FOLDER,
                            true,
                            made.publicKey().base64(),
                            ""),
                    keys.privateKeys().describe(ID));
            assertEquals(1, asked.size(), "a description asks for nothing");
            assertEquals(made, keys.privateKeys().load(ID));
            keys.privateKeys().protect(ID, Protection.PLAIN);
            asked.clear();
            assertEquals(made, keys.privateKeys().load(ID));
            assertEquals(List.of(), asked);
            keys.privateKeys().protect(ID, Protection.PASSPHRASE);
            assertEquals(made, keys.privateKeys().load(ID));
        }
    }

    @Test
    void shouldTellAWrongPassphraseFromADamagedFile() throws IOException {
        keys.presharedKeys().generate(ID, Protection.PASSPHRASE).close();
        passphrase = "open barley";
        assertSays("the passphrase is wrong", () -> keys.presharedKeys().load(ID));
        asked.clear();
        String text = Files.readString(file("wg0.psk"));
        write("wg0.psk", text.substring(0, text.length() - 30));
        assertSays("wg0.psk is damaged: it ", () -> keys.presharedKeys().load(ID));
        write("wg0.psk", text.replace("key 1", "key 7"));
        assertSays("another version", () -> keys.presharedKeys().load(ID));
        assertEquals(List.of(), asked, "nobody types a passphrase for a file that can't be opened");
    }

    @Test
    void shouldPreferACredentialAndNeverChangeIt() throws IOException {
        keys.privateKeys().generate(ID, Protection.PLAIN).close();
        Path credentials = Files.createDirectory(parent.resolve("credentials"));
        Path credential = Files.writeString(credentials.resolve("wg0"), PRIVATE + "\n");
        Files.setPosixFilePermissions(credential, PosixFilePermissions.fromString("r--r-----"));
        KeyManager service = keys(credentials);
        try (NodePrivateKey key = service.privateKeys().load(ID)) {
            assertEquals(PUBLIC, key.publicKey().base64());
            assertSays("credential of systemd's", () -> service.privateKeys().replace(ID, key, Protection.PLAIN));
        }
        assertEquals(
                new StoredKey(ID, KeyKind.PRIVATE, StoredKey.Place.CREDENTIAL, false, PUBLIC, ""),
                service.privateKeys().describe(ID));
        assertSays("credential of systemd's", () -> service.privateKeys().delete(ID));
        assertSays("credential of systemd's", () -> service.privateKeys().protect(ID, Protection.PASSPHRASE));
        assertEquals(PRIVATE + "\n", Files.readString(credential));
        service.privateKeys().generate(new KeyId("other"), Protection.PLAIN).close();
        assertTrue(Files.exists(file("other.key")));
    }

    @Test
    void shouldTakeTheCredentialsThatTheEnvironmentNames() {
        KeyManager.Settings service = KeyManager.Settings.of(
                folder, Map.of("CREDENTIALS_DIRECTORY", "/run/credentials/x"), PassphraseSource.none());
        assertEquals(Path.of("/run/credentials/x"), service.credentials());
        assertNull(KeyManager.Settings.of(folder, Map.of(), PassphraseSource.none())
                .credentials());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", ".hidden", "a/b", "../x", "a b", "-x", "ä", "a\n", "a\0"})
    void shouldRefuseANameThatIsNone(String name) {
        String said = assertSays("is no name for a key", () -> new KeyId(name));
        assertFalse(said.contains("\n") || said.contains("\0"), said);
    }

    @Test
    void shouldTakeANameOfUpTo64Characters() {
        assertEquals("a".repeat(64), new KeyId("a".repeat(64)).text());
        assertThrows(UserError.class, () -> new KeyId("a".repeat(65)));
        assertNotEquals(new KeyId("Wg0"), ID);
    }

    @Test
    void shouldReadAPassphraseFromAFile() throws IOException {
        Path file = Files.writeString(parent.resolve("passphrase"), "two words\nmore\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        PassphraseSource source = PassphraseSource.file(file);
        assertEquals("two words", new String(source.passphrase("x", PassphraseSource.Purpose.OPEN), UTF_8));
        Files.writeString(file, "\nmore");
        assertSays("is empty", () -> source.passphrase("x", PassphraseSource.Purpose.OPEN));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertSays("others may read", () -> source.passphrase("x", PassphraseSource.Purpose.OPEN));
        Files.delete(file);
        assertSays("no passphrase file", () -> source.passphrase("x", PassphraseSource.Purpose.OPEN));
        assertSays("--passphrase-file", () -> PassphraseSource.none().passphrase("x", PassphraseSource.Purpose.OPEN));
    }

    /** Of every text that is no key: a sentence, and nothing else is thrown. */
    @Test
    void shouldSurviveAnyContent() throws IOException {
        keys.privateKeys().generate(ID, Protection.PLAIN).close();
        Seeds.forEach(200, seeded -> {
            byte[] content = new byte[seeded.nextInt(300)];
            seeded.nextBytes(content);
            byte[] start = "warren-sealed-key 1\nkind private\n".getBytes(UTF_8);
            if (seeded.nextBoolean() && content.length > start.length) {
                System.arraycopy(start, 0, content, 0, start.length);
            }
            Files.write(file("wg0.key"), content);
            assertThrows(UserError.class, () -> keys.privateKeys().load(ID), () -> Arrays.toString(content));
        });
    }

    private Path file(String name) {
        return folder.resolve(name);
    }

    private void write(String name, String content) throws IOException {
        Path file = Files.writeString(file(name), content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    private static List<KeyId> ids(StoredKeys<?> stored) throws IOException {
        return stored.list().stream().map(StoredKey::id).toList();
    }

    private static String assertSays(String part, Executable fails) {
        String said = String.valueOf(assertThrows(UserError.class, fails).getMessage());
        assertTrue(said.contains(part), said);
        return said;
    }
}
