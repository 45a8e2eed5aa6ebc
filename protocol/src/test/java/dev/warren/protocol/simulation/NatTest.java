package dev.warren.protocol.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.simulation.NatKind.Dependence;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each kind of NAT by what RFC 4787 says of it. */
@Timeout(30)
final class NatTest {
    private static final Duration TICK = Duration.ofMillis(10);

    private final SimNetwork network = new SimNetwork(7);
    private final Host serverHost = network.host("server", network.internet(), "203.0.113.1");
    private final Recorder server = new Recorder(serverHost, 1000);
    private final Recorder samePlaceOtherPort = new Recorder(serverHost, 2000);
    private final Recorder stranger = new Recorder(network.host("stranger", network.internet(), "203.0.113.9"), 1000);
    private final Segment lan = network.lan("lan");
    private final Recorder inner = new Recorder(network.host("inner", lan, "192.168.1.2"), 5000);
    private final Recorder neighbour = new Recorder(network.host("neighbour", lan, "192.168.1.3"), 5000);

    private Nat nat(NatKind kind) {
        return network.nat("nat", kind, network.internet(), "198.51.100.1").serve(lan, "192.168.1.1");
    }

    /** Sends from inside; where the receiver sees it come from. */
    private InetSocketAddress seenBy(Recorder receiver) {
        return seenBy(inner, receiver);
    }

    private InetSocketAddress seenBy(Recorder sender, Recorder receiver) {
        sender.send(receiver.address());
        network.run(TICK);
        return receiver.lastSource();
    }

    private boolean reaches(Recorder sender, InetSocketAddress external, Recorder receiver) {
        int before = receiver.sources.size();
        sender.send(external);
        network.run(TICK);
        return receiver.sources.size() > before;
    }

    @Test
    void hidesTheInnerAddressAndLetsTheAnswerIn() {
        nat(NatKind.PORT_RESTRICTED);
        InetSocketAddress external = seenBy(server);
        assertEquals(InetAddress.ofLiteral("198.51.100.1"), external.getAddress());
        assertTrue(external.getPort() >= 32_768);
        assertTrue(reaches(server, external, inner));
        assertEquals(server.address(), inner.lastSource());
    }

    @ParameterizedTest
    @EnumSource
    void mapsByAsMuchOfTheRemoteEndAsItsKindSays(Dependence mapping) {
        nat(NatKind.PORT_RESTRICTED.withMapping(mapping));
        InetSocketAddress first = seenBy(server);
        assertEquals(first, seenBy(server), "one destination, one mapping");
        boolean samePort = first.equals(seenBy(samePlaceOtherPort));
        boolean sameElsewhere = first.equals(seenBy(stranger));
        assertEquals(mapping != Dependence.ADDRESS_AND_PORT, samePort);
        assertEquals(mapping == Dependence.NONE, sameElsewhere);
        assertNotEquals(first, seenBy(neighbour, server), "another inner host has another mapping");
    }

    @ParameterizedTest
    @EnumSource
    void filtersByAsMuchOfTheRemoteEndAsItsKindSays(Dependence filtering) {
        nat(NatKind.PORT_RESTRICTED.withFiltering(filtering));
        InetSocketAddress external = seenBy(server);
        assertTrue(reaches(server, external, inner));
        assertEquals(filtering != Dependence.ADDRESS_AND_PORT, reaches(samePlaceOtherPort, external, inner));
        assertEquals(filtering == Dependence.NONE, reaches(stranger, external, inner));
        long refused = filtering == Dependence.NONE ? 0 : filtering == Dependence.ADDRESS ? 1 : 2;
        assertEquals(refused, network.count(Fate.FILTERED));
    }

    @Test
    void dropsWhatHasNoMapping() {
        nat(NatKind.FULL_CONE);
        server.send(new InetSocketAddress("198.51.100.1", 5000));
        network.run(TICK);
        assertEquals(1, network.count(Fate.NO_MAPPING));
    }

    @Test
    void keepsThePortWhenItCanAndElseTakesAnother() {
        nat(NatKind.PORT_RESTRICTED.withPortsPreserved());
        assertEquals(5000, seenBy(server).getPort());
        assertNotEquals(5000, seenBy(neighbour, server).getPort());
    }

    @Test
    void aMappingEndsWithoutTrafficFromInside() {
        nat(NatKind.FULL_CONE.withLifetime(Duration.ofSeconds(30)));
        InetSocketAddress external = seenBy(server);
        network.run(Duration.ofSeconds(20));
        assertTrue(reaches(server, external, inner));
        network.run(Duration.ofSeconds(15));
        assertEquals(false, reaches(server, external, inner), "what comes in from outside does not renew it");
        assertEquals(1, network.count(Fate.NO_MAPPING));
        assertNotEquals(external, seenBy(server), "the next one is new");
    }

    @Test
    void aMappingLivesAsLongAsItIsUsed() {
        nat(NatKind.PORT_RESTRICTED.withLifetime(Duration.ofSeconds(30)));
        InetSocketAddress external = seenBy(server);
        for (int i = 0; i < 10; i++) {
            network.run(Duration.ofSeconds(25));
            assertEquals(external, seenBy(server));
        }
    }

    @Test
    void aPermissionEndsByItselfWhileTheMappingLives() {
        nat(NatKind.PORT_RESTRICTED.withLifetime(Duration.ofSeconds(30)));
        InetSocketAddress external = seenBy(stranger);
        network.run(Duration.ofSeconds(20));
        assertEquals(external, seenBy(server));
        network.run(Duration.ofSeconds(20));
        assertTrue(reaches(server, external, inner));
        assertEquals(false, reaches(stranger, external, inner));
    }

    @Test
    void hairpinsOnlyIfItsKindSays() {
        nat(NatKind.FULL_CONE.withHairpin());
        InetSocketAddress external = seenBy(neighbour, server);
        InetSocketAddress mine = seenBy(server);
        assertTrue(reaches(inner, external, neighbour));
        assertEquals(mine, neighbour.lastSource(), "the neighbour sees the external address (RFC 4787 section 6)");
    }

    @Test
    void dropsWhatWouldNeedAHairpin() {
        nat(NatKind.FULL_CONE);
        InetSocketAddress external = seenBy(neighbour, server);
        assertEquals(false, reaches(inner, external, neighbour));
        assertEquals(1, network.count(Fate.NO_HAIRPIN));
    }

    @Test
    void oneToOneHandsEveryPortToOneHost() {
        nat(NatKind.FULL_CONE).oneToOne(InetAddress.ofLiteral("192.168.1.2"));
        assertEquals(new InetSocketAddress("198.51.100.1", 5000), seenBy(server));
        assertTrue(reaches(stranger, new InetSocketAddress("198.51.100.1", 5000), inner));
    }

    @Test
    void aRestartForgetsTheMappings() {
        Nat nat = nat(NatKind.FULL_CONE);
        InetSocketAddress external = seenBy(server);
        nat.restart();
        assertEquals(false, reaches(server, external, inner));
    }

    @Test
    void natsCanStandBehindOneAnother() {
        Segment carrier = network.lan("carrier");
        network.nat("carrier nat", NatKind.PORT_RESTRICTED, network.internet(), "198.51.100.2")
                .serve(carrier, "100.64.0.1");
        network.nat("home nat", NatKind.PORT_RESTRICTED, carrier, "100.64.0.2").serve(lan, "192.168.1.1");
        InetSocketAddress external = seenBy(server);
        assertEquals(InetAddress.ofLiteral("198.51.100.2"), external.getAddress());
        assertTrue(reaches(server, external, inner));
    }

    @Test
    void neighboursNeedNoNat() {
        nat(NatKind.SYMMETRIC);
        assertEquals(inner.address(), seenBy(neighbour));
    }

    @Test
    void anIsolatingLanKeepsItsHostsApart() {
        Segment guests = network.isolatingLan("guests");
        network.nat("nat", NatKind.PORT_RESTRICTED, network.internet(), "198.51.100.3")
                .serve(guests, "10.0.0.1");
        Recorder one = new Recorder(network.host("one", guests, "10.0.0.2"), 5000);
        Recorder two = new Recorder(network.host("two", guests, "10.0.0.3"), 5000);
        assertEquals(false, reaches(one, two.address(), two));
        seenBy(one, server);
        assertEquals(1, server.sources.size());
    }
}
