package dev.warren.protocol.stun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.simulation.DiscoveryStunHost;
import dev.warren.protocol.simulation.Host;
import dev.warren.protocol.simulation.NatKind;
import dev.warren.protocol.simulation.NatKind.Dependence;
import dev.warren.protocol.simulation.Segment;
import dev.warren.protocol.simulation.SimNetwork;
import dev.warren.protocol.simulation.StunHost;
import dev.warren.protocol.simulation.Timeline;
import dev.warren.protocol.stun.BehaviorDiscovery.Outgoing;
import dev.warren.protocol.stun.NatBehavior.Filtering;
import dev.warren.protocol.stun.NatBehavior.Mapping;
import dev.warren.protocol.testing.Seeds;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A host behind every kind of NAT asks the real responder, on the simulated network. */
@Timeout(60)
final class BehaviorDiscoveryTest {
    private static final int FIRST_PORT = 4000;
    private static final Duration LIMIT = Duration.ofMinutes(5);

    private final SimNetwork network = new SimNetwork(7);
    private final DiscoveryStunHost discovery = discoveryServer(network);
    private final StunHost plain = new StunHost(network.host("plain", network.internet(), "203.0.113.7"));
    private final StunHost second = new StunHost(network.host("second", network.internet(), "203.0.113.8"));

    static Stream<NatKind> kinds() {
        List<NatKind> kinds = new ArrayList<>();
        for (Dependence mapping : Dependence.values()) {
            for (Dependence filtering : Dependence.values()) {
                NatKind kind = NatKind.PORT_RESTRICTED.withMapping(mapping).withFiltering(filtering);
                kinds.addAll(List.of(
                        kind,
                        kind.withHairpin(),
                        kind.withPortsPreserved(),
                        kind.withPortsPreserved().withHairpin()));
            }
        }
        return kinds.stream();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldTellEveryKindOfNat(NatKind kind) {
        Client client = client(behind(network, kind), List.of(discovery.address(), plain.address()));
        assertTrue(network.runUntil(client::isDone, Duration.ofSeconds(6)), client::toString);
        assertBehavior(kind, client.result());
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldTellEveryKindOfNatThoughDatagramsGetLost(NatKind kind) {
        for (long seed = 1; seed <= 5; seed++) {
            SimNetwork lossy = new SimNetwork(seed);
            DiscoveryStunHost server = discoveryServer(lossy);
            server.host().link().loss(0.05).delay(Duration.ofMillis(40));
            Client client = new Client(lossy, behind(lossy, kind), List.of(server.address()), Duration.ZERO);
            assertTrue(lossy.runUntil(client::isDone, Duration.ofSeconds(12)), client::toString);
            assertBehavior(kind, client.result());
        }
    }

    @Test
    void shouldFindNothingInTheWayOfAPublicHost() {
        Host host = network.host("public", network.internet(), "198.51.100.20");
        Client client = client(host, List.of(discovery.address()));
        assertTrue(network.runUntil(client::isDone, Duration.ofSeconds(1)), "no need to wait for anything");
        NatBehavior result = client.result();
        assertEquals(Mapping.ENDPOINT_INDEPENDENT, result.mapping());
        assertEquals(Filtering.ENDPOINT_INDEPENDENT, result.filtering());
        assertEquals(List.of(new InetSocketAddress(host.address(), FIRST_PORT)), result.mappedAddresses());
    }

    @Test
    void shouldSeeAHostFirewallAsAFilter() {
        Host host = network.host("walled", network.internet(), "198.51.100.20").firewall(Duration.ofMinutes(1));
        Client client = client(host, List.of(discovery.address()));
        network.runUntil(client::isDone, Duration.ofSeconds(6));
        assertEquals(Mapping.ENDPOINT_INDEPENDENT, client.result().mapping());
        assertEquals(Filtering.ADDRESS_AND_PORT_DEPENDENT, client.result().filtering());
    }

    @Test
    void shouldCompareWhatPlainServersSee() {
        List<InetSocketAddress> servers = List.of(plain.address(), second.address());
        Client easy = client(behind(network, NatKind.PORT_RESTRICTED), servers);
        network.runUntil(easy::isDone, Duration.ofSeconds(6));
        assertEquals(Mapping.ENDPOINT_INDEPENDENT, easy.result().mapping());
        assertEquals(Filtering.UNKNOWN, easy.result().filtering());
        assertEquals(false, easy.result().mappingVaries());
        assertEquals(1, easy.result().mappedAddresses().size());
        assertEquals(servers, List.copyOf(easy.result().mappedByServer().keySet()));

        SimNetwork other = new SimNetwork(8);
        StunHost one = new StunHost(other.host("one", other.internet(), "203.0.113.7"));
        StunHost two = new StunHost(other.host("two", other.internet(), "203.0.113.8"));
        Client hard = new Client(
                other, behind(other, NatKind.SYMMETRIC), List.of(one.address(), two.address()), Duration.ZERO);
        other.runUntil(hard::isDone, Duration.ofSeconds(6));
        assertEquals(Mapping.DESTINATION_DEPENDENT, hard.result().mapping());
        assertEquals(true, hard.result().mappingVaries());
    }

    @Test
    void shouldSayWhatItDoesNotKnow() {
        Client one = client(behind(network, NatKind.FULL_CONE.withHairpin()), List.of(plain.address()));
        network.runUntil(one::isDone, Duration.ofSeconds(6));
        assertEquals(Mapping.UNKNOWN, one.result().mapping());
        assertNull(one.result().mappingVaries());
        assertEquals(true, one.result().hairpinning(), "needs no second server");

        plain.stop();
        Host host = network.host("public", network.internet(), "198.51.100.20");
        Client none = client(host, List.of(plain.address()));
        assertTrue(network.runUntil(none::isDone, Duration.ofSeconds(6)));
        assertEquals(List.of(), none.result().mappedAddresses());
        assertNull(none.result().hairpinning());
        assertEquals(Long.MAX_VALUE, none.nextDeadlineNanos());

        BehaviorDiscovery nobody = new BehaviorDiscovery(List.of(), LIMIT, network.random(), 5);
        assertEquals(List.of(), nobody.poll(5));
        assertTrue(nobody.isDone());
    }

    @Test
    void shouldNotWaitForADeadServerBesideOneThatTellsAll() {
        second.stop();
        Client client = client(
                behind(network, NatKind.FULL_CONE), List.of(second.address(), discovery.address(), plain.address()));
        assertTrue(network.runUntil(
                () -> client.result().filtering() == Filtering.ENDPOINT_INDEPENDENT, Duration.ofMillis(500)));
        assertTrue(network.runUntil(client::isDone, Duration.ofSeconds(4)));
        assertEquals(Mapping.ENDPOINT_INDEPENDENT, client.result().mapping());
        assertFalse(client.result().mappedByServer().containsKey(second.address()));
    }

    @ParameterizedTest
    @ValueSource(ints = {20, 47, 120, 240})
    void shouldFindHowLongAFilterRemembers(int seconds) {
        NatKind kind = NatKind.PORT_RESTRICTED.withPortsPreserved().withLifetime(Duration.ofSeconds(seconds));
        assertLifetime(seconds, kind);
        assertLifetime(seconds, kind.withFiltering(Dependence.ADDRESS));
    }

    @ParameterizedTest
    @ValueSource(ints = {20, 120})
    void shouldFindHowLongAPortIsKept(int seconds) {
        assertLifetime(seconds, NatKind.FULL_CONE.withLifetime(Duration.ofSeconds(seconds)));
        assertLifetime(seconds, NatKind.SYMMETRIC.withLifetime(Duration.ofSeconds(seconds)));
    }

    @Test
    void shouldSayZeroWhenEverySilenceWasTooLong() {
        NatKind kind = NatKind.PORT_RESTRICTED.withLifetime(Duration.ofSeconds(10));
        assertEquals(Duration.ZERO, lifetime(kind).result().lifetime());
        NatKind forever = NatKind.PORT_RESTRICTED.withLifetime(Duration.ofHours(1));
        assertEquals(LIMIT, lifetime(forever).result().lifetime());
    }

    @Test
    void shouldNotTakeAPortThatIsGivenAgainForOneThatWasKept() {
        NatKind kind = NatKind.FULL_CONE.withPortsPreserved().withLifetime(Duration.ofSeconds(30));
        assertNull(lifetime(kind).result().lifetime());
    }

    @Test
    void shouldIgnoreAServerThatAnswersFromTheWrongAddress() {
        // A server that names another address and does not honour CHANGE-REQUEST must not make a NAT look like a
        // filter.
        InetSocketAddress origin = new InetSocketAddress(InetAddress.ofLiteral("203.0.113.40"), 3478);
        InetSocketAddress other = new InetSocketAddress(InetAddress.ofLiteral("203.0.113.41"), 3479);
        Host liar = network.host("liar", network.internet(), "203.0.113.40");
        BindingResponder responder = new BindingResponder(new ResponderConfig(origin, other, true));
        liar.bind(3478, (source, payload, _) -> {
            responder.handle(payload, 0, payload.length, source);
            liar.send(3478, source, responder.response(), 0, responder.responseLength());
        });
        Client client = client(behind(network, NatKind.PORT_RESTRICTED), List.of(origin, plain.address()));
        assertTrue(network.runUntil(client::isDone, Duration.ofSeconds(6)));
        assertEquals(Filtering.UNKNOWN, client.result().filtering());
        assertEquals(Mapping.ENDPOINT_INDEPENDENT, client.result().mapping(), "the plain server helps out");
    }

    @Test
    void shouldNotTakeAnAddressThatIsNotThereForOneThatIsFiltered() {
        InetSocketAddress origin = new InetSocketAddress(InetAddress.ofLiteral("203.0.113.40"), 3478);
        InetSocketAddress other = new InetSocketAddress(InetAddress.ofLiteral("203.0.113.41"), 3479);
        Host half = network.host("half", network.internet(), "203.0.113.40");
        BindingResponder responder = new BindingResponder(new ResponderConfig(origin, other, true));
        half.bind(3478, (source, payload, _) -> {
            responder.handle(payload, 0, payload.length, source);
            if (responder.change() == 0) {
                half.send(3478, source, responder.response(), 0, responder.responseLength());
            }
        });
        Client client = client(behind(network, NatKind.FULL_CONE), List.of(origin));
        assertTrue(network.runUntil(client::isDone, Duration.ofSeconds(6)));
        assertEquals(Filtering.UNKNOWN, client.result().filtering());
        assertEquals(Mapping.UNKNOWN, client.result().mapping());
    }

    @Test
    void shouldAskAgainWithoutWhatAServerDoesNotKnow() {
        Host old = network.host("old", network.internet(), "203.0.113.50");
        BindingResponder responder = new BindingResponder();
        old.bind(3478, (source, payload, _) -> {
            boolean refused = payload.length == 48;
            byte[] error = StunCodec.encode(StunMessage.of(
                    MessageType.BINDING_ERROR,
                    TransactionId.of(payload, 8),
                    new StunAttribute.ErrorCode(420, "Unknown Attribute")));
            responder.handle(payload, 0, payload.length, source);
            byte[] answer = refused ? error : responder.response();
            old.send(3478, source, answer, 0, refused ? error.length : responder.responseLength());
        });
        InetSocketAddress server = new InetSocketAddress(old.address(), 3478);
        Client client = client(behind(network, NatKind.PORT_RESTRICTED), List.of(server));
        network.runUntil(client::isDone, Duration.ofSeconds(6));
        assertNotNull(client.result().mappedByServer().get(server));
    }

    @Test
    void shouldNotBelieveAnAddressThatCannotBeAsked() {
        for (String told : List.of("203.0.113.60", "127.0.0.1", "0.0.0.0", "224.0.0.1", "2001:db8::1")) {
            InetSocketAddress server = new InetSocketAddress(InetAddress.ofLiteral("203.0.113.60"), 3478);
            BehaviorDiscovery client = new BehaviorDiscovery(List.of(server), Duration.ZERO, network.random(), 0);
            byte[] request = client.poll(0).getFirst().bytes();
            byte[] answer = StunCodec.encode(StunMessage.of(
                    MessageType.BINDING_SUCCESS,
                    TransactionId.of(request, 8),
                    new StunAttribute.XorMappedAddress(server),
                    StunAttribute.Raw.of(
                            AttributeType.OTHER_ADDRESS,
                            AddressValue.of(new InetSocketAddress(InetAddress.ofLiteral(told), 3479)))));
            assertTrue(client.receive(0, answer, 0, answer.length, server, 1));
            List<Outgoing> due = client.poll(1);
            assertTrue(due.stream().allMatch(datagram -> datagram.to().equals(server)), () -> told + " " + due);
        }
    }

    @Test
    void shouldNotMindGarbage() {
        InetSocketAddress server = discovery.address();
        Seeds.forEach(300, random -> {
            BehaviorDiscovery client = new BehaviorDiscovery(List.of(server), LIMIT, random, 0);
            client.poll(0);
            byte[] bytes = StunCodec.encode(StunSamples.message(random));
            assertFalse(client.receive(random.nextInt(2), bytes, 0, bytes.length, server, 1));
            assertFalse(client.isDone());
        });
    }

    @Test
    void shouldRefuseServersThatItCannotAsk() {
        InetSocketAddress ipv6 = new InetSocketAddress(InetAddress.ofLiteral("2001:db8::1"), 3478);
        InetSocketAddress name = InetSocketAddress.createUnresolved("stun.example", 3478);
        for (List<InetSocketAddress> servers :
                List.of(List.of(plain.address(), ipv6), List.of(name), Collections.nCopies(65, plain.address()))) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> new BehaviorDiscovery(servers, Duration.ZERO, network.random(), 0));
        }
    }

    private static void assertBehavior(NatKind kind, NatBehavior result) {
        Mapping mapping =
                switch (kind.mapping()) {
                    case NONE -> Mapping.ENDPOINT_INDEPENDENT;
                    case ADDRESS -> Mapping.ADDRESS_DEPENDENT;
                    case ADDRESS_AND_PORT -> Mapping.ADDRESS_AND_PORT_DEPENDENT;
                };
        Filtering filtering =
                switch (kind.filtering()) {
                    case NONE -> Filtering.ENDPOINT_INDEPENDENT;
                    case ADDRESS -> Filtering.ADDRESS_DEPENDENT;
                    case ADDRESS_AND_PORT -> Filtering.ADDRESS_AND_PORT_DEPENDENT;
                };
        assertEquals(mapping, result.mapping());
        assertEquals(filtering, result.filtering());
        boolean open = kind.mapping() == Dependence.NONE || kind.filtering() == Dependence.NONE;
        assertEquals(kind.hairpins() && open, result.hairpinning());
    }

    private static void assertLifetime(int seconds, NatKind kind) {
        Duration found = Objects.requireNonNull(lifetime(kind).result().lifetime(), kind::toString);
        Duration real = Duration.ofSeconds(seconds);
        boolean within = found.compareTo(real) <= 0 && found.multipliedBy(3).compareTo(real.multipliedBy(2)) >= 0;
        assertTrue(within, () -> found + " of " + kind);
    }

    private static Client lifetime(NatKind kind) {
        SimNetwork network = new SimNetwork(3);
        Client client = new Client(
                network, behind(network, kind), List.of(discoveryServer(network).address()), LIMIT);
        assertTrue(network.runUntil(client::isDone, LIMIT.plusSeconds(10)), client::toString);
        return client;
    }

    private Client client(Host host, List<InetSocketAddress> servers) {
        return new Client(network, host, servers, Duration.ZERO);
    }

    private static DiscoveryStunHost discoveryServer(SimNetwork network) {
        Host host = network.host("discovery", network.internet(), "203.0.113.1");
        host.attach(network.internet(), "203.0.113.2");
        return new DiscoveryStunHost(host);
    }

    private static Host behind(SimNetwork network, NatKind kind) {
        Segment lan = network.lan("lan");
        network.nat("nat", kind, network.internet(), "198.51.100.1").serve(lan, "192.168.1.1");
        return network.host("client", lan, "192.168.1.2");
    }

    /** A discovery on a simulated host. */
    private static final class Client implements Timeline.Actor {
        private final Host host;
        private final BehaviorDiscovery discovery;

        Client(SimNetwork network, Host host, List<InetSocketAddress> servers, Duration lifetimeLimit) {
            this.host = host;
            this.discovery = new BehaviorDiscovery(
                    servers, lifetimeLimit, network.random(), network.time().nowNanos());
            for (int i = 0; i < discovery.sockets(); i++) {
                int socket = i;
                host.bind(FIRST_PORT + i, (source, payload, nowNanos) -> {
                    discovery.receive(socket, payload, 0, payload.length, source, nowNanos);
                    poll(nowNanos);
                });
            }
            network.time().add(this);
        }

        boolean isDone() {
            return discovery.isDone();
        }

        NatBehavior result() {
            return discovery.result();
        }

        @Override
        public long nextDeadlineNanos() {
            return discovery.nextDeadlineNanos();
        }

        @Override
        public void poll(long nowNanos) {
            for (Outgoing due : discovery.poll(nowNanos)) {
                host.send(FIRST_PORT + due.socket(), due.to(), due.bytes(), 0, due.bytes().length);
            }
        }

        @Override
        public String toString() {
            return host.name() + " " + discovery.result();
        }
    }
}
