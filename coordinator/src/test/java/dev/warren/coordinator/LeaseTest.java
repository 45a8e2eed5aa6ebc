package dev.warren.coordinator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.coordinator.registry.TokenRequest;
import dev.warren.coordinator.store.MemoryStore;
import dev.warren.coordinator.topology.Leases;
import dev.warren.protocol.coordination.CoordinationFormatException;
import dev.warren.protocol.coordination.ErrorCode;
import dev.warren.protocol.coordination.LeaseAnswer;
import dev.warren.protocol.coordination.LeaseEndAnswer;
import dev.warren.protocol.coordination.LeaseEndRequest;
import dev.warren.protocol.coordination.LeaseRequest;
import dev.warren.protocol.coordination.WatchFrame;
import dev.warren.protocol.derp.DerpMap;
import dev.warren.protocol.derp.DerpNode;
import dev.warren.protocol.derp.DerpRegion;
import dev.warren.protocol.derp.RelaySpec;
import dev.warren.protocol.key.IdentityPrivateKey;
import dev.warren.protocol.testing.Seeds;
import dev.warren.protocol.wireguard.IpPrefix;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Relays that register themselves, at a core with a clock of the test's own. */
@Timeout(30)
class LeaseTest {
    private static final long NOW = 1_000_000;
    private static final DerpMap FIXED = DerpMap.of(List.of(RelaySpec.parse("905:old=192.0.2.5:443")));

    private final RandomGenerator random = Seeds.random(1);
    private final AtomicLong millis = new AtomicLong();
    private final MemoryStore.Log log = new MemoryStore.Log();
    private Core core = start();

    @AfterEach
    void stop() {
        core.close();
    }

    private final class Relay {
        final IdentityPrivateKey identity = IdentityPrivateKey.generate(random);
        final String spec;

        Relay(String spec) {
            this.spec = spec;
        }

        CompletableFuture<LeaseAnswer> ask(@Nullable String token) {
            DerpMap entry = DerpMap.of(List.of(RelaySpec.parse(spec)));
            return core.lease(identity.publicKey(), new LeaseRequest(1, entry, "test", 100, token));
        }

        LeaseAnswer lease() {
            return ask(token()).join();
        }
    }

    @Test
    void aRelayComesIntoTheMapWithAllThatItSays() {
        Relay relay = new Relay("900:fra=192.0.2.1:443,stun=3478,pin=sha256-raw:" + "ab".repeat(32));
        LeaseAnswer answer = relay.lease();
        assertEquals("900a", answer.name());
        DerpRegion region = Objects.requireNonNull(core.snapshot().relays().region(900));
        assertEquals("fra", region.code());
        DerpNode node = region.nodes().getFirst();
        assertEquals("sha256-raw:" + "ab".repeat(32), node.trust().pin());
        assertEquals(3478, node.stunPort());
        assertEquals("192.0.2.1", node.ipv4());
        assertTrue(core.snapshot().relays().region(905) != null, "the fixed relays stay");
        assertEquals(new Core.LeaseTotals(1, 100), core.leaseTotals());
        WatchFrame.Delta delta = core.snapshot().recent().getLast();
        assertEquals(core.snapshot().relays(), delta.relays(), "watchers hear of it");
    }

    @Test
    void theRelaysOfARegionShareAKeyWithNoOther() {
        LeaseAnswer a = new Relay("900=192.0.2.1:443").lease();
        LeaseAnswer b = new Relay("900=192.0.2.2:443").lease();
        LeaseAnswer c = new Relay("901=192.0.2.3:443").lease();
        assertEquals(64, a.meshKey().length());
        assertEquals(a.meshKey(), b.meshKey());
        assertNotEquals(a.meshKey(), c.meshKey());
        assertEquals(List.of("900a", "900b"), names(b.region()));
        assertFalse(a.toString().contains(a.meshKey()));
    }

    @Test
    void aRenewalChangesNothing() {
        Relay relay = new Relay("900=192.0.2.1:443");
        relay.lease();
        long revision = core.snapshot().revision();
        long changes = log.revision();
        millis.addAndGet(Leases.Terms.STANDARD.renewMillis());
        relay.ask(null).join();
        assertEquals(revision, core.snapshot().revision());
        assertEquals(changes, log.revision(), "nothing is written");
    }

    @Test
    void aRelayThatIsNotHeardOfLeaves() {
        Relay gone = new Relay("900=192.0.2.1:443");
        Relay alive = new Relay("900=192.0.2.2:443");
        gone.lease();
        alive.lease();
        millis.addAndGet(Leases.Terms.STANDARD.leaseMillis() - 1);
        assertEquals(List.of("900a", "900b"), names(alive.ask(null).join().region()));
        millis.addAndGet(1);
        assertEquals(List.of("900b"), names(alive.ask(null).join().region()), "names stay");
        assertEquals("900a", gone.ask(null).join().name(), "it is known, and needs no token");
        assertEquals(List.of("900a", "900b", "905a"), names(core.snapshot().relays()));
    }

    @Test
    void aRelayThatStopsLeavesAtOnce() {
        Relay relay = new Relay("900=192.0.2.1:443");
        relay.lease();
        assertTrue(end(relay).join().wasListed());
        assertEquals(List.of("905a"), names(core.snapshot().relays()));
        assertFalse(end(relay).join().wasListed());
        assertRefused(ErrorCode.NOT_A_MEMBER, "not known here", end(new Relay("900=192.0.2.9:443")));
    }

    @Test
    void theCoordinatorsAbsenceIsNotTheRelays() {
        Relay relay = new Relay("900=192.0.2.1:443");
        String key = relay.lease().meshKey();
        core.close();
        millis.addAndGet(10L * Leases.Terms.STANDARD.leaseMillis());
        core = start();
        assertEquals(List.of("900a", "905a"), names(core.snapshot().relays()), "it has the time of a lease to return");
        assertTrue(core.knows(relay.identity.publicKey()));
        assertEquals(key, relay.ask(null).join().meshKey());
        core.close();
        millis.addAndGet(10L * Leases.Terms.STANDARD.leaseMillis());
        core = start();
        millis.addAndGet(Leases.Terms.STANDARD.leaseMillis());
        new Relay("906=192.0.2.6:443").lease();
        assertEquals(List.of("905a", "906a"), names(core.snapshot().relays()), "it was not heard of since");
    }

    @Test
    void strangersNeedATokenForRelays() {
        Relay relay = new Relay("900=192.0.2.1:443");
        assertRefused(ErrorCode.NOT_A_MEMBER, "token create --relay", relay.ask(null));
        assertRefused(ErrorCode.TOKEN_UNKNOWN, "is not known here", relay.ask("abc.def"));
        String forNodes =
                core.createToken(new TokenRequest(true, null, List.of())).join();
        assertRefused(ErrorCode.TOKEN_UNKNOWN, "this join token is for nodes", relay.ask(forNodes));
        String over =
                core.createToken(new TokenRequest(true, NOW, List.of(), true)).join();
        assertRefused(ErrorCode.TOKEN_EXPIRED, "has expired", relay.ask(over));
        assertEquals(List.of("905a"), names(core.snapshot().relays()));
        assertFalse(core.knows(relay.identity.publicKey()));
        String forOne =
                core.createToken(new TokenRequest(false, null, List.of(), true)).join();
        relay.ask(forOne).join();
        assertRefused(ErrorCode.TOKEN_USED, "was for one relay", new Relay("900=192.0.2.2:443").ask(forOne));
    }

    @Test
    void twoRelaysCannotBeAtOnePlace() {
        Relay first = new Relay("900=192.0.2.1:443");
        first.lease();
        Relay second = new Relay("900=192.0.2.1:443");
        assertRefused(ErrorCode.ADDRESS_TAKEN, "192.0.2.1 port 443", second.ask(token()));
        assertRefused(ErrorCode.ADDRESS_TAKEN, "own map", new Relay("905:old=192.0.2.5:443").ask(token()));
        millis.addAndGet(Leases.Terms.STANDARD.leaseMillis());
        assertEquals("900a", second.ask(token()).join().name(), "a machine that replaces another has its name too");
        assertRefused(ErrorCode.ADDRESS_TAKEN, "192.0.2.1 port 443", first.ask(null));
    }

    @Test
    void aRegionHasOneCode() {
        new Relay("900:fra=192.0.2.1:443").lease();
        assertRefused(
                ErrorCode.REGION_DIFFERS,
                "region 900 is called \"fra\" here, and this relay calls it \"nue\"",
                new Relay("900:nue=192.0.2.2:443").ask(token()));
        assertRefused(ErrorCode.REGION_DIFFERS, "called \"old\"", new Relay("905:new=192.0.2.2:443").ask(token()));
        assertEquals("905b", new Relay("905:old=192.0.2.2:443").lease().name(), "beside a fixed one");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "65536=192.0.2.1:443; region 65536 is out of 1 to 65535",
                "900:Fra=192.0.2.1:443; the region code \"Fra\"",
                "900=192.0.2.1:443,stun=192.0.2.2:3478; one region with one relay"
            })
    void aWrongEntryIsRefused(String spec, String sentence) {
        DerpMap entry = DerpMap.of(List.of(RelaySpec.parse(spec)));
        String message = String.valueOf(
                assertThrows(CoordinationFormatException.class, () -> new LeaseRequest(1, entry, "test", null, null))
                        .getMessage());
        assertTrue(message.contains(sentence), message);
    }

    private CompletableFuture<LeaseEndAnswer> end(Relay relay) {
        return core.endLease(relay.identity.publicKey(), new LeaseEndRequest("stopping"));
    }

    private static List<String> names(DerpMap map) {
        return map.regions().values().stream()
                .flatMap(region -> region.nodes().stream())
                .map(DerpNode::name)
                .toList();
    }

    private static void assertRefused(ErrorCode code, String sentence, CompletableFuture<?> future) {
        CompletionException failure = assertThrows(CompletionException.class, future::join);
        RefusedException refused = assertInstanceOf(RefusedException.class, failure.getCause());
        assertEquals(code, refused.answer().error());
        assertTrue(
                refused.answer().message().contains(sentence), refused.answer().message());
    }

    private String token() {
        return core.createToken(new TokenRequest(false, null, List.of(), true)).join();
    }

    private Core start() {
        return Core.start(
                new MemoryStore(log, () -> NOW, 1000),
                IpPrefix.parse("100.64.0.0/10"),
                FIXED,
                new Core.Environment(() -> NOW, millis::get, random, Leases.Terms.STANDARD));
    }
}
