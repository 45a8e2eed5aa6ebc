package dev.warren.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.node.control.ControlHandler;
import dev.warren.node.control.ControlReply;
import dev.warren.node.control.ControlRequest;
import dev.warren.node.control.ControlServer;
import dev.warren.node.control.NodeState;
import dev.warren.node.control.NodeStatus;
import dev.warren.platform.config.Program;
import dev.warren.protocol.derp.DerpMap;
import dev.warren.protocol.key.NodePrivateKey;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
final class NodeMainTest {
    /** RFC 7748 section 6.1, Alice. */
    private static final String PRIVATE = "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo=";

    private static final String PUBLIC = "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=";

    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter error = new StringWriter();
    private final AtomicReference<ControlServer> running = new AtomicReference<>();

    private final ControlHandler node = new ControlHandler() {
        @Override
        public NodeStatus status() {
            return new NodeStatus(
                    new NodeStatus.Self(
                            "a",
                            "nodekey:00",
                            List.of("100.64.0.1"),
                            "warren0",
                            1,
                            900,
                            List.of(),
                            "connected",
                            "x",
                            null,
                            new TreeMap<>()),
                    List.of());
        }

        @Override
        public void ping(ControlRequest.Ping request, Consumer<ControlReply> replies) {
            if (request.peer().equals("b")) {
                replies.accept(new ControlReply.Lost("b", 2000));
                replies.accept(new ControlReply.Pong("b", "100.64.0.2", "192.0.2.1:7", 0, 1.25, null));
            } else if (request.peer().equals("c")) {
                replies.accept(new ControlReply.Pong("c", "100.64.0.3", null, 0, 20, "192.0.2.9:3479 vni 7"));
            } else if (request.peer().equals("dead")) {
                replies.accept(new ControlReply.Lost("dead", 2000));
            } else {
                throw new IllegalArgumentException("there is no peer \"" + request.peer() + "\" in the mesh");
            }
        }

        @Override
        public ControlReply.Relays relays() {
            return ControlReply.Relays.of(900, DerpMap.EMPTY);
        }

        @Override
        public void down() {
            Thread.ofVirtual().start(() -> running.get().close());
        }
    };

    private int run(String... arguments) {
        return new Program(Map.of(), new PrintWriter(out, true), new PrintWriter(error, true))
                .run(new NodeMain(), arguments);
    }

    private String stateDir() {
        return "--state-dir=" + folder;
    }

    @Test
    void statusPrintsATableOrJson() throws Exception {
        try (ControlServer server = ControlServer.start(folder, node)) {
            assertEquals(0, run("status", stateDir()), error::toString);
            assertTrue(out.toString().contains("No peers yet"), out::toString);
            assertEquals(0, run("status", "--json", stateDir()));
            assertTrue(out.toString().contains("\"interface\" : \"warren0\""), out::toString);
        }
    }

    @Test
    void pingPrintsEachAnswerAndTheWay() throws Exception {
        try (ControlServer server = ControlServer.start(folder, node)) {
            assertEquals(0, run("ping", "b", stateDir()), error::toString);
            assertEquals(
                    "no answer from b within 2000 ms\npong from b (100.64.0.2) via direct 192.0.2.1:7 in 1.25 ms\n",
                    out.toString());
            assertEquals(1, run("ping", "dead", stateDir()));
        }
    }

    @Test
    void pingNamesTheUdpRelay() throws Exception {
        try (ControlServer server = ControlServer.start(folder, node)) {
            assertEquals(0, run("ping", "c", stateDir()), error::toString);
            assertEquals("pong from c (100.64.0.3) via udp-relay 192.0.2.9:3479 vni 7 in 20.0 ms\n", out.toString());
        }
    }

    @Test
    void pingOfAnUnknownPeerIsOneSentence() throws Exception {
        try (ControlServer server = ControlServer.start(folder, node)) {
            assertEquals(1, run("ping", "nobody", stateDir()));
            assertEquals("warren ping: there is no peer \"nobody\" in the mesh\n", error.toString());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 1001})
    void pingOfNoNumberAsksNobody(int count) {
        assertEquals(1, run("ping", "b", "--count", "" + count, stateDir()));
        assertEquals("warren ping: --count " + count + " is out of range: give 1 to 1000\n", error.toString());
    }

    @Test
    void downReturnsWhenTheNodeIsGone() throws Exception {
        running.set(ControlServer.start(folder, node));
        assertEquals(0, run("down", stateDir()), error::toString);
        assertEquals(1, run("status", stateDir()));
        assertTrue(error.toString().contains("no node is running"), error::toString);
        assertFalse(error.toString().contains("\tat "), "no stack trace");
    }

    @Test
    void unknownOptionsAndCommandsAreOneSentence() {
        assertEquals(2, run("status", "--jsno"));
        assertTrue(error.toString().contains("--jsno"), error::toString);
        assertEquals(2, run("fly"));
        assertEquals(1, run("keys"));
        assertFalse(error.toString().contains("\tat "), "no stack trace");
    }

    @Test
    void keysAreThoseOfWg() {
        assertEquals(0, run("keys", "generate"));
        NodePrivateKey.parseBase64(out.toString().strip()).close();
        out.getBuffer().setLength(0);
        assertEquals(0, withInput(PRIVATE + "\n", "keys", "public"), error::toString);
        assertEquals(PUBLIC + "\n", out.toString());
    }

    @Test
    void keysShowPrintsTheNodesPublicKeysAndMakesNone() throws Exception {
        assertEquals(1, run("keys", "show", stateDir()));
        assertTrue(error.toString().contains("no node has been started"), error::toString);
        assertFalse(NodeState.exists(folder));
        NodeState state = NodeState.open(folder, new Random(1));
        assertEquals(0, run("keys", "show", stateDir()), error::toString);
        assertEquals(
                "identity   " + state.identity().publicKey() + "\nnode       "
                        + state.nodeKey().publicKey() + "\nWireGuard  "
                        + state.nodeKey().publicKey().base64() + "\n",
                out.toString());
    }

    @Test
    void aWrongKeyIsNeverRepeated() {
        assertEquals(1, withInput("c2VjcmV0\n", "keys", "public"));
        assertTrue(error.toString().contains("no private key"), error::toString);
        assertFalse(error.toString().contains("c2VjcmV0"), error::toString);
        assertEquals(1, withInput("", "keys", "public"));
    }

    private int withInput(String input, String... arguments) {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
        try {
            return run(arguments);
        } finally {
            System.setIn(before);
        }
    }

    @Test
    void theStateFolderFollowsTheUser() {
        assertEquals(Path.of("/var/lib/warren/node"), StateFolder.usual(Map.of(), true));
        assertEquals(Path.of("/x/warren"), StateFolder.usual(Map.of("XDG_STATE_HOME", "/x"), false));
        assertEquals(Path.of("/h/.local/state/warren"), StateFolder.usual(Map.of("HOME", "/h"), false));
    }
}
