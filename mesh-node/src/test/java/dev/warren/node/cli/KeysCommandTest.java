package dev.warren.node.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.node.control.NodeState;
import dev.warren.node.keys.KeyManager;
import dev.warren.node.keys.PassphraseSource;
import dev.warren.platform.config.Program;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.PresharedKey;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code warren keys} on a folder of its own. */
@Timeout(60)
final class KeysCommandTest {
    /** RFC 7748 section 6.1, Alice. */
    private static final String PRIVATE = "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo=";

    private static final String PUBLIC = "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=";

    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter error = new StringWriter();

    @Test
    void shouldPrintKeysThatAreNotKept() throws IOException {
        assertEquals(0, keys("", "generate"));
        NodePrivateKey.parseBase64(printed()).close();
        assertEquals(0, keys("", "generate", "--preshared"));
        PresharedKey.parseBase64(printed()).close();
        assertEquals(1, keys("", "generate", "--encrypt"));
        assertEquals(0, keys("", "list"));
        assertTrue(printed().startsWith("no keys are kept in "));
    }

    @Test
    void shouldKeepAKeyAndPrintItsPublicHalf() {
        assertEquals(0, keys("", "generate", "wg0"));
        String publicKey = printed();
        assertEquals(0, keys("", "public", "wg0"));
        assertEquals(publicKey, printed());
        assertEquals(1, keys("", "generate", "wg0"));
        assertTrue(complained().contains("already"));
    }

    @Test
    void shouldImportWhatWgMade() throws IOException {
        assertEquals(0, keys(PRIVATE + "\n", "import", "wg0"));
        assertEquals(PUBLIC, printed());
        // RFC 7748 section 5: the lowest three bits and the highest are cleared, the second highest is set.
        assertEquals("cAdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LGo=\n", Files.readString(folder.resolve("wg0.key")));
        assertEquals(0, keys(PRIVATE + "\n", "import", "--preshared", "wg0"));
        assertEquals(PRIVATE + "\n", Files.readString(folder.resolve("wg0.psk")));
        printed();
        assertEquals(0, keys("", "list"));
        String listed = printed();
        assertTrue(listed.contains("wg0                   private    plain       " + PUBLIC), listed);
        assertTrue(listed.contains("wg0                   preshared  plain"), listed);
    }

    @Test
    void shouldNotKeepWhatIsNoKey() {
        assertEquals(1, keys("c2VjcmV0\n", "import", "wg0"));
        assertFalse(complained().contains("c2Vj"));
        assertEquals(1, keys("", "import", "wg0"));
        assertEquals(1, keys("x".repeat(5000), "import", "wg0"));
        assertEquals(1, keys(PRIVATE, "import", "../wg0"));
        assertFalse(Files.exists(folder.resolve("wg0.key")));
    }

    @Test
    void shouldSayThatTheStateFolderIsAFile() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        for (String command : List.of("list", "public wg0", "generate wg0", "encrypt wg0")) {
            List<String> words = new ArrayList<>(List.of(command.split(" ", -1)));
            words.add("--state-dir=" + file);
            String[] arguments = words.subList(1, words.size()).toArray(String[]::new);
            assertEquals(1, keys("", words.getFirst(), arguments), command);
            String complaint = complained();
            assertTrue(complaint.contains(file + " is no folder, and keys are kept in one"), complaint);
            assertEquals("", printed());
        }
    }

    @Test
    void shouldSayThatStandardInputCanNotBeRead() {
        InputStream folderAsInput = new FilterInputStream(InputStream.nullInputStream()) {
            @Override
            public byte[] readNBytes(int length) throws IOException {
                throw new IOException("Is a directory");
            }
        };
        for (String command : List.of("import", "public")) {
            String[] arguments = command.equals("import") ? new String[] {"wg0"} : new String[0];
            assertEquals(1, keys(folderAsInput, command, arguments));
            String complaint = complained();
            assertTrue(complaint.contains("standard input can't be read: it is a folder, or has been closed; pipe a"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"no key at all", PRIVATE})
    void shouldWipeWhatItHasRead(String text) {
        List<byte[]> read = new ArrayList<>();
        InputStream input = new ByteArrayInputStream(text.getBytes(UTF_8)) {
            @Override
            public byte[] readNBytes(int length) throws IOException {
                byte[] bytes = super.readNBytes(length);
                read.add(bytes);
                return bytes;
            }
        };
        keys(input, "import", "wg0");
        assertEquals(1, read.size());
        assertArrayEquals(new byte[text.length()], read.getFirst());
    }

    @Test
    void shouldSayWhatIsWrongWithAPassphraseFileInItsOwnWords() throws IOException {
        assertEquals(0, keys(PRIVATE, "import", "wg0"));
        Path folderAsFile = Files.createDirectory(folder.resolve("passphrase"));
        assertEquals(1, keys("", "encrypt", "wg0", "--passphrase-file=" + folderAsFile));
        String complaint = complained();
        assertTrue(complaint.contains(folderAsFile + " is not a regular file, and a secret is read"), complaint);
        assertFalse(complaint.contains("no key in it"), complaint);
    }

    @Test
    void shouldSealAKeyWithThePassphraseOfAFile() throws IOException {
        Path passphrase = Files.writeString(folder.resolve("passphrase"), "open sesame\n");
        Files.setPosixFilePermissions(passphrase, PosixFilePermissions.fromString("rw-------"));
        String named = "--passphrase-file=" + passphrase;
        assertEquals(0, keys(PRIVATE, "import", "wg0"));
        assertEquals(0, keys("", "encrypt", "wg0", named), error::toString);
        assertTrue(Files.readString(folder.resolve("wg0.key")).startsWith("warren-sealed-key 1\n"));
        printed();
        assertEquals(0, keys("", "public", "wg0"));
        assertEquals(PUBLIC, printed());
        assertEquals(0, keys("", "list"));
        assertTrue(printed().contains("private    sealed      " + PUBLIC));
        assertEquals(1, keys("", "decrypt", "wg0"));
        String complaint = complained();
        assertTrue(complaint.contains("--passphrase-file"), complaint);
        Path wrong = Files.writeString(folder.resolve("wrong"), "open barley\n");
        Files.setPosixFilePermissions(wrong, PosixFilePermissions.fromString("rw-------"));
        assertEquals(1, keys("", "decrypt", "wg0", "--passphrase-file=" + wrong));
        assertTrue(complained().contains("the passphrase is wrong"));
        assertEquals(0, keys("", "decrypt", "wg0", named), error::toString);
        // RFC 7748 section 5: the lowest three bits and the highest are cleared, the second highest is set.
        assertEquals("cAdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LGo=\n", Files.readString(folder.resolve("wg0.key")));
    }

    @Test
    void shouldDeleteAKeyButNoNode() throws IOException {
        NodeState.open(folder, new Random(1));
        assertEquals(0, keys("", "generate", "wg0"));
        assertEquals(0, keys("", "delete", "wg0"));
        assertEquals(1, keys("", "delete", "wg0"));
        assertTrue(complained().contains("there is no private key \"wg0\""));
        assertEquals(1, keys("", "delete", "node"));
        assertEquals(1, keys("", "delete", "identity"));
        assertTrue(NodeState.exists(folder));
    }

    @Test
    void shouldListANodesKeysAndWhatIsWrongWithThem() throws IOException {
        NodeState state = NodeState.open(folder, new Random(1));
        assertEquals(0, keys("", "list"));
        String listed = printed();
        assertTrue(listed.contains(state.identity().publicKey().toString()), listed);
        assertTrue(listed.contains(state.nodeKey().publicKey().base64()), listed);
        Files.setPosixFilePermissions(folder.resolve("node.key"), PosixFilePermissions.fromString("rw-r--r--"));
        assertEquals(1, keys("", "list"));
        assertTrue(printed().contains("chmod 600"));
    }

    /** A node whose keys are sealed starts as one whose keys are not. */
    @Test
    void shouldOpenANodeWithSealedKeys() throws IOException {
        Path passphrase = Files.writeString(folder.resolve("passphrase"), "open sesame\n");
        Files.setPosixFilePermissions(passphrase, PosixFilePermissions.fromString("rw-------"));
        NodeState before = NodeState.open(folder, new Random(1));
        String named = "--passphrase-file=" + passphrase;
        assertEquals(0, keys("", "encrypt", "node", named), error::toString);
        assertEquals(0, keys("", "encrypt", "identity", named), error::toString);
        assertEquals(0, keys("", "show"), error::toString);
        String shown = printed();
        assertTrue(shown.contains(before.nodeKey().publicKey().toString()), shown);
        NodeState after = NodeState.open(
                folder, new KeyManager(KeyManager.Settings.of(folder, Map.of(), PassphraseSource.file(passphrase))));
        assertEquals(before.nodeKey(), after.nodeKey());
        assertEquals(before.identity(), after.identity());
    }

    private int keys(String input, String command, String... arguments) {
        return keys(new ByteArrayInputStream(input.getBytes(UTF_8)), command, arguments);
    }

    private int keys(InputStream input, String command, String... arguments) {
        String[] all = new String[arguments.length + 2];
        all[0] = "keys";
        all[1] = command;
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        InputStream before = System.in;
        System.setIn(input);
        try {
            return new Program(
                            Map.of(
                                    "WARREN_KEYS_" + command.toUpperCase(java.util.Locale.ROOT) + "_STATE_DIR",
                                    folder.toString()),
                            new PrintWriter(out, true),
                            new PrintWriter(error, true))
                    .run(new NodeMain(), all);
        } finally {
            System.setIn(before);
        }
    }

    private String printed() {
        return taken(out);
    }

    private String complained() {
        return taken(error);
    }

    private static String taken(StringWriter writer) {
        String text = writer.toString().strip();
        writer.getBuffer().setLength(0);
        return text;
    }
}
