package dev.warren.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.node.control.Membership;
import dev.warren.platform.config.Program;
import dev.warren.platform.config.SecretFile;
import dev.warren.protocol.coordination.JoinToken;
import dev.warren.protocol.coordination.Json;
import dev.warren.protocol.coordination.MeshId;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a newcomer gets wrong with {@code warren up}: one sentence each, before anything is opened. */
@Timeout(30)
final class UpCommandTest {
    private static final List<URI> URLS = List.of(URI.create("https://127.0.0.1:9"));
    private static final List<String> PINS = List.of("sha256-raw:" + "ab".repeat(32));

    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter error = new StringWriter();

    private int up(String... arguments) {
        String[] all = new String[arguments.length + 2];
        all[0] = "up";
        all[1] = "--state-dir=" + folder.resolve("state");
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        return new Program(Map.of(), new PrintWriter(out, true), new PrintWriter(error, true)).run(new NodeMain(), all);
    }

    private void assertOneSentence(String part) {
        String text = error.toString();
        assertTrue(text.contains(part), text);
        assertEquals(1, text.lines().count(), text);
        assertFalse(text.contains("Exception"), text);
    }

    /** As root a device would have been opened behind them. */
    private void assertNoKeys() {
        assertFalse(Files.exists(folder.resolve("state/node.key")), "keys were made");
    }

    @Test
    void noTokenAtTheFirstStart() {
        assertEquals(1, up());
        assertOneSentence("this node is in no mesh yet: start it once with --token TOKEN");
        assertFalse(Files.exists(folder.resolve("state")), "a state folder was made");
    }

    @Test
    void tokenOfAnotherMesh() throws IOException {
        Path state = Files.createDirectory(folder.resolve("state"));
        Files.writeString(state.resolve("membership.json"), Json.encodeText(new Membership(mesh("1"), URLS, PINS)));
        assertEquals(1, up("--token", new JoinToken(mesh("2"), URLS, PINS, "s", null).encode()));
        assertOneSentence("the token is for another mesh than the one that this state folder belongs to");
        assertNoKeys();
    }

    @Test
    void controlSocketThatIsAFile() throws IOException {
        Path state = Files.createDirectory(folder.resolve("state"));
        Files.createFile(state.resolve("control.sock"));
        assertEquals(1, up("--token", new JoinToken(mesh("1"), URLS, PINS, "s", null).encode()));
        assertOneSentence("control.sock is no socket, and one has to be made there");
        assertNoKeys();
    }

    @Test
    void nodeThatRunsAlready() throws IOException {
        Path state = Files.createDirectory(folder.resolve("state"));
        try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            other.bind(UnixDomainSocketAddress.of(state.resolve("control.sock")));
            assertEquals(1, up("--token", new JoinToken(mesh("1"), URLS, PINS, "s", null).encode()));
        }
        assertOneSentence("a node with the state folder " + state + " is running already; stop it with");
        assertNoKeys();
    }

    private static MeshId mesh(String digit) {
        return new MeshId(digit.repeat(32));
    }

    @Test
    void textThatIsNoToken() {
        assertEquals(1, up("--token", "hello"));
        assertOneSentence("this is not a join token");
    }

    @Test
    void damagedToken() {
        assertEquals(1, up("--token", "warren1.eyJtIjo"));
        assertOneSentence("damaged");
    }

    @Test
    void tokenOfALaterVersion() {
        assertEquals(1, up("--token", "warren2.abcd"));
        assertOneSentence("version 2");
    }

    @Test
    void tokenGivenTwice() {
        assertEquals(1, up("--token", "x", "--token-file", "y"));
        assertOneSentence("give the token once");
    }

    @Test
    void tokenFileThatIsNotThere() {
        Path none = folder.resolve("none");
        assertEquals(1, up("--token-file", none.toString()));
        assertOneSentence("--token-file " + none + " does not exist: put the token there");
    }

    @Test
    void tokenFileThatIsEmpty() throws IOException {
        Path empty = folder.resolve("empty");
        SecretFile.write(empty, "");
        assertEquals(1, up("--token-file", empty.toString()));
        assertOneSentence("--token-file " + empty + ": this is not a join token");
    }

    @Test
    void tokenFileThatOthersMayRead() throws IOException {
        Path file = folder.resolve("token");
        SecretFile.write(file, "warren1.AAAA");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertEquals(1, up("--token-file", file.toString()));
        assertOneSentence(
                file + " holds a secret, but every user of this machine may read it (rw-r--r--): run \"chmod 600 "
                        + file + "\"");
    }

    @Test
    void interfaceNameThatIsTooLong() {
        assertEquals(1, up("--interface", "a-name-of-17-char"));
        assertOneSentence("is no name for an interface");
    }

    @Test
    void portThatIsNone() {
        assertEquals(1, up("--port", "70000"));
        assertOneSentence("70000");
        assertEquals(2, up("--port", "many"));
    }

    @Test
    void fileOfOptions() throws Exception {
        Path file = Files.writeString(folder.resolve("node.yaml"), "interface: warren7\nport: 70000\n");
        assertEquals(1, up("--config", file.toString()));
        assertOneSentence("node.yaml:2: port: 70000 is not between 0 and 65535");
    }

    @Test
    void fileWithAnOptionThatThereIsNot() throws Exception {
        Path file = Files.writeString(folder.resolve("node.yaml"), "prot: 7\n");
        assertEquals(2, up("--config", file.toString()));
        assertOneSentence("there is no key \"prot\", did you mean port?");
    }

    @Test
    void cipherThatThereIsNot() {
        assertEquals(2, up("--cipher", "rot13"));
        assertOneSentence("there is no cipher \"rot13\"; use auto, jdk, vector, libcrypto");
    }

    @Test
    void stateFolderThatCannotBeMade() throws Exception {
        Path file = Files.writeString(folder.resolve("state"), "a file, not a folder");
        assertTrue(Files.isRegularFile(file));
        assertEquals(1, up());
        assertOneSentence(file + " is no folder: remove it, or name a folder with --state-dir");
    }
}
