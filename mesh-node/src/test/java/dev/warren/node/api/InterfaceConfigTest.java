package dev.warren.node.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.key.PresharedKey;
import dev.warren.protocol.testing.Seeds;
import dev.warren.protocol.wireguard.Device;
import dev.warren.protocol.wireguard.IpPrefix;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class InterfaceConfigTest {
    private final RandomGenerator random = Seeds.random(31);
    private final NodePrivateKey ownKey = NodePrivateKey.generate(random);
    private final NodePublicKey peerKey = NodePrivateKey.generate(random).publicKey();
    private final InterfaceConfig plain = InterfaceConfig.named("wg0");

    @Test
    void shouldCollectWhatIsAdded() {
        PresharedKey preshared = PresharedKey.generate(random);
        InterfaceConfig config = plain.withPrivateKey(ownKey)
                .withListenPort(51820)
                .withFwmark(7)
                .withAddress("10.9.0.1/24")
                .withAddress("fd09::1/64")
                .withMtuBytes(1380)
                .withPeer(PeerConfig.of(peerKey)
                        .withPresharedKey(preshared)
                        .withEndpoint("vpn.example.org:51821")
                        .withAllowedIp("10.9.0.0/24")
                        .withAllowedIp("fd09::/64")
                        .withAllowedIp("10.9.0.7/24")
                        .withPersistentKeepalive(25));
        assertEquals(
                new InterfaceConfig(
                        "wg0",
                        Optional.of(ownKey),
                        51820,
                        7,
                        List.of(
                                new InterfaceAddress(InetAddress.ofLiteral("10.9.0.1"), 24),
                                new InterfaceAddress(InetAddress.ofLiteral("fd09::1"), 64)),
                        1380,
                        List.of(new PeerConfig(
                                peerKey,
                                Optional.of(preshared),
                                Optional.of(new Endpoint("vpn.example.org", 51821)),
                                List.of(IpPrefix.parse("10.9.0.0/24"), IpPrefix.parse("fd09::/64")),
                                25,
                                Optional.empty()))),
                config);
    }

    @Test
    void shouldNotShowSecrets() {
        String shown = plain.withPrivateKey(ownKey)
                .withPeer(PeerConfig.of(peerKey).withPresharedKey(PresharedKey.generate(random)))
                .toString();
        assertTrue(shown.contains("NodePrivateKey[hidden]") && shown.contains("PresharedKey[hidden]"), shown);
    }

    @Test
    void shouldTakeAPresharedKeyOfZerosForNone() {
        assertEquals(PeerConfig.of(peerKey), PeerConfig.of(peerKey).withPresharedKey(PresharedKey.none()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "abcdefghijklmnop", "ääääääää", "a b", "a/b", "a:b", "wg%d", ".", "..", "a\tb"})
    void shouldRefuseANameThatNoInterfaceCanHave(String name) {
        refused(
                "name \"" + name + "\" is not allowed: an interface's name has 1 to 15 bytes",
                () -> InterfaceConfig.named(name));
    }

    @Test
    void shouldRefuseWhatIsOutOfRange() {
        refused(
                "listenPort 65536 is not allowed: a UDP port is 0, for any, to 65535",
                () -> plain.withListenPort(65536));
        refused("listenPort -1 is not allowed", () -> plain.withListenPort(-1));
        refused("mtuBytes 67 is not allowed: it is 68 to 65455", () -> plain.withMtuBytes(67));
        refused("mtuBytes 65456 is not allowed", () -> plain.withMtuBytes(65456));
        refused(
                "mtuBytes 1279 is not allowed with the IPv6 address fd09:0:0:0:0:0:0:1/64: it is at least 1280",
                () -> plain.withMtuBytes(1279).withAddress("fd09::1/64"));
        PeerConfig peer = PeerConfig.of(peerKey);
        refused(
                "persistentKeepaliveSeconds 65536 is not allowed: it is 0, for never, to 65535",
                () -> peer.withPersistentKeepalive(65536));
        refused("persistentKeepaliveSeconds -1 is not allowed", () -> peer.withPersistentKeepalive(-1));
        assertEquals(65535, peer.withPersistentKeepalive(65535).persistentKeepaliveSeconds());
    }

    @Test
    void shouldRefuseWhatContradictsItself() {
        InterfaceConfig twice = plain.withAddress("10.9.0.1/24");
        refused("addresses 10.9.0.1/24 is there twice", () -> twice.withAddress("10.9.0.1/24"));
        PeerConfig peer = PeerConfig.of(peerKey).withAllowedIp("10.9.0.0/24");
        InterfaceConfig one = plain.withPeer(peer);
        refused("peers " + peerKey.base64() + " is there twice", () -> one.withPeer(peer));
        refused(
                "peers " + ownKey.publicKey().base64() + " is the interface's own key",
                () -> plain.withPrivateKey(ownKey).withPeer(PeerConfig.of(ownKey.publicKey())));
        NodePublicKey other = NodePrivateKey.generate(random).publicKey();
        refused(
                "allowedIps 10.9.0.0/24 is there for the peers " + peerKey.base64() + " and " + other.base64(),
                () -> one.withPeer(PeerConfig.of(other).withAllowedIp("10.9.0.0/24")));
    }

    @Test
    void shouldRefuseMorePeersThanADeviceTakes() {
        List<PeerConfig> peers = IntStream.rangeClosed(0, Device.MAX_PEERS)
                .mapToObj(i -> {
                    byte[] key = new byte[32];
                    random.nextBytes(key);
                    return PeerConfig.of(NodePublicKey.of(key));
                })
                .toList();
        assertEquals(
                65536, plain.withPeers(peers.subList(1, peers.size())).peers().size());
        refused(
                "peers " + peers.getLast().publicKey().base64()
                        + " is one too many: an interface has 65536 peers at most",
                () -> plain.withPeers(peers));
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.9.0.1/33", "fd09::1/129"})
    void shouldRefuseAPrefixThatDoesNotFit(String address) {
        refused(" is not allowed: the number behind the slash is 0 to ", () -> InterfaceAddress.parse(address));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "10.9.0.1/x",
                "10.9.0.1/",
                "/24",
                "10/8",
                "10.9.1/24",
                "10.9.0.1/+24",
                "10.9.0.1/24/24",
                "host.example/24"
            })
    void shouldRefuseWhatIsNoAddress(String address) {
        refused(
                "address \"" + address + "\" is not allowed: write an IP address",
                () -> InterfaceAddress.parse(address));
    }

    @ParameterizedTest
    @CsvSource({"10.9.0.1,32", "fd09::1,128", "10.9.0.1/0,0", "fd09::1/64,64"})
    void shouldReadAnAddress(String text, int bits) {
        assertEquals(bits, InterfaceAddress.parse(text).prefixBits());
    }

    @Test
    void shouldTellAddressesFromNames() {
        assertEquals(
                Optional.of(new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 7)),
                Endpoint.parse("192.0.2.1:7").address());
        assertEquals(
                Optional.of(new InetSocketAddress(InetAddress.ofLiteral("2001:db8::1"), 7)),
                Endpoint.parse("[2001:db8::1]:7").address());
        Endpoint name = Endpoint.parse("vpn.example.org:7");
        assertFalse(name.address().isPresent());
        assertEquals("vpn.example.org:7", name.toString());
        assertEquals("[2001:db8::1]:7", Endpoint.parse("[2001:db8::1]:7").toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", ":7", "host", "host:", "host:x", "host:0", "host:65536", "2001:db8::1:7", "a b:7", "a/b:7"})
    void shouldRefuseWhatIsNoEndpoint(String text) {
        refused("is not allowed", () -> Endpoint.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "10.9.0.0/33", "10.9.0.0/x", "host/24"})
    void shouldRefuseWhatIsNoBlock(String text) {
        refused("allowed IP \"" + text + "\" is not allowed", () -> PeerConfig.of(peerKey)
                .withAllowedIp(text));
    }

    private static void refused(String sentence, Executable attempt) {
        IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, attempt);
        assertTrue(String.valueOf(refusal.getMessage()).contains(sentence), refusal.getMessage());
    }
}
