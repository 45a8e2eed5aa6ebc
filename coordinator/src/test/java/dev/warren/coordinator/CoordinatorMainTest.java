package dev.warren.coordinator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.config.HostPort;
import dev.warren.platform.config.Program;
import dev.warren.protocol.coordination.JoinToken;
import dev.warren.protocol.coordination.Json;
import dev.warren.protocol.coordination.LeaseRequest;
import dev.warren.protocol.derp.DerpMap;
import dev.warren.protocol.derp.RelaySpec;
import dev.warren.protocol.wireguard.IpPrefix;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bad input to {@code warren coordinator}: one sentence, an exit code, no stack trace. */
@Timeout(30)
class CoordinatorMainTest {
    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter error = new StringWriter();

    @Test
    void theDataFolderMustBeNamed() {
        assertFails(Program.USAGE, "--data-dir DIR is missing", "--listen", "127.0.0.1:0");
    }

    @Test
    void anUnknownOptionIsNamed() {
        assertFails(Program.USAGE, "unknown option --lisen", "--lisen", "127.0.0.1:0");
    }

    @Test
    void aDataFolderThatCannotBeWrittenIsNamed() throws IOException {
        // A file in its place: root may write into every folder, so a mode would not stop these tests.
        Path file = Files.writeString(folder.resolve("file"), "");
        assertFails(Program.FAILED, "cannot be made", "--data-dir", file + "/data");
        assertFails(Program.FAILED, file + " cannot be made (it is a file)", "--data-dir", file.toString());
        assertFails(Program.FAILED, "cannot be made", "--data-dir", "/proc/nothing/here");
    }

    @Test
    void aPortInUseIsNamed() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + taken.getLocalPort();
            assertFails(
                    Program.FAILED,
                    address + " is already in use",
                    "--data-dir",
                    folder.toString(),
                    "--listen",
                    address,
                    "--ops-listen",
                    "127.0.0.1:0");
            assertFails(
                    Program.FAILED,
                    "choose another with --ops-listen",
                    "--data-dir",
                    folder.toString(),
                    "--listen",
                    "127.0.0.1:0",
                    "--ops-listen",
                    address);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "10.0.0.0/40", "10.0.0.0/31", "fd00::/48", "10.0.0.0/x"})
    void aWrongPoolIsNamed(String pool) {
        assertFails(Program.FAILED, "--pool " + pool, "--data-dir", folder.toString(), "--pool", pool);
        assertEquals(1, error.toString().split(" such as 100.64.0.0/10", -1).length - 1, "the remedy, once");
    }

    @ParameterizedTest
    @ValueSource(strings = {":8443", "coordinator.example:0"})
    void aPublicAddressThatNobodyCanDialIsRefused(String address) {
        assertFails(
                Program.FAILED,
                "--public " + address + " is nowhere that nodes could connect to: give a host and a port",
                "--data-dir",
                folder.toString(),
                "--public",
                address);
    }

    @Test
    void aPoolThatDoesNotHoldTheNodesIsRefused() throws IOException {
        Path data = folder.resolve("data");
        try (CoordinatorServer server = CoordinatorServer.start(config(data));
                TestNode node = new TestNode(server.createToken(false, null, List.of()))) {
            assertEquals(200, node.register("a").status());
        }
        assertFails(
                Program.FAILED,
                "does not hold 100.64.0.1",
                "--data-dir",
                data.toString(),
                "--pool",
                "10.0.0.0/8",
                "--listen",
                "127.0.0.1:0",
                "--ops-listen",
                "127.0.0.1:0");
    }

    @Test
    void aWrongRelayIsNamed() {
        assertFails(Program.FAILED, "the relay \"900\"", "--data-dir", folder.toString(), "--relay", "900");
        assertFails(
                Program.FAILED,
                "cannot be used together",
                "--data-dir",
                folder.toString(),
                "--relay",
                "900=192.0.2.1:443",
                "--relay-map",
                "x");
        assertFails(
                Program.FAILED,
                "--relay-map: nowhere.json does not exist",
                "--data-dir",
                folder.toString(),
                "--relay-map",
                "nowhere.json");
    }

    @Test
    void aRelayMapThatIsNoneIsNamed() throws IOException {
        Path map = Files.writeString(folder.resolve("map.json"), "[]");
        assertFails(
                Program.FAILED,
                "map.json cannot be used",
                "--data-dir",
                folder.toString(),
                "--relay-map",
                map.toString());
    }

    @Test
    void aSecondCoordinatorOnOneFolderIsRefused() throws IOException {
        Path data = folder.resolve("data");
        try (CoordinatorServer _ = CoordinatorServer.start(config(data))) {
            assertFails(
                    Program.FAILED,
                    "another coordinator runs with this data folder",
                    "--data-dir",
                    data.toString(),
                    "--listen",
                    "127.0.0.1:0",
                    "--ops-listen",
                    "127.0.0.1:0");
        }
    }

    @Test
    void tokenCreatePrintsOneLine() throws IOException {
        Path data = folder.resolve("data");
        try (CoordinatorServer server = CoordinatorServer.start(config(data))) {
            assertEquals(0, run("token", "create", "--data-dir", data.toString(), "--expires", "1h", "--reusable"));
            String line = out.toString();
            assertEquals(1, line.lines().count(), line);
            JoinToken token = JoinToken.decode(line);
            assertEquals(server.url(), token.urls().getFirst());
            assertEquals(server.pin().toString(), token.pins().getFirst());
            Long expires = token.expiresUnixMillis();
            assertTrue(expires != null && expires > System.currentTimeMillis() + 3_500_000);
            try (TestNode a = new TestNode(line);
                    TestNode b = new TestNode(line)) {
                assertEquals(200, a.register("a").status());
                assertEquals(200, b.register("b").status());
            }
        }
    }

    @Test
    void tokenCreateNeedsARunningCoordinator() throws IOException {
        assertFails(Program.FAILED, "no coordinator runs with", "token", "create", "--data-dir", folder.toString());
        Files.writeString(folder.resolve("coordinator.sock"), "");
        assertFails(Program.FAILED, "no coordinator runs with", "token", "create", "--data-dir", folder.toString());
    }

    @ParameterizedTest
    @CsvSource({
        "'',is no time",
        "1,is no time",
        "h,is no time",
        "-1h,is no time",
        "1y,is no time",
        "99999999999d,is no time",
        "0s,would be over at once",
        "0ms,would be over at once",
    })
    void aWrongLifetimeIsNamed(String lifetime, String sentence) {
        assertFails(
                lifetime.startsWith("0") ? Program.FAILED : Program.USAGE,
                sentence,
                "token",
                "create",
                "--data-dir",
                folder.toString(),
                "--expires",
                lifetime);
    }

    @Test
    void tokenAloneSaysWhatCanBeDone() {
        assertFails(Program.USAGE, "token create", "token");
    }

    @Test
    void relayListAndRemoveSayWhatTheyFindAndDo() throws IOException {
        String data = folder.resolve("data").toString();
        try (CoordinatorServer server = CoordinatorServer.start(config(Path.of(data)))) {
            assertEquals("no relay has registered itself\n", printed("relay", "list", "--data-dir", data));
            assertFails(Program.FAILED, "is called \"900a\" here", "relay", "remove", "900a", "--data-dir", data);
            JoinToken token = JoinToken.decode(server.createRelayToken(false, null));
            String pin = "sha256-raw:" + "ab".repeat(32);
            DerpMap entry = DerpMap.of(List.of(RelaySpec.parse("900:fra=192.0.2.1:443,stun=3478,pin=" + pin)));
            try (TestNode relay = new TestNode(token.encode())) {
                byte[] request = Json.encode(new LeaseRequest(1, entry, "warren/test", 5000, token.secret()));
                assertEquals(
                        200,
                        relay.signed("POST", "/v1/lease", request, relay.nonce())
                                .status());
            }

            String table = printed("relay", "list", "--data-dir", data);
            assertTrue(table.matches("(?s).*\n900a +900 fra +192.0.2.1:443 +5000 +3478 +ends in \\d+ s\n.*"), table);
            assertTrue(table.contains(pin) && table.contains("warren/test"), table);
            String json = printed("relay", "list", "--json", "--data-dir", data);
            assertTrue(json.startsWith("{\"relays\":[{\"name\":\"900a\",\"region\":900,\"code\":\"fra\""), json);
            assertTrue(json.contains("\"leaseEndsInMillis\":") && !json.contains("\"out\""), json);
            assertEquals(
                    "removed 900a, 192.0.2.1:443 in region 900\n",
                    printed("relay", "remove", "900a", "--data-dir", data));
            assertEquals("no relay has registered itself\n", printed("relay", "list", "--data-dir", data));
        }
        assertFails(Program.FAILED, "no coordinator runs with", "relay", "list", "--data-dir", data);
        assertFails(Program.USAGE, "relay remove RELAY", "relay");
    }

    private String printed(String... arguments) {
        out.getBuffer().setLength(0);
        assertEquals(0, run(arguments), error::toString);
        return out.toString();
    }

    @Test
    void aTooLongPathIsNamed() {
        Path deep = folder.resolve("x".repeat(120));
        assertFails(
                Program.FAILED,
                "too long for a Unix socket",
                "--data-dir",
                deep.toString(),
                "--listen",
                "127.0.0.1:0",
                "--ops-listen",
                "127.0.0.1:0");
    }

    @Test
    void helpShowsTheDefaults() {
        assertEquals(0, run("--help"));
        assertTrue(out.toString().contains("100.64.0.0/10"), out::toString);
        assertTrue(out.toString().contains("--ops-listen"), out::toString);
    }

    private void assertFails(int code, String part, String... arguments) {
        error.getBuffer().setLength(0);
        assertEquals(code, run(arguments), error::toString);
        String said = error.toString();
        assertTrue(said.contains(part), said);
        assertEquals(1, said.lines().count(), said);
        assertFalse(said.contains("Exception:") || said.contains("\tat "), said);
    }

    private int run(String... arguments) {
        return new Program(Map.of(), new PrintWriter(out, true), new PrintWriter(error, true))
                .run(new CoordinatorMain(), arguments);
    }

    private static CoordinatorConfig config(Path data) {
        return new CoordinatorConfig(
                HostPort.parse("127.0.0.1:0"),
                HostPort.parse("127.0.0.1:0"),
                null,
                data,
                DerpMap.EMPTY,
                IpPrefix.parse("100.64.0.0/10"));
    }
}
