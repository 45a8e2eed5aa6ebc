package dev.warren.coordinator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.coordinator.registry.RegisteredRelay;
import dev.warren.coordinator.registry.TokenRequest;
import dev.warren.coordinator.store.MemoryStore;
import dev.warren.coordinator.topology.Leases;
import dev.warren.platform.config.UserError;
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
import java.util.Set;
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
    void theFixedRelaysChangeWhileItRunsAndTheLeasedOnesStay() {
        new Relay("900=192.0.2.1:443").lease();
        long revision = core.snapshot().revision();
        assertFalse(core.changeFixedRelays(FIXED).join());
        assertEquals(revision, core.snapshot().revision(), "nobody is told of nothing");
        assertTrue(core.changeFixedRelays(DerpMap.of(List.of(RelaySpec.parse("906=192.0.2.6:443"))))
                .join());
        assertEquals(Set.of(900, 906), core.snapshot().relays().regions().keySet());
        assertEquals(
                core.snapshot().relays(), core.snapshot().recent().getLast().relays(), "watchers hear of it");
        new Relay("905:other=192.0.2.7:443").lease();
        assertEquals(Set.of(900, 905, 906), core.snapshot().relays().regions().keySet(), "905 is free now");
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

    @Test
    void anOperatorSeesThemAll() {
        Relay stopped = new Relay("900:fra=192.0.2.1:443,stun=3478,pin=sha256-raw:" + "ab".repeat(32));
        Relay silent = new Relay("900:fra=192.0.2.2:443");
        stopped.lease();
        silent.lease();
        end(stopped).join();
        millis.addAndGet(Leases.Terms.STANDARD.leaseMillis());
        Relay alive = new Relay("899=192.0.2.3:8443");
        alive.lease();
        millis.addAndGet(1_000);

        List<RegisteredRelay> relays = core.relays().join();
        assertEquals(
                List.of("899a", "900a", "900b"),
                relays.stream().map(RegisteredRelay::name).toList());
        RegisteredRelay first = relays.getFirst();
        assertEquals(alive.identity.publicKey(), first.identity());
        assertEquals("192.0.2.3:8443", first.host() + ":" + first.port());
        assertEquals(100, first.capacity());
        assertNull(first.out());
        assertEquals(Leases.Terms.STANDARD.leaseMillis() - 1_000L, first.leaseEndsInMillis());
        assertEquals("stopping", relays.get(1).out());
        assertEquals("sha256-raw:" + "ab".repeat(32), relays.get(1).pin());
        assertEquals(3478, relays.get(1).stunPort());
        assertEquals("its lease has ended", relays.getLast().out());
        assertNull(relays.getLast().leaseEndsInMillis());
    }

    @Test
    void aRemovedRelayComesBackWithANewTokenOnly() {
        Relay relay = new Relay("900=192.0.2.1:443");
        String old =
                core.createToken(new TokenRequest(true, null, List.of(), true)).join();
        relay.ask(old).join();
        new Relay("900=192.0.2.2:443").lease();

        assertEquals("900a", core.removeRelay("900a").join().name());

        assertEquals(List.of("900b", "905a"), names(core.snapshot().relays()));
        assertEquals(new Core.LeaseTotals(1, 100), core.leaseTotals());
        assertFalse(core.knows(relay.identity.publicKey()));
        assertEquals(1, core.relays().join().size());
        assertRefused(ErrorCode.NOT_A_MEMBER, "not known here", relay.ask(null));
        assertRefused(ErrorCode.NOT_A_MEMBER, "removed by an operator", relay.ask(old));
        core.close();
        core = start();
        assertRefused(ErrorCode.NOT_A_MEMBER, "removed by an operator", relay.ask(old));
        millis.addAndGet(1);
        assertEquals("900a", relay.ask(token()).join().name());
        assertEquals("900a", relay.ask(old).join().name(), "it is known again");
    }

    @Test
    void anOperatorSaysWhichRelay() {
        Relay relay = new Relay("900=192.0.2.1:443");
        relay.lease();
        end(relay).join();
        Relay successor = new Relay("900=192.0.2.1:443");
        successor.lease();
        for (String none : List.of("900", "192.0.2.1:444", "")) {
            assertUserError("called \"" + none + "\" here", none);
        }
        assertUserError("shows them; those of --relay", "905a");
        assertEquals(
                successor.identity.publicKey(),
                core.removeRelay("192.0.2.1:443").join().identity(),
                "the one in the map");
        assertEquals(
                relay.identity.publicKey(),
                core.removeRelay(relay.identity.publicKey().shortText()).join().identity());
    }

    private void assertUserError(String sentence, String called) {
        CompletionException failure = assertThrows(
                CompletionException.class, () -> core.removeRelay(called).join());
        String said = String.valueOf(
                assertInstanceOf(UserError.class, failure.getCause()).getMessage());
        assertTrue(said.contains(sentence), said);
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
                new Core.Environment(() -> NOW + millis.get(), millis::get, random, Leases.Terms.STANDARD));
    }
}
