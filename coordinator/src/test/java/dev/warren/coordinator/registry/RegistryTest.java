package dev.warren.coordinator.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.coordination.DatedKey;
import dev.warren.protocol.coordination.ErrorAnswer;
import dev.warren.protocol.coordination.ErrorCode;
import dev.warren.protocol.coordination.MeshId;
import dev.warren.protocol.coordination.NodeStatement;
import dev.warren.protocol.coordination.RegisterRequest;
import dev.warren.protocol.coordination.SignedNodeRecord;
import dev.warren.protocol.key.DiscoPrivateKey;
import dev.warren.protocol.key.IdentityPrivateKey;
import dev.warren.protocol.key.IdentityPublicKey;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.testing.Seeds;
import dev.warren.protocol.wireguard.IpPrefix;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class RegistryTest {
    private static final long NOW = 1_000_000;

    private final RandomGenerator random = Seeds.random(7);
    private final MeshId mesh = MeshId.generate(random);
    private final Map<String, Write> store = new HashMap<>();
    private final Map<String, Long> revisions = new HashMap<>();
    private Registry registry = registry("100.64.0.0/10");
    private long revision;

    private final class Machine {
        final IdentityPrivateKey identity = IdentityPrivateKey.generate(random);
        NodePublicKey nodeKey = NodePrivateKey.generate(random).publicKey();
        MeshId statedMesh = mesh;
        long sequence = 1;
        String hostName = "host";
        int version = 1;

        @Nullable
        Long keyEnds;

        IdentityPublicKey id() {
            return identity.publicKey();
        }

        SignedNodeRecord signed() {
            NodeStatement statement = new NodeStatement(
                    statedMesh,
                    id(),
                    sequence,
                    List.of(new DatedKey(nodeKey, null, keyEnds)),
                    DiscoPrivateKey.generate(random).publicKey(),
                    List.of(),
                    0);
            return SignedNodeRecord.sign(statement, identity);
        }

        RegisterRequest request(@Nullable String token) {
            return new RegisterRequest(version, List.of(), hostName, "test", signed(), token);
        }

        Member member() {
            Member member = registry.member(id());
            if (member == null) {
                throw new AssertionError("not a member");
            }
            return member;
        }
    }

    @Test
    void aTokenLetsANodeIn() {
        Machine a = new Machine();
        accept(registry.register(a.id(), a.request(token(false, null)), NOW));
        assertEquals("100.64.0.1", a.member().stored().ipv4().getHostAddress());
        assertEquals(NOW, a.member().stored().joinedUnixMillis());
        assertEquals(1, registry.members().size());
    }

    @Test
    void withoutATokenAStrangerStaysOut() {
        Machine a = new Machine();
        assertRefused(ErrorCode.NOT_A_MEMBER, registry.register(a.id(), a.request(null), NOW));
        assertRefused(ErrorCode.NOT_A_MEMBER, registry.update(a.id(), a.signed(), NOW));
        assertRefused(ErrorCode.NOT_A_MEMBER, registry.seen(a.id(), NOW));
    }

    @Test
    void aDecisionAloneChangesNothing() {
        Machine a = new Machine();
        String token = token(false, null);
        assertInstanceOf(Decision.Accepted.class, registry.register(a.id(), a.request(token), NOW));
        assertNull(registry.member(a.id()));
        Machine b = new Machine();
        accept(registry.register(b.id(), b.request(token), NOW));
    }

    @Test
    void aTokenForOneNodeIsForOneNode() {
        String token = token(false, null);
        Machine a = new Machine();
        Machine b = new Machine();
        accept(registry.register(a.id(), a.request(token), NOW));
        assertRefused(ErrorCode.TOKEN_USED, registry.register(b.id(), b.request(token), NOW));
    }

    @Test
    void aCrashBetweenTheWritesLeavesNothingLost() {
        String token = token(false, null);
        Machine a = new Machine();
        Decision.Accepted first =
                assertInstanceOf(Decision.Accepted.class, registry.register(a.id(), a.request(token), NOW));
        assertEquals(3, first.writes().size());
        for (int done = 1; done <= 2; done++) {
            write(first.writes().get(done - 1));
            restart();
            Machine other = new Machine();
            assertRefused(ErrorCode.TOKEN_USED, registry.register(other.id(), other.request(token), NOW));
        }
        accept(registry.register(a.id(), a.request(token), NOW));
        assertEquals("100.64.0.1", a.member().stored().ipv4().getHostAddress());
    }

    @Test
    void aReusableTokenIsForMany() {
        String token = token(true, null);
        Set<Object> addresses = new HashSet<>();
        for (int i = 0; i < 50; i++) {
            Machine machine = new Machine();
            accept(registry.register(machine.id(), machine.request(token), NOW));
            addresses.add(machine.member().stored().ipv4());
            addresses.add(machine.member().stored().ipv6());
        }
        assertEquals(100, addresses.size());
    }

    @Test
    void aTokenEndsAtItsMoment() {
        String token = token(true, NOW + 10);
        Machine a = new Machine();
        accept(registry.register(a.id(), a.request(token), NOW + 9));
        Machine b = new Machine();
        assertRefused(ErrorCode.TOKEN_EXPIRED, registry.register(b.id(), b.request(token), NOW + 10));
    }

    @Test
    void onlyTheHashOfASecretIsKept() {
        String token = token(false, null);
        String random = token.substring(token.indexOf('.') + 1);
        store.values().forEach(write -> assertFalse(write.value().contains(random), write.value()));
    }

    @Test
    void almostTheRightSecretIsWrong() {
        String token = token(true, null);
        Machine a = new Machine();
        for (int i = 0; i < token.length(); i++) {
            char changed = token.charAt(i) == 'A' ? 'B' : 'A';
            String wrong = token.substring(0, i) + changed + token.substring(i + 1);
            assertRefused(ErrorCode.TOKEN_UNKNOWN, registry.register(a.id(), a.request(wrong), NOW));
        }
    }

    @Test
    void aMemberNeedsNoTokenToComeBack() {
        Machine a = new Machine();
        accept(registry.register(a.id(), a.request(token(false, null)), NOW));
        restart();
        a.sequence++;
        a.nodeKey = NodePrivateKey.generate(random).publicKey();
        accept(registry.register(a.id(), a.request(null), NOW + 5));
        assertEquals(a.nodeKey, a.member().statement().nodeKey());
        assertEquals(NOW, a.member().stored().joinedUnixMillis());
    }

    @Test
    void aStatementMustBeNewerOrTheSame() {
        Machine a = new Machine();
        accept(registry.register(a.id(), a.request(token(false, null)), NOW));
        a.sequence = 5;
        SignedNodeRecord fifth = a.signed();
        accept(registry.update(a.id(), fifth, NOW));
        assertEquals(
                List.of(),
                assertInstanceOf(Decision.Accepted.class, registry.update(a.id(), fifth, NOW))
                        .writes());
        ErrorAnswer refused = assertRefused(ErrorCode.STALE_SEQUENCE, registry.update(a.id(), a.signed(), NOW));
        assertEquals(5, refused.sequence());
    }

    @Test
    void aStatementIsForThisMeshAndThisIdentity() {
        Machine a = new Machine();
        Machine b = new Machine();
        String token = token(true, null);
        assertRefused(ErrorCode.BAD_REQUEST, registry.register(b.id(), a.request(token), NOW));
        a.statedMesh = MeshId.generate(random);
        assertRefused(ErrorCode.BAD_REQUEST, registry.register(a.id(), a.request(token), NOW));
    }

    @Test
    void aForgedStatementIsRefused() {
        Machine a = new Machine();
        SignedNodeRecord other =
                new SignedNodeRecord(a.signed().payload(), a.signed().signature());
        RegisterRequest request = new RegisterRequest(1, List.of(), "a", "", other, token(true, null));
        assertRefused(ErrorCode.BAD_REQUEST, registry.register(a.id(), request, NOW));
    }

    @Test
    void aKeyMustBeValidNow() {
        Machine a = new Machine();
        a.keyEnds = NOW;
        assertRefused(ErrorCode.BAD_REQUEST, registry.register(a.id(), a.request(token(true, null)), NOW));
        a.keyEnds = NOW + 1;
        a.nodeKey = NodePublicKey.of(new byte[32]);
        assertRefused(ErrorCode.BAD_REQUEST, registry.register(a.id(), a.request(token(true, null)), NOW));
    }

    @Test
    void aNodeKeyHasOneOwnerAndIsFreeWhenGivenUp() {
        String token = token(true, null);
        Machine a = new Machine();
        Machine b = new Machine();
        b.nodeKey = a.nodeKey;
        accept(registry.register(a.id(), a.request(token), NOW));
        assertRefused(ErrorCode.KEY_TAKEN, registry.register(b.id(), b.request(token), NOW));
        a.sequence++;
        a.nodeKey = NodePrivateKey.generate(random).publicKey();
        accept(registry.update(a.id(), a.signed(), NOW));
        accept(registry.register(b.id(), b.request(token), NOW));
    }

    @Test
    void anOldVersionIsToldWhatIsNeeded() {
        Machine a = new Machine();
        a.version = 0;
        ErrorAnswer answer = assertRefused(ErrorCode.VERSION_REFUSED, registry.register(a.id(), a.request(null), NOW));
        assertTrue(answer.message().contains("update warren on the node"), answer.message());
    }

    @Test
    void aFullPoolSaysSo() {
        registry = registry("192.0.2.0/29");
        String token = token(true, null);
        for (int i = 0; i < 6; i++) {
            Machine machine = new Machine();
            accept(registry.register(machine.id(), machine.request(token), NOW));
        }
        Machine last = new Machine();
        assertRefused(ErrorCode.POOL_EMPTY, registry.register(last.id(), last.request(token), NOW));
    }

    @Test
    void anotherPoolIsNoticed() {
        Machine a = new Machine();
        accept(registry.register(a.id(), a.request(token(true, null)), NOW));
        assertNull(registry.addressOutsidePool());
        registry = registry("10.0.0.0/8");
        store.forEach((key, write) -> registry.apply(key, write.value(), 1));
        assertEquals(a.member().stored().ipv4(), registry.addressOutsidePool());
    }

    @Test
    void namesAreLabelsAndUnique() {
        String token = token(true, null);
        List<String> names = new ArrayList<>();
        for (String hostName : List.of("Büro PC.example.org", "", "--", "a".repeat(200), "buro", "b-ro-pc")) {
            Machine machine = new Machine();
            machine.hostName = hostName;
            accept(registry.register(machine.id(), machine.request(token), NOW));
            names.add(machine.member().name());
        }
        assertEquals(List.of("b-ro-pc", "node", "node-2", "a".repeat(56), "buro", "b-ro-pc-2"), names);
    }

    @Test
    void aRenamedHostFreesItsName() {
        String token = token(true, null);
        Machine a = new Machine();
        accept(registry.register(a.id(), a.request(token), NOW));
        a.sequence++;
        a.hostName = "other";
        accept(registry.register(a.id(), a.request(token), NOW));
        Machine b = new Machine();
        accept(registry.register(b.id(), b.request(token), NOW));
        assertEquals("other", a.member().name());
        assertEquals("host", b.member().name());
    }

    @Test
    void lastSeenIsKept() {
        Machine a = new Machine();
        accept(registry.register(a.id(), a.request(token(true, null)), NOW));
        accept(registry.seen(a.id(), NOW + 77));
        restart();
        assertEquals(NOW + 77, a.member().lastSeenUnixMillis());
    }

    @Test
    void twoTokensDiffer() {
        assertNotEquals(token(false, null), token(false, null));
    }

    private String token(boolean reusable, @Nullable Long expires) {
        NewToken token = registry.createToken(new TokenRequest(reusable, expires, List.of()), NOW, random);
        write(token.write());
        return token.secret();
    }

    private void accept(Decision decision) {
        if (decision instanceof Decision.Refused refused) {
            throw new AssertionError(refused.answer());
        }
        ((Decision.Accepted) decision).writes().forEach(this::write);
    }

    private void write(Write write) {
        assertEquals(revisions.getOrDefault(write.key(), 0L), write.expectedRevision(), write.key());
        revision++;
        store.put(write.key(), write);
        revisions.put(write.key(), revision);
        registry.apply(write.key(), write.value(), revision);
    }

    private void restart() {
        registry = registry("100.64.0.0/10");
        store.forEach((key, write) -> registry.apply(key, write.value(), revisions.getOrDefault(key, 0L)));
    }

    private Registry registry(String pool) {
        return new Registry(mesh, new AddressPool(IpPrefix.parse(pool), mesh.ulaPrefix()));
    }

    private static ErrorAnswer assertRefused(ErrorCode code, Decision decision) {
        ErrorAnswer answer = assertInstanceOf(Decision.Refused.class, decision).answer();
        assertEquals(code, answer.error(), answer.message());
        return answer;
    }
}
