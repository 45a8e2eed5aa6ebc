package dev.warren.loadtest.coordination;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.coordinator.CoordinatorConfig;
import dev.warren.coordinator.CoordinatorServer;
import dev.warren.node.control.CoordinatorClient;
import dev.warren.node.control.CoordinatorListener;
import dev.warren.node.control.NodeState;
import dev.warren.platform.config.HostPort;
import dev.warren.platform.config.UserError;
import dev.warren.protocol.coordination.AddressText;
import dev.warren.protocol.coordination.JoinToken;
import dev.warren.protocol.coordination.KnownNode;
import dev.warren.protocol.coordination.NetworkMap;
import dev.warren.protocol.coordination.PathKind;
import dev.warren.protocol.coordination.PathReport;
import dev.warren.protocol.derp.DerpMap;
import dev.warren.protocol.derp.RelaySpec;
import dev.warren.protocol.key.DiscoPrivateKey;
import dev.warren.protocol.wireguard.IpPrefix;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class CoordinatorClientTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final DerpMap RELAYS = DerpMap.of(List.of(RelaySpec.parse("900:lo=192.0.2.9:443")));

    @TempDir
    Path folder;

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private CoordinatorServer server;

    @BeforeEach
    void startServer() throws IOException {
        server = start("127.0.0.1:0", folder.resolve("coordinator"));
    }

    @AfterEach
    void stopEverything() throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
        server.close();
    }

    /** What a node's listener heard. */
    private static final class Heard implements CoordinatorListener {
        private final LinkedBlockingQueue<NetworkMap> maps = new LinkedBlockingQueue<>();
        private final LinkedBlockingQueue<String> states = new LinkedBlockingQueue<>();

        @Override
        public void networkMap(NetworkMap map) {
            maps.add(map);
        }

        @Override
        public void state(boolean connected, String detail) {
            states.add((connected ? "+ " : "- ") + detail);
        }

        NetworkMap map(Predicate<NetworkMap> wanted) throws InterruptedException {
            return next(maps, wanted);
        }

        String state(Predicate<String> wanted) throws InterruptedException {
            return next(states, wanted);
        }

        private static <T> T next(LinkedBlockingQueue<T> queue, Predicate<T> wanted) throws InterruptedException {
            for (T item = queue.poll(20, TimeUnit.SECONDS); item != null; item = queue.poll(20, TimeUnit.SECONDS)) {
                if (wanted.test(item)) {
                    return item;
                }
            }
            throw new AssertionError("did not come within 20 s");
        }
    }

    @Test
    void twoNodesMeetAndFollowEachOther() throws Exception {
        String token = server.createToken(true, null, List.of());
        Heard heardA = new Heard();
        Heard heardB = new Heard();
        CoordinatorClient a = join("a", token, heardA);
        CoordinatorClient b = join("b", token, heardB);
        assertEquals("a", a.joined().get().name());
        heardA.state(state -> state.startsWith("+ "));
        KnownNode peer = heardA.map(map -> !map.peers().isEmpty()).peers().getFirst();
        assertEquals(b.joined().get().nodeKey(), peer.nodeKey());
        assertEquals(RELAYS, heardB.map(map -> !map.peers().isEmpty()).relays());

        b.publish(List.of(AddressText.parseEndpoint("198.51.100.7:41641")), 900);
        KnownNode moved = heardA.map(map -> map.peers().getFirst().homeRegion() == 900
                        && map.peers().getFirst().online())
                .peers()
                .getFirst();
        assertEquals(List.of(AddressText.parseEndpoint("198.51.100.7:41641")), moved.endpoints());
        assertEquals(0, a.refusedRecords());
    }

    @Test
    void pathReportsReachTheStatusPage() throws Exception {
        String token = server.createToken(true, null, List.of());
        Heard heardA = new Heard();
        CoordinatorClient a = join("a", token, heardA);
        CoordinatorClient b = join("b", token, new Heard());
        heardA.map(map -> map.peers().stream().anyMatch(KnownNode::online));
        a.report(List.of(new PathReport(b.joined().get().nodeKey(), PathKind.RELAY, null, 900, 1234L)));
        String status = status();
        while (!status.contains("\"latencyMicros\":1234")) {
            status = status();
        }
        assertTrue(status.contains("relay lo"), status);
    }

    @Test
    void aBurstOfChangesIsFewRequests() throws Exception {
        Heard heard = new Heard();
        CoordinatorClient a = join("a", server.createToken(true, null, List.of()), heard);
        a.joined().get();
        for (int region = 1; region <= 50; region++) {
            a.publish(List.of(), region);
        }
        heard.map(map -> map.self().homeRegion() == 50);
        String line = ops("/metrics")
                .lines()
                .filter(metric -> metric.contains("request=\"update\""))
                .findFirst()
                .orElse("no updates 0");
        double updates = Double.parseDouble(line.substring(line.lastIndexOf(' ')));
        assertTrue(updates >= 1 && updates <= 5, line);
    }

    @Test
    void aNodeComesBackWithoutItsToken() throws Exception {
        String token = server.createToken(false, null, List.of());
        CoordinatorClient first = join("a", token, new Heard());
        KnownNode before = first.joined().get();
        first.close();
        Heard heard = new Heard();
        CoordinatorClient second = join("a", null, heard);
        assertEquals(before.addresses(), second.joined().get().addresses());
        heard.state(state -> state.startsWith("+ "));
    }

    @Test
    void theKeptMapIsThereWhileTheCoordinatorIsAwayAndTheNodeConnectsWhenItReturns() throws Exception {
        String token = server.createToken(true, null, List.of());
        Heard heard = new Heard();
        CoordinatorClient a = join("a", token, heard);
        join("b", token, new Heard());
        heard.map(map -> !map.peers().isEmpty());
        a.close();
        int port = server.port();
        server.close();

        Heard later = new Heard();
        CoordinatorClient again = join("a", null, later);
        assertEquals("b", later.map(_ -> true).peers().getFirst().name());
        assertEquals("a", again.joined().get().name());
        assertTrue(later.state(state -> state.contains("cannot be reached")).startsWith("- "));
        server = start("127.0.0.1:" + port, folder.resolve("coordinator"));
        again.networkChanged(true);
        later.state(state -> state.startsWith("+ "));
    }

    @Test
    void aRunningNodeConnectsAgainAfterARestart() throws Exception {
        Heard heard = new Heard();
        CoordinatorClient a = join("a", server.createToken(true, null, List.of()), heard);
        heard.state(state -> state.startsWith("+ "));
        int port = server.port();
        server.close();
        heard.state(state -> state.startsWith("- "));
        server = start("127.0.0.1:" + port, folder.resolve("coordinator"));
        heard.state(state -> state.startsWith("+ "));
        a.publish(List.of(), 7);
        heard.map(map -> map.self().homeRegion() == 7);
    }

    @Test
    void aUsedTokenIsOneSentence() throws Exception {
        String token = server.createToken(false, null, List.of());
        join("a", token, new Heard()).joined().get();
        assertFails("this join token was for one node and has been used", "b", token);
    }

    @Test
    void anExpiredTokenIsOneSentence() throws Exception {
        String token = server.createToken(false, 1L, List.of());
        assertFails("this join token has expired", "b", token);
    }

    @Test
    void aWrongTokenIsOneSentence() throws Exception {
        JoinToken good = JoinToken.decode(server.createToken(false, null, List.of()));
        JoinToken wrong = new JoinToken(good.mesh(), good.urls(), good.pins(), "0000000000.wrong", null);
        assertFails("this join token is not known here", "b", wrong.encode());
    }

    @Test
    void aTokenForAnotherCertificateIsOneSentence() throws Exception {
        JoinToken good = JoinToken.decode(server.createToken(false, null, List.of()));
        List<String> pins = List.of("sha256-raw:" + "00".repeat(32));
        JoinToken wrong = new JoinToken(good.mesh(), good.urls(), pins, good.secret(), null);
        assertFails("the coordinator's certificate is not the one in the token", "b", wrong.encode());
    }

    @Test
    void anUnreachableCoordinatorIsOneSentence() throws Exception {
        JoinToken good = JoinToken.decode(server.createToken(false, null, List.of()));
        int free;
        try (ServerSocket socket = new ServerSocket(0)) {
            free = socket.getLocalPort();
        }
        JoinToken wrong = new JoinToken(
                good.mesh(), List.of(URI.create("https://127.0.0.1:" + free)), good.pins(), good.secret(), null);
        assertFails("cannot be reached", "b", wrong.encode());
        JoinToken plain = new JoinToken(
                good.mesh(),
                List.of(URI.create("https://127.0.0.1:" + server.opsPort())),
                good.pins(),
                good.secret(),
                null);
        assertFails("does not speak TLS as a coordinator does", "c", plain.encode());
    }

    @Test
    void theNextCoordinatorIsTriedWhenTheFirstIsAway() throws Exception {
        JoinToken good = JoinToken.decode(server.createToken(false, null, List.of()));
        List<URI> urls = List.of(URI.create("https://127.0.0.1:1"), good.urls().getFirst());
        JoinToken both = new JoinToken(good.mesh(), urls, good.pins(), good.secret(), null);
        CoordinatorClient client = join("a", both.encode(), new Heard());
        assertEquals("a", client.joined().get().name());
        assertEquals(good.urls().getFirst(), client.coordinator());
    }

    @Test
    void noTokenAndNoMembershipIsOneSentence() {
        UserError error = assertThrows(UserError.class, () -> join("a", null, new Heard()));
        assertTrue(String.valueOf(error.getMessage()).contains("--token"), error::getMessage);
    }

    @Test
    void aTokenForAnotherMeshIsRefusedBeforeAnythingIsSent() throws Exception {
        join("a", server.createToken(false, null, List.of()), new Heard())
                .joined()
                .get();
        try (CoordinatorServer other = start("127.0.0.1:0", folder.resolve("other"))) {
            String token = other.createToken(false, null, List.of());
            UserError error = assertThrows(UserError.class, () -> join("a", token, new Heard()));
            assertTrue(String.valueOf(error.getMessage()).contains("for another mesh"), error::getMessage);
        }
    }

    @Test
    void damagedKeysAreNamedAndNeverMadeAnew() throws Exception {
        NodeState.open(folder.resolve("a"), RANDOM);
        Files.writeString(folder.resolve("a/identity.key"), "nonsense");
        UserError error = assertThrows(UserError.class, () -> NodeState.open(folder.resolve("a"), RANDOM));
        String said = String.valueOf(error.getMessage());
        assertTrue(said.contains("identity.key is damaged"), said);
        assertFalse(said.contains("nonsense"), said);
    }

    private void assertFails(String part, String name, String token) throws Exception {
        CoordinatorClient client = join(name, token, new Heard());
        ExecutionException failure =
                assertThrows(ExecutionException.class, () -> client.joined().get(20, TimeUnit.SECONDS));
        UserError error = assertInstanceOf(UserError.class, failure.getCause());
        String said = String.valueOf(error.getMessage());
        assertTrue(said.contains(part), said);
        assertFalse(said.contains("Exception") || said.contains("\n"), said);
    }

    private CoordinatorClient join(String name, @Nullable String token, CoordinatorListener listener)
            throws IOException {
        NodeState state = NodeState.open(folder.resolve(name), RANDOM);
        CoordinatorClient.Settings settings = new CoordinatorClient.Settings(
                token == null ? null : JoinToken.decode(token),
                name,
                "test",
                DiscoPrivateKey.generate(RANDOM).publicKey());
        CoordinatorClient client = CoordinatorClient.start(state, settings, listener);
        open.push(client);
        return client;
    }

    private String status() throws Exception {
        return ops("/status.json");
    }

    private String ops(String path) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            URI uri = URI.create("http://127.0.0.1:" + server.opsPort() + path);
            return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    private static CoordinatorServer start(String listen, Path dataDir) throws IOException {
        return CoordinatorServer.start(new CoordinatorConfig(
                HostPort.parse(listen),
                HostPort.parse("127.0.0.1:0"),
                null,
                dataDir,
                RELAYS,
                IpPrefix.parse("100.64.0.0/10")));
    }
}
