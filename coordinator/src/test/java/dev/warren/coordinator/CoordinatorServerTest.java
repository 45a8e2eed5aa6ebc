package dev.warren.coordinator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.config.HostPort;
import dev.warren.protocol.coordination.ErrorAnswer;
import dev.warren.protocol.coordination.ErrorCode;
import dev.warren.protocol.coordination.Json;
import dev.warren.protocol.coordination.KnownNode;
import dev.warren.protocol.coordination.NodeRecord;
import dev.warren.protocol.coordination.PathKind;
import dev.warren.protocol.coordination.PathReport;
import dev.warren.protocol.coordination.RegisterAnswer;
import dev.warren.protocol.coordination.RegisterRequest;
import dev.warren.protocol.coordination.RequestSignature;
import dev.warren.protocol.coordination.SignedRequest;
import dev.warren.protocol.coordination.StatusView;
import dev.warren.protocol.coordination.UpdateAnswer;
import dev.warren.protocol.coordination.UpdateRequest;
import dev.warren.protocol.coordination.VerifyAnswer;
import dev.warren.protocol.coordination.VerifyRequest;
import dev.warren.protocol.coordination.WatchFrame;
import dev.warren.protocol.derp.DerpMap;
import dev.warren.protocol.derp.RelaySpec;
import dev.warren.protocol.wireguard.IpPrefix;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.SocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A whole coordinator on loopback, and nodes that speak to it by hand. */
@Timeout(30)
class CoordinatorServerTest {
    private static final DerpMap RELAYS = DerpMap.of(List.of(RelaySpec.parse("900:lo=192.0.2.9:443")));

    @TempDir
    Path folder;

    private final AtomicLong unixMillis = new AtomicLong(System.currentTimeMillis());
    private final List<TestNode> nodes = new ArrayList<>();
    private CoordinatorServer server;

    @BeforeEach
    void startServer() throws IOException {
        server = start(folder);
    }

    @AfterEach
    void stopServer() {
        nodes.forEach(TestNode::close);
        server.close();
    }

    @Test
    void aNodeJoinsAndGetsItsAddresses() {
        TestNode node = node(server.createToken(false, null, List.of("web")));
        TestNode.Answer answer = node.register("Host A.example.com");
        assertEquals(200, answer.status(), answer.body());
        RegisterAnswer registered = answer.as(RegisterAnswer.class);
        NodeRecord self = registered.self();
        assertEquals("host-a", self.name());
        assertEquals(List.of("web"), self.tags());
        assertEquals(RELAYS, registered.relays());
        assertEquals(node.token.mesh(), registered.mesh());
        assertEquals("100.64.0.1", self.addresses().getFirst().getHostAddress());
        assertTrue(node.token.mesh().ulaPrefix().contains(self.addresses().get(1)));
        assertEquals(
                IpPrefix.host(self.addresses().getFirst()), self.allowedIps().getFirst());
        assertEquals(node.identity.publicKey(), KnownNode.verify(self).identity());
    }

    @Test
    void everyNodeGetsItsOwnNameAndAddresses() {
        String token = server.createToken(true, null, List.of());
        Set<InetAddress> addresses = new HashSet<>();
        Set<String> names = new HashSet<>();
        for (int i = 0; i < 5; i++) {
            NodeRecord self =
                    node(token).register("same").as(RegisterAnswer.class).self();
            addresses.addAll(self.addresses());
            names.add(self.name());
        }
        assertEquals(10, addresses.size());
        assertEquals(Set.of("same", "same-2", "same-3", "same-4", "same-5"), names);
    }

    @Test
    void aTokenForOneNodeIsUsedUpButTheNodeMayAskAgain() {
        String token = server.createToken(false, null, List.of());
        TestNode first = node(token);
        assertEquals(200, first.register("a").status());
        assertEquals(200, first.register("a").status());
        assertRefused(ErrorCode.TOKEN_USED, node(token).register("b"));
    }

    @Test
    void aTokenEndsWithItsTime() {
        String token = server.createToken(true, 60_000L, List.of());
        assertEquals(200, node(token).register("a").status());
        unixMillis.addAndGet(60_000);
        assertRefused(ErrorCode.TOKEN_EXPIRED, node(token).register("b"));
    }

    @Test
    void anUnknownSecretIsRefused() {
        TestNode node = node(token());
        RegisterRequest asked = node.registerRequest("a");
        for (String secret : List.of("", "x", "0000000000.AAAA", asked.token() + "x")) {
            RegisterRequest wrong = new RegisterRequest(1, List.of(), "a", "", node.record(), secret);
            assertRefused(
                    ErrorCode.TOKEN_UNKNOWN, node.signed("POST", "/v1/register", Json.encode(wrong), node.nonce()));
        }
        RegisterRequest none = new RegisterRequest(1, List.of(), "a", "", node.record(), null);
        assertRefused(ErrorCode.NOT_A_MEMBER, node.signed("POST", "/v1/register", Json.encode(none), node.nonce()));
    }

    @Test
    void twoCoordinatorsRefuseEachOthersNodes(@TempDir Path otherFolder) throws IOException {
        try (CoordinatorServer other = start(otherFolder)) {
            TestNode stranger = node(other.createToken(false, null, List.of()));
            // The request names the other mesh, so here its signature does not hold.
            byte[] body = Json.encode(stranger.registerRequest("a"));
            TestNode here = node(token());
            String nonce = here.nonce();
            String signature = RequestSignature.sign(
                    stranger.identity, stranger.token.mesh(), new SignedRequest("POST", "/v1/register", body, nonce));
            assertRefused(ErrorCode.BAD_SIGNATURE, here.signed("POST", "/v1/register", body, nonce, signature));
            assertNotEquals(other.pin(), server.pin());
        }
    }

    @Test
    void aTokensPinsKeepOtherServersOut(@TempDir Path otherFolder) throws IOException {
        try (CoordinatorServer other = start(otherFolder)) {
            TestNode node = node(token());
            URI wrong = URI.create(other.url() + "/v1/nonce");
            assertThrows(
                    IOException.class,
                    () -> node.http.send(HttpRequest.newBuilder(wrong).build(), HttpResponse.BodyHandlers.ofString()));
        }
    }

    @Test
    void aWatcherSeesTheWholeMeshAndThenWhatChanges() throws InterruptedException {
        String token = server.createToken(true, null, List.of());
        TestNode a = node(token);
        a.register("a");
        try (TestNode.Watch watch = a.watch(0)) {
            WatchFrame.Full full = assertInstanceOf(WatchFrame.Full.class, watch.next());
            assertEquals("a", full.self().name());
            assertEquals(List.of(), full.peers());
            assertEquals(RELAYS, full.relays());
            WatchFrame.Delta online = assertInstanceOf(WatchFrame.Delta.class, watch.next());
            assertEquals(full.revision(), online.from());
            assertTrue(online.presence().getFirst().online());

            TestNode b = node(token);
            b.register("b");
            WatchFrame.Delta joined = assertInstanceOf(WatchFrame.Delta.class, watch.next());
            assertEquals("b", joined.changed().getFirst().name());
            assertFalse(joined.changed().getFirst().online());

            b.sequence = 2;
            b.endpoints = List.of("198.51.100.7:9", "[2001:db8::7]:9");
            assertEquals(
                    2,
                    b.update(new UpdateRequest(b.record(), null))
                            .as(UpdateAnswer.class)
                            .sequence());
            WatchFrame.Delta moved = assertInstanceOf(WatchFrame.Delta.class, watch.next());
            assertEquals(joined.revision(), moved.from());
            assertEquals(
                    2, KnownNode.verify(moved.changed().getFirst()).endpoints().size());
        }
    }

    @Test
    void aWatcherThatComesBackGetsOnlyWhatItMissed() throws InterruptedException {
        String token = server.createToken(true, null, List.of());
        TestNode a = node(token);
        a.register("a");
        long revision;
        try (TestNode.Watch watch = a.watch(0)) {
            assertInstanceOf(WatchFrame.Full.class, watch.next());
            revision = assertInstanceOf(WatchFrame.Delta.class, watch.next()).revision();
        }
        node(token).register("b");
        try (TestNode.Watch watch = a.watch(revision)) {
            assertEquals(new WatchFrame.KeepAlive(revision), watch.next());
            WatchFrame.Delta missed = assertInstanceOf(WatchFrame.Delta.class, watch.next());
            assertEquals(revision, missed.from());
            assertEquals("b", missed.changed().getFirst().name());
        }
        try (TestNode.Watch watch = a.watch(revision + 1_000_000)) {
            assertInstanceOf(WatchFrame.Full.class, watch.next());
        }
    }

    @Test
    void manyChangesAtOnceComeTogether() throws InterruptedException {
        String token = server.createToken(true, null, List.of());
        TestNode a = node(token);
        a.register("a");
        try (TestNode.Watch watch = a.watch(0)) {
            watch.next();
            watch.next();
            for (int i = 0; i < 40; i++) {
                a.sequence++;
                a.homeRegion = 900 + i;
                a.update(new UpdateRequest(a.record(), null));
            }
            int frames = 0;
            int region = 0;
            while (region != 939) {
                WatchFrame.Delta delta = assertInstanceOf(WatchFrame.Delta.class, watch.next());
                assertEquals(1, delta.changed().size());
                region = KnownNode.verify(delta.changed().getFirst()).homeRegion();
                frames++;
            }
            assertTrue(frames < 40, frames + " frames for 40 changes");
        }
    }

    @Test
    void anOlderStatementDoesNotReplaceANewerOne() {
        TestNode node = node(token());
        node.sequence = 5;
        node.register("a");
        node.sequence = 4;
        TestNode.Answer answer = node.update(new UpdateRequest(node.record(), null));
        assertRefused(ErrorCode.STALE_SEQUENCE, answer);
        assertEquals(5, answer.as(ErrorAnswer.class).sequence());
    }

    @Test
    void aNodeKeyHasOneOwner() {
        String token = server.createToken(true, null, List.of());
        TestNode first = node(token);
        first.register("a");
        TestNode thief = new TestNode(token, first.nodeKey);
        nodes.add(thief);
        assertRefused(ErrorCode.KEY_TAKEN, thief.register("b"));
    }

    @Test
    void aReplayedRequestIsRefusedWithAFreshNonce() {
        TestNode node = node(token());
        node.register("a");
        String nonce = node.nonce();
        byte[] body = Json.encode(new UpdateRequest(null, List.of()));
        assertEquals(200, node.signed("POST", "/v1/update", body, nonce).status());
        TestNode.Answer replay = node.signed("POST", "/v1/update", body, nonce);
        assertRefused(ErrorCode.BAD_NONCE, replay);
        assertEquals(
                200, node.signed("POST", "/v1/update", body, replay.nonce()).status());
        String old = node.nonce();
        unixMillis.addAndGet(60_000);
        assertRefused(ErrorCode.BAD_NONCE, node.signed("POST", "/v1/update", body, old));
    }

    @Test
    void aSignatureOverAnythingElseIsRefused() {
        TestNode node = node(token());
        node.register("a");
        byte[] body = Json.encode(new UpdateRequest(null, List.of()));
        String nonce = node.nonce();
        String signature = RequestSignature.sign(
                node.identity, node.token.mesh(), new SignedRequest("POST", "/v1/update", body, nonce));
        byte[] other = Json.encode(new UpdateRequest(null, null));
        assertRefused(ErrorCode.BAD_SIGNATURE, node.signed("POST", "/v1/update", other, nonce, signature));
        assertRefused(ErrorCode.BAD_SIGNATURE, node.signed("POST", "/v1/register", body, nonce, signature));
        assertRefused(ErrorCode.BAD_SIGNATURE, node.signed("POST", "/v1/update", body, nonce, "AAAA"));
        assertEquals(
                200, node.signed("POST", "/v1/update", body, nonce, signature).status());
    }

    @Test
    void strangersSeeNothing() {
        TestNode stranger = node(token());
        assertRefused(ErrorCode.BAD_SIGNATURE, stranger.post("/v1/update", "{}"));
        assertRefused(ErrorCode.NOT_A_MEMBER, stranger.update(new UpdateRequest(null, List.of())));
        assertRefused(
                ErrorCode.NOT_A_MEMBER, stranger.signed("GET", "/v1/watch?revision=0", new byte[0], stranger.nonce()));
        for (String path : List.of("/", "/status.json", "/metrics", "/v1/nodes", "/v2/register")) {
            assertRefused(ErrorCode.NOT_FOUND, stranger.post(path, "{}"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "POST, /v1/nonce, GET",
        "DELETE, /v1/watch, GET",
        "GET, /v1/register, POST",
        "PUT, /v1/lease/end, POST",
    })
    void aPathSaysWhichMethodItTakes(String method, String path, String allowed) {
        TestNode.Answer answer = node(token()).ask(method, path);
        assertRefused(ErrorCode.METHOD_NOT_ALLOWED, answer);
        assertEquals(allowed, answer.allow());
    }

    @Test
    void aPathThatCannotBeDecodedIsRefusedInOneSentence() throws IOException {
        try (Socket plain = new Socket(InetAddress.getLoopbackAddress(), server.opsPort())) {
            String answer = raw(plain, "/%zz");
            assertTrue(answer.startsWith("HTTP/1.1 400 "), answer);
            assertTrue(answer.endsWith("\r\n\r\nthe request cannot be read\n"), answer);
        }
        SocketFactory tls = node(token()).http.sslContext().getSocketFactory();
        try (Socket secured = tls.createSocket(InetAddress.getLoopbackAddress(), server.port())) {
            String answer = raw(secured, "/v1/%zz");
            assertTrue(answer.startsWith("HTTP/1.1 400 "), answer);
            assertTrue(
                    answer.endsWith("{\"error\":\"bad-request\",\"message\":\"the request cannot be read\"}"), answer);
        }
    }

    private static String raw(Socket socket, String path) throws IOException {
        String request = "GET " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }

    @Test
    void relaysAskInDerpersForm() {
        TestNode node = node(token());
        String key = Json.encodeText(new VerifyRequest(node.nodeKey.publicKey(), "192.0.2.1"));
        assertEquals(new VerifyAnswer(false), node.post("/v1/verify", key).as(VerifyAnswer.class));
        node.register("a");
        assertEquals("{\"Allow\":true}", node.post("/v1/verify", key).body());
        assertRefused(ErrorCode.BAD_REQUEST, node.post("/v1/verify", "{\"NodePublic\":\"x\"}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "[]", "{", "{}", "\u0000", "{\"version\":1}", "<html>"})
    void garbageBodiesAreRefusedInOneSentence(String body) {
        TestNode node = node(token());
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        TestNode.Answer answer = node.signed("POST", "/v1/register", bytes, node.nonce());
        assertRefused(ErrorCode.BAD_REQUEST, answer);
        assertFalse(answer.as(ErrorAnswer.class).message().contains("Exception"), answer.body());
        assertRefused(ErrorCode.BAD_REQUEST, node.post("/v1/verify", body));
    }

    @Test
    void hugeBodiesAreRefusedUnread() {
        TestNode node = node(token());
        byte[] huge = new byte[2 * 1024 * 1024];
        try {
            assertRefused(ErrorCode.TOO_LARGE, node.signed("POST", "/v1/register", huge, node.nonce()));
        } catch (UncheckedIOException cutOff) {
            // The answer may meet a client that is still sending; what counts is that the coordinator goes on.
        }
        assertEquals(200, node.register("a").status());
    }

    @Test
    void aTooOldVersionIsToldSo() {
        TestNode node = node(token());
        RegisterRequest old = new RegisterRequest(0, List.of(), "a", "", node.record(), node.token.secret());
        assertRefused(ErrorCode.VERSION_REFUSED, node.signed("POST", "/v1/register", Json.encode(old), node.nonce()));
    }

    @Test
    void everythingSurvivesARestart() throws IOException, InterruptedException {
        String token = server.createToken(true, null, List.of());
        TestNode node = node(token);
        NodeRecord before = node.register("a").as(RegisterAnswer.class).self();
        long revision;
        try (TestNode.Watch watch = node.watch(0)) {
            revision = assertInstanceOf(WatchFrame.Full.class, watch.next()).revision();
        }
        int port = server.port();
        var pin = server.pin();
        server.close();
        server = CoordinatorServer.start(config(folder, "127.0.0.1:" + port), unixMillis::get);
        assertEquals(pin, server.pin());
        node.sequence++;
        NodeRecord after = node.register("a").as(RegisterAnswer.class).self();
        assertEquals(before.addresses(), after.addresses());
        assertEquals(before.name(), after.name());
        assertEquals(before.joinedUnixMillis(), after.joinedUnixMillis());
        assertEquals(200, node(token).register("b").status());
        try (TestNode.Watch watch = node.watch(revision)) {
            assertTrue(assertInstanceOf(WatchFrame.Full.class, watch.next()).revision() > revision);
        }
    }

    @Test
    void aNodeWhoseHostIsRenamedGetsTheNewName() {
        TestNode node = node(token());
        node.register("old");
        node.sequence++;
        assertEquals("new", node.register("new").as(RegisterAnswer.class).self().name());
    }

    @Test
    void theStatusShowsNodesAndPairs() throws Exception {
        String token = server.createToken(true, null, List.of());
        TestNode a = node(token);
        TestNode b = node(token);
        a.register("a");
        b.register("b");
        try (TestNode.Watch first = a.watch(0);
                TestNode.Watch second = b.watch(0)) {
            first.next();
            second.next();
            a.update(new UpdateRequest(
                    null, List.of(new PathReport(b.nodeKey.publicKey(), PathKind.RELAY, null, 900, 4200L))));
            StatusView view = status();
            while (view.pairs().isEmpty()) {
                view = status();
            }
            assertEquals(
                    List.of("a", "b"),
                    view.nodes().stream().map(StatusView.Node::name).toList());
            assertEquals("test 1", view.nodes().getFirst().software());
            StatusView.Pair pair = view.pairs().getFirst();
            assertEquals(PathKind.RELAY, pair.kind());
            assertEquals(4200, pair.latencyMicros());
            StatusView.Side side = pair.aToB();
            assertEquals("relay lo", side == null ? "" : side.via());
            assertEquals(List.of("192.0.2.9:443"), view.relays().getFirst().hosts());
        }
    }

    @Test
    void theOpsListenerHasPageMetricsAndHealth() throws Exception {
        node(token()).register("a");
        assertTrue(ops("/").body().contains("<!doctype html>"));
        assertTrue(ops("/").headers()
                .firstValue("content-security-policy")
                .orElse("")
                .contains("default-src 'none'"));
        assertEquals(200, ops("/healthz").statusCode());
        assertEquals(200, ops("/readyz").statusCode());
        String metrics = ops("/metrics").body();
        assertTrue(metrics.contains("warren_coordinator_nodes 1.0"), metrics);
        assertTrue(
                metrics.contains("warren_coordinator_requests_total{outcome=\"ok\",request=\"register\"} 1.0"),
                metrics);
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /nope, 404, there is nothing at this path; the status page is at /",
        "POST, /nope, 404, there is nothing at this path; the status page is at /",
        "POST, /status.json, 405, this path takes GET only",
    })
    void theOpsListenerRefusesInOneLineOfText(String method, String path, int status, String sentence)
            throws Exception {
        HttpResponse<String> answer = ops(method, path);
        assertEquals(status, answer.statusCode());
        assertEquals(sentence + "\n", answer.body());
        assertEquals("text/plain", answer.headers().firstValue("content-type").orElse(""));
        assertEquals(
                status == 405 ? "GET" : "", answer.headers().firstValue("allow").orElse(""));
    }

    @Test
    void whatIsSecretIsReadableByItsOwnerOnly() throws IOException {
        for (String name : List.of("coordinator.key", "coordinator.sock", "coordinator.db", "coordinator.db-wal")) {
            assertEquals(
                    "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(name))));
        }
    }

    private void assertRefused(ErrorCode code, TestNode.Answer answer) {
        assertEquals(code, answer.as(ErrorAnswer.class).error(), answer.body());
        assertEquals(code.status(), answer.status());
    }

    private StatusView status() throws Exception {
        return Json.decodeText(ops("/status.json").body(), StatusView.class);
    }

    private HttpResponse<String> ops(String path) throws Exception {
        return ops("GET", path);
    }

    private HttpResponse<String> ops(String method, String path) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            URI uri = URI.create("http://127.0.0.1:" + server.opsPort() + path);
            return client.send(
                    HttpRequest.newBuilder(uri)
                            .method(method, HttpRequest.BodyPublishers.noBody())
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    private String token() {
        return server.createToken(false, null, List.of());
    }

    private TestNode node(String token) {
        TestNode node = new TestNode(token);
        nodes.add(node);
        return node;
    }

    private CoordinatorServer start(Path dataDir) throws IOException {
        return CoordinatorServer.start(config(dataDir, "127.0.0.1:0"), unixMillis::get);
    }

    private static CoordinatorConfig config(Path dataDir, String listen) {
        return new CoordinatorConfig(
                HostPort.parse(listen),
                HostPort.parse("127.0.0.1:0"),
                null,
                dataDir,
                RELAYS,
                IpPrefix.parse("100.64.0.0/10"));
    }
}
