package dev.warren.relay;

import static dev.warren.relay.TestRelay.await;
import static dev.warren.relay.TestRelay.count;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.config.SecretFile;
import dev.warren.platform.config.UserError;
import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.key.MeshKey;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.relay.admission.AdmissionConfig;
import dev.warren.relay.admission.AdmissionConfig.Memory;
import dev.warren.relay.admission.AdmissionConfig.Recheck;
import dev.warren.relay.client.RelayContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Lists and the verify URL together, and what happens to clients that are not let in any more. */
@Timeout(60)
class AdmissionTest {
    private static final Recheck AT_RELOAD = new Recheck(Duration.ZERO, Duration.ofHours(1));
    private static final Recheck OFTEN = new Recheck(Duration.ofMillis(20), Duration.ofHours(1));

    @TempDir
    Path folder;

    private final List<AutoCloseable> opened = new ArrayList<>();
    private final NodePrivateKey key = NodePrivateKey.generate(new SecureRandom());
    private VerifyServer coordinator = new VerifyServer();
    private Path deny = Path.of("");
    private Path allow = Path.of("");

    @BeforeEach
    void prepare() throws IOException {
        coordinator.start(0);
        opened.add(() -> coordinator.close());
        deny = Files.writeString(folder.resolve("deny"), "");
        allow = Files.writeString(folder.resolve("allow"), "");
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened.reversed()) {
            each.close();
        }
    }

    @Test
    void shouldLetInWhoIsOnTheAllowListAndNobodyElse() throws Exception {
        Files.writeString(allow, key.publicKey() + " # mine\n");
        RelayServer relay = relay(lists(AT_RELOAD));
        letIn(relay, key);
        refused(relay, NodePrivateKey.generate(new SecureRandom()), "not_listed");
    }

    @Test
    void shouldKeepOutWhoIsOnTheDenyListWhateverElseSays() throws Exception {
        Files.writeString(allow, key.publicKey() + "\n");
        Files.writeString(deny, key.publicKey() + "\n");
        RelayServer relay = relay(new AdmissionConfig(deny, allow, verify(false), AT_RELOAD));
        refused(relay, key, "deny_listed");
        assertEquals(0, coordinator.questions());
    }

    @Test
    void shouldLetEverybodyElseInWhenThereIsADenyListAlone() throws Exception {
        RelayServer relay = relay(new AdmissionConfig(deny, null, null, AT_RELOAD));
        letIn(relay, key);
    }

    @Test
    void shouldAskAboutWhomNoListKnows() throws Exception {
        Files.writeString(allow, key.publicKey() + "\n");
        RelayServer relay = relay(new AdmissionConfig(deny, allow, verify(false), AT_RELOAD));
        letIn(relay, key);
        assertEquals(0, coordinator.questions());
        NodePrivateKey other = NodePrivateKey.generate(new SecureRandom());
        letIn(relay, other);
        assertEquals(1, coordinator.questions());
        coordinator.answer(200, "{\"Allow\":false}");
        refused(relay, NodePrivateKey.generate(new SecureRandom()), "denied");
        // Remembered: a client that comes back is not asked about again.
        letIn(relay, other);
        assertEquals(2, coordinator.questions());
    }

    @Test
    void shouldFailOpenOnlyWhenToldAndOnlyWhenNobodyCanBeAsked() throws Exception {
        RelayServer closed = relay(new AdmissionConfig(null, null, verify(false), AT_RELOAD));
        RelayServer open = relay(new AdmissionConfig(null, null, verify(true), AT_RELOAD));
        coordinator.answer(500, "down");
        refused(open, key, "bad_answer");
        coordinator.answer(200, "{\"Allow\":true}" + " ".repeat(10_000));
        refused(open, key, "bad_answer");
        coordinator.close();
        refused(closed, key, "unreachable");
        letIn(open, key);
        assertEquals(1, count(open, "warren.relay.admissions", "verdict", "failed_open"));
    }

    @Test
    void shouldCutOffAtAReloadWhoIsPutOnTheDenyList() throws Exception {
        AdmissionConfig config = lists(AT_RELOAD);
        Files.writeString(allow, key.publicKey() + "\n");
        RelayServer relay = relay(config);
        NodePrivateKey other = NodePrivateKey.generate(new SecureRandom());
        Files.writeString(allow, other.publicKey() + "\n" + key.publicKey() + "\n");
        relay.reload(config(config));
        TestClient staying = letIn(relay, other);
        TestClient client = letIn(relay, key);

        Files.writeString(deny, key.publicKey() + "\n");
        relay.reload(config(config));

        assertEquals(TestClient.END, client.next());
        await("counted", () -> count(relay, "warren.relay.revocations", "verdict", "deny_listed") == 1);
        await("ended", () -> count(relay, "warren.relay.ended", "reason", "revoked") == 1);
        refused(relay, key, "deny_listed");
        assertStays(staying);
    }

    @Test
    void shouldCutOffWhoIsTakenOffTheAllowList() throws Exception {
        Files.writeString(allow, key.publicKey() + "\n");
        AdmissionConfig config = lists(AT_RELOAD);
        RelayServer relay = relay(config);
        TestClient client = letIn(relay, key);
        Files.writeString(allow, "# nobody\n");
        relay.reload(config(config));
        assertEquals(TestClient.END, client.next());
        await("counted", () -> count(relay, "warren.relay.revocations", "verdict", "not_listed") == 1);
    }

    @Test
    void shouldKeepTheListsWhenANewOneIsBroken() throws Exception {
        Files.writeString(allow, key.publicKey() + "\n");
        AdmissionConfig config = lists(AT_RELOAD);
        RelayServer relay = relay(config);
        TestClient client = letIn(relay, key);
        Files.writeString(allow, "nodekey:oops\n");
        relay.reload(config(config));
        assertEquals(1, count(relay, "warren.relay.reloads", "part", "admission", "result", "failed"));
        assertStays(client);
        letIn(relay, key);
    }

    @Test
    void shouldLeaveARelayOfTheMeshAloneWhateverTheListsSay() throws Exception {
        MeshKey secret = MeshKey.generate(new SecureRandom());
        Path file = folder.resolve("mesh.key");
        SecretFile.write(file, secret.secretText());
        Files.writeString(deny, key.publicKey() + "\n");
        RelayConfig config = config(lists(OFTEN)).withMesh(new RelayConfig.Mesh(file, List.of()));
        RelayServer relay = opening(RelayServer.start(config));
        TestClient peer = opening(TestClient.meshPeer(relay.port(), secret, key));
        NodePrivateKey other = NodePrivateKey.generate(new SecureRandom());
        Files.writeString(allow, other.publicKey() + "\n");
        relay.reload(config);
        TestClient client = letIn(relay, other);
        Files.writeString(allow, "");
        relay.reload(config);
        // The look that ends this one has been at the peer too.
        assertEquals(TestClient.END, client.next());
        assertStays(peer);
    }

    @Test
    void shouldNotStartWithABrokenList() throws Exception {
        Files.writeString(deny, "nodekey:oops\n");
        UserError broken = assertThrows(UserError.class, () -> relay(lists(AT_RELOAD)));
        assertTrue(String.valueOf(broken.getMessage()).startsWith(deny + ": line 1: no node key"), broken::getMessage);
    }

    @Test
    void shouldCutOffWhomTheCoordinatorDoesNotKnowAnyMore() throws Exception {
        RelayServer relay = relay(new AdmissionConfig(null, null, verify(false), OFTEN));
        TestClient client = letIn(relay, key);
        int before = coordinator.questions();
        await("asked again", () -> coordinator.questions() > before + 2);
        assertStays(client);
        coordinator.answer(200, "{\"Allow\":false}");
        assertEquals(TestClient.END, client.next());
        assertEquals(1, count(relay, "warren.relay.revocations", "verdict", "denied"));
    }

    @Test
    void shouldKeepClientsWhileTheCoordinatorIsDownAndLetNobodyNewIn() throws Exception {
        RelayServer relay = relay(new AdmissionConfig(null, null, verify(false), OFTEN));
        TestClient client = letIn(relay, key);
        coordinator.answer(502, "bad gateway");
        int before = coordinator.questions();
        await("asked in vain", () -> coordinator.questions() > before + 2);
        assertStays(client);
        int port = coordinator.port();
        coordinator.close();
        refused(relay, NodePrivateKey.generate(new SecureRandom()), "unreachable");
        assertStays(client);

        coordinator = new VerifyServer();
        coordinator.answer(200, "{\"Allow\":false}");
        coordinator.start(port);
        assertEquals(TestClient.END, client.next());
    }

    @Test
    void shouldCutOffWhoCouldNotBeConfirmedForTheGraceTime() throws Exception {
        RelayServer relay = relay(new AdmissionConfig(
                null, null, verify(false), new Recheck(Duration.ofMillis(20), Duration.ofMillis(100))));
        TestClient client = letIn(relay, key);
        coordinator.answer(503, "later");
        assertEquals(TestClient.END, client.next());
        assertEquals(1, count(relay, "warren.relay.revocations", "verdict", "bad_answer"));
    }

    @Test
    void shouldTakeAnotherUrlAtAReload() throws Exception {
        RelayServer relay = relay(AdmissionConfig.OPEN);
        TestClient client = letIn(relay, key);
        coordinator.answer(200, "{\"Allow\":false}");
        relay.reload(config(new AdmissionConfig(null, null, verify(false), AT_RELOAD)));
        assertEquals(TestClient.END, client.next());
        refused(relay, key, "denied");
        relay.reload(config(AdmissionConfig.OPEN));
        letIn(relay, key);
    }

    private AdmissionConfig.Verify verify(boolean failOpen) {
        return new AdmissionConfig.Verify(coordinator.url(), null, failOpen, Memory.STANDARD);
    }

    private AdmissionConfig lists(Recheck recheck) {
        return new AdmissionConfig(deny, allow, null, recheck);
    }

    private RelayConfig config(AdmissionConfig admission) {
        return TestRelay.config(folder, false, RelayContext.Timing.DEFAULT, null)
                .withAdmission(admission);
    }

    private RelayServer relay(AdmissionConfig admission) throws IOException {
        return opening(RelayServer.start(config(admission)));
    }

    private TestClient letIn(RelayServer relay, NodePrivateKey client) throws Exception {
        return opening(TestClient.connect(relay.port(), client));
    }

    private void refused(RelayServer relay, NodePrivateKey client, String verdict) throws Exception {
        double before = count(relay, "warren.relay.admissions", "verdict", verdict);
        TestClient refused = opening(TestClient.start(relay.port(), client));
        assertEquals(TestClient.END, refused.next());
        assertEquals(before + 1, count(relay, "warren.relay.admissions", "verdict", verdict));
    }

    private static void assertStays(TestClient client) throws Exception {
        client.send(new Frame.Ping(11));
        assertEquals(new Frame.Pong(11), client.next());
    }

    private <T extends AutoCloseable> T opening(T made) {
        opened.add(made);
        return made;
    }
}
