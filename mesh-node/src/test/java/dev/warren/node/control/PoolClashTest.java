package dev.warren.node.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.linux.Link;
import dev.warren.platform.linux.LinkAddress;
import dev.warren.protocol.coordination.AddressText;
import dev.warren.protocol.coordination.KnownNode;
import dev.warren.protocol.coordination.MeshId;
import dev.warren.protocol.coordination.NetworkMap;
import dev.warren.protocol.coordination.NodeRecord;
import dev.warren.protocol.coordination.NodeStatement;
import dev.warren.protocol.coordination.SignedNodeRecord;
import dev.warren.protocol.derp.DerpMap;
import dev.warren.protocol.key.DiscoPrivateKey;
import dev.warren.protocol.key.IdentityPrivateKey;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.testing.Seeds;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class PoolClashTest {
    private static final int UP = 1;
    private static final int UP_LOOPBACK = 9;

    private final RandomGenerator random = Seeds.random(1);
    private final MeshId mesh = MeshId.generate(random);

    @Test
    void ordinaryNetworksDoNotClash() {
        assertEquals(
                List.of(),
                check(
                        link("eth0", UP, "192.168.1.5", 24),
                        link("lo", UP_LOOPBACK, "127.0.0.1", 8),
                        link("wlan0", UP, "fe80::1", 64)));
    }

    @Test
    void theTunnelItselfDoesNotClash() {
        assertEquals(List.of(), check(link("warren0", UP, "100.64.0.1", 32)));
    }

    @Test
    void anInterfaceThatIsDownDoesNotClash() {
        assertEquals(List.of(), check(link("tailscale0", 0, "100.101.102.103", 32)));
    }

    @Test
    void anotherOverlayInTheSharedBlockClashes() {
        assertEquals(
                List.of(
                        "the interface tailscale0 has 100.101.102.103 of the network 100.64.0.0/10, in which the mesh has"
                                + " 100.64.0.1: stop the other network, or give this mesh another block (warren coordinator"
                                + " --pool CIDR)"),
                check(link("tailscale0", UP, "100.101.102.103", 32)));
    }

    @Test
    void aSubnetThatHoldsAPeerClashes() {
        NetworkMap map = map("10.0.0.1", "10.0.7.9");
        Link link = link("eth1", UP, "10.0.7.1", 24);
        String said = String.join("", new PoolClash().news(List.of(link), "warren0", map));
        assertTrue(said.startsWith("the interface eth1 has 10.0.7.1 of the network 10.0.7.0/24"), said);
    }

    @Test
    void aClashIsToldOfOnceForAsLongAsItLasts() {
        PoolClash clashes = new PoolClash();
        Link other = link("tailscale0", UP, "100.101.102.103", 32);
        assertEquals(List.of("tailscale0"), names(clashes, other));
        assertEquals(List.of(), names(clashes, other));
        assertEquals(List.of(), names(clashes, link("tailscale0", UP, "100.88.77.66", 32)), "of the same block");
        assertEquals(List.of(), names(clashes, link("tailscale0", 0, "100.101.102.103", 32)), "it is down");
        assertEquals(List.of("tailscale0"), names(clashes, other), "it came back");
    }

    @Test
    void aSecondClashIsToldOfWhileTheFirstLasts() {
        PoolClash clashes = new PoolClash();
        Link first = link("eth1", UP, "100.64.0.9", 24);
        Link second = link("tailscale0", UP, "100.101.102.103", 32);
        assertEquals(List.of("eth1"), names(clashes, first));
        assertEquals(List.of("tailscale0"), names(clashes, first, second));
        assertEquals(List.of(), names(clashes, second));
    }

    /** The interfaces that there is news of. */
    private List<String> names(PoolClash clashes, Link... links) {
        return clashes.news(List.of(links), "warren0", map("100.64.0.1", "100.64.0.2")).stream()
                .map(sentence -> sentence.split(" ", 4)[2])
                .toList();
    }

    private List<String> check(Link... links) {
        return new PoolClash().news(List.of(links), "warren0", map("100.64.0.1", "100.64.0.2"));
    }

    private static Link link(String name, int flags, String address, int bits) {
        return new Link(name, 1, flags, 1500, List.of(new LinkAddress(AddressText.parseIp(address), bits, 0)));
    }

    private NetworkMap map(String self, String peer) {
        return new NetworkMap(mesh, 1, node(self), List.of(node(peer)), DerpMap.EMPTY);
    }

    private KnownNode node(String address) {
        IdentityPrivateKey key = IdentityPrivateKey.generate(random);
        NodeStatement statement = NodeStatement.of(
                mesh,
                key.publicKey(),
                1,
                NodePrivateKey.generate(random).publicKey(),
                DiscoPrivateKey.generate(random).publicKey(),
                List.of(),
                0);
        NodeRecord record = new NodeRecord(
                "n",
                SignedNodeRecord.sign(statement, key),
                List.of(AddressText.parseIp(address)),
                List.of(),
                List.of(),
                1,
                true,
                null);
        return new KnownNode(record, statement);
    }
}
