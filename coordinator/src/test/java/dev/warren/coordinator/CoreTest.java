package dev.warren.coordinator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.coordinator.registry.TokenRequest;
import dev.warren.coordinator.store.MemoryStore;
import dev.warren.coordinator.topology.Leases;
import dev.warren.protocol.coordination.ErrorCode;
import dev.warren.protocol.coordination.NodeStatement;
import dev.warren.protocol.coordination.PathReport;
import dev.warren.protocol.coordination.RegisterAnswer;
import dev.warren.protocol.coordination.RegisterRequest;
import dev.warren.protocol.coordination.SignedNodeRecord;
import dev.warren.protocol.coordination.UpdateRequest;
import dev.warren.protocol.coordination.WatchFrame;
import dev.warren.protocol.derp.DerpMap;
import dev.warren.protocol.key.DiscoPrivateKey;
import dev.warren.protocol.key.IdentityPrivateKey;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.testing.Seeds;
import dev.warren.protocol.wireguard.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class CoreTest {
    private static final long NOW = 1_000_000;

    private final RandomGenerator random = Seeds.random(1);
    private final MemoryStore.Log log = new MemoryStore.Log();
    private MemoryStore store = new MemoryStore(log, () -> NOW, 1000);
    private Core core = start();

    private final class Machine {
        final IdentityPrivateKey identity = IdentityPrivateKey.generate(random);
        final NodePublicKey nodeKey = NodePrivateKey.generate(random).publicKey();
        long sequence = 1;

        SignedNodeRecord signed() {
            NodeStatement statement = NodeStatement.of(
                    core.mesh(),
                    identity.publicKey(),
                    sequence,
                    nodeKey,
                    DiscoPrivateKey.generate(random).publicKey(),
                    List.of(),
                    0);
            return SignedNodeRecord.sign(statement, identity);
        }

        CompletableFuture<RegisterAnswer> register(@Nullable String token) {
            return core.register(
                    identity.publicKey(), new RegisterRequest(1, List.of(), "host", "test", signed(), token));
        }
    }

    @AfterEach
    void stop() {
        core.close();
    }

    @Test
    void aRegistrationIsPublishedBeforeItIsAnswered() {
        Machine a = new Machine();
        a.register(token()).join();
        assertTrue(core.snapshot().nodes().containsKey(a.identity.publicKey()));
        assertTrue(core.snapshot().admits(a.nodeKey, NOW));
    }

    @Test
    void revisionsGrowOverRestarts() {
        Machine a = new Machine();
        a.register(token()).join();
        long before = core.snapshot().revision();
        var mesh = core.mesh();
        restart();
        assertEquals(mesh, core.mesh());
        assertTrue(core.snapshot().revision() > before);
        assertEquals(1, core.snapshot().nodes().size());
        assertTrue(core.snapshot().revision() < 1L << 53, "exact in JSON");
    }

    @Test
    void aTokenSurvivesARestart() {
        String token = token();
        restart();
        assertEquals("host", new Machine().register(token).join().self().name());
    }

    @Test
    void whatTheStoreDoesNotTakeDoesNotHappen() {
        String token = token();
        store.refuseWrites();
        Machine a = new Machine();
        assertRefused(ErrorCode.INTERNAL, a.register(token));
        assertFalse(core.snapshot().nodes().containsKey(a.identity.publicKey()));
    }

    @Test
    void manyAtOnceAllGetTheirOwnAddress() {
        String token = core.createToken(new TokenRequest(true, null, List.of())).join();
        List<CompletableFuture<RegisterAnswer>> answers = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            answers.add(new Machine().register(token));
        }
        assertEquals(
                100,
                answers.stream()
                        .map(answer -> answer.join().self().addresses().getFirst())
                        .distinct()
                        .count());
        assertEquals(100, core.snapshot().nodes().size());
    }

    @Test
    void aTokenForOneAdmitsOneOfManyAtOnce() {
        String token = token();
        long admitted =
                java.util.stream.Stream.generate(() -> new Machine().register(token)).limit(20).toList().stream()
                        .filter(answer ->
                                answer.handle((_, failure) -> failure == null).join())
                        .count();
        assertEquals(1, admitted);
    }

    @Test
    void updatesArePublishedTogetherAndSoon() throws InterruptedException {
        Machine a = new Machine();
        a.register(token()).join();
        LinkedBlockingQueue<Long> published = new LinkedBlockingQueue<>();
        core.onPublish(() -> published.add(core.snapshot().revision()));
        long before = core.snapshot().revision();
        for (int i = 0; i < 20; i++) {
            a.sequence++;
            core.update(a.identity.publicKey(), new UpdateRequest(a.signed(), null))
                    .join();
        }
        long last = 0;
        while (core.snapshot().nodes().values().iterator().next().statement().sequence() != a.sequence) {
            Long revision = published.poll(10, TimeUnit.SECONDS);
            last = revision == null ? -1 : revision;
        }
        assertTrue(last - before < 20, "20 updates made " + (last - before) + " revisions");
    }

    @Test
    void presenceIsPublished() throws InterruptedException {
        Machine a = new Machine();
        a.register(token()).join();
        LinkedBlockingQueue<WatchFrame.Delta> published = new LinkedBlockingQueue<>();
        core.onPublish(() -> published.add(core.snapshot().recent().getLast()));
        core.watchBegan(a.identity.publicKey());
        WatchFrame.Delta delta = published.poll(10, TimeUnit.SECONDS);
        assertTrue(delta != null && delta.presence().getFirst().online());
        core.watchEnded(a.identity.publicKey());
        core.update(a.identity.publicKey(), new UpdateRequest(null, List.of())).join();
        assertTrue(core.snapshot().nodes().values().iterator().next().online(), "the grace time");
    }

    @Test
    void pathReportsAreKeptPerNode() {
        Machine a = new Machine();
        a.register(token()).join();
        PathReport report = new PathReport(a.nodeKey, dev.warren.protocol.coordination.PathKind.RELAY, null, 900, 5L);
        core.update(a.identity.publicKey(), new UpdateRequest(null, List.of(report)))
                .join();
        var reports = core.paths().of(a.identity.publicKey());
        assertEquals(List.of(report), reports == null ? null : reports.paths());
    }

    @Test
    void strangersCannotUpdate() {
        Machine a = new Machine();
        assertRefused(ErrorCode.NOT_A_MEMBER, core.update(a.identity.publicKey(), new UpdateRequest(null, List.of())));
    }

    private static void assertRefused(ErrorCode code, CompletableFuture<?> future) {
        CompletionException failure = assertThrows(CompletionException.class, future::join);
        RefusedException refused = assertInstanceOf(RefusedException.class, failure.getCause());
        assertEquals(code, refused.answer().error());
    }

    private String token() {
        return core.createToken(new TokenRequest(false, null, List.of())).join();
    }

    private void restart() {
        core.close();
        store = new MemoryStore(log, () -> NOW, 1000);
        core = start();
    }

    private Core start() {
        return Core.start(
                store,
                IpPrefix.parse("100.64.0.0/10"),
                DerpMap.EMPTY,
                new Core.Environment(() -> NOW, () -> 0, random, Leases.Terms.STANDARD));
    }
}
