package dev.warren.node.control;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.key.PresharedKey;
import dev.warren.protocol.testing.Seeds;
import dev.warren.protocol.wireguard.Device;
import dev.warren.protocol.wireguard.IpPrefix;
import dev.warren.protocol.wireguard.Peer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The line protocol, request by request, on a real device without a socket. */
@Timeout(30)
class UapiTest {
    private static final String OK = "errno=0\n\n";
    private static final String EPERM = "errno=-1\n\n";
    private static final String EINVAL = "errno=-22\n\n";
    private static final String EPROTO = "errno=-71\n\n";

    /** netns.sh gives one peer so many allowed ips. */
    private static final int MANY = 130_561;

    private final UapiDevice node = new UapiDevice();
    private final NodePublicKey other =
            NodePrivateKey.generate(Seeds.random(10)).publicKey();

    @Test
    void shouldAddAPeerWithEverything() throws IOException {
        String secret = "5a".repeat(32);
        assertEquals(
                OK,
                set(
                        "public_key=" + other.hex(),
                        "preshared_key=" + secret,
                        "endpoint=[2001:db8::7]:4711",
                        "persistent_keepalive_interval=25",
                        "replace_allowed_ips=true",
                        "allowed_ip=10.1.0.0/16",
                        "allowed_ip=fd00::/64",
                        "protocol_version=1"));

        Peer peer = peer();
        assertEquals(new InetSocketAddress("2001:db8::7", 4711), peer.endpoint());
        assertEquals(25, peer.persistentKeepaliveSeconds());
        assertFalse(peer.presharedKey().isZero());
        assertEquals(
                List.of(IpPrefix.parse("10.1.0.0/16"), IpPrefix.parse("fd00::/64")),
                node.device.allowedIps().prefixes(peer));
        assertEquals(1, node.transmitted, "the keepalive starts at once, with a handshake");
    }

    @Test
    void shouldShowWhatItWasTold() throws IOException {
        node.device.removePeer(node.managed.publicKey());
        set("fwmark=51820", "public_key=" + other.hex(), "endpoint=192.0.2.1:9", "allowed_ip=10.1.0.0/16");

        assertEquals(
                "private_key=" + node.key.secretText().substring("privkey:".length()) + "\n"
                        + "listen_port=51820\n"
                        + "fwmark=51820\n"
                        + "public_key=" + other.hex() + "\n"
                        + "preshared_key=" + "0".repeat(64) + "\n"
                        + "protocol_version=1\n"
                        + "endpoint=192.0.2.1:9\n"
                        + "last_handshake_time_sec=0\n"
                        + "last_handshake_time_nsec=0\n"
                        + "tx_bytes=0\n"
                        + "rx_bytes=0\n"
                        + "persistent_keepalive_interval=0\n"
                        + "allowed_ip=10.1.0.0/16\n"
                        + "errno=0\n\n",
                talk("get=1\n\n"));
    }

    @Test
    void shouldLeaveOutWhatIsNotSet() {
        UapiDeviceView.Peer peer = new UapiDeviceView.Peer(
                other, PresharedKey.none(), null, 1_700_000_000_000_000_005L, 3, 4, 0, List.of());
        String text = UapiText.view(new UapiDeviceView(null, 0, 0, List.of(peer)));

        assertTrue(text.startsWith("public_key="), text);
        assertFalse(text.contains("endpoint"), text);
        assertTrue(text.contains("last_handshake_time_sec=1700000000\nlast_handshake_time_nsec=5\n"), text);
        assertTrue(text.contains("tx_bytes=4\nrx_bytes=3\n"), text);
    }

    @Test
    void shouldAnswerSeveralRequestsOnOneConnection() throws IOException {
        String answers = talk("get=1\n\nset=1\nlisten_port=4000\n\nget=1\n\n");
        assertTrue(answers.contains("listen_port=51820"), answers);
        assertTrue(answers.contains("listen_port=4000"), answers);
        assertEquals(3, answers.split("errno=0\n\n", -1).length - 1);
    }

    @Test
    void shouldMoveRemoveAndReplaceAddresses() throws IOException {
        String me = "public_key=" + other.hex();
        set(me, "allowed_ip=10.1.0.0/16", "allowed_ip=10.2.0.0/16");
        set(me, "allowed_ip=-10.1.0.0/16", "allowed_ip=-10.9.0.0/16");
        assertEquals("[10.2.0.0/16]", prefixes());
        set(me, "replace_allowed_ips=true", "allowed_ip=10.3.0.0/16");
        assertEquals("[10.3.0.0/16]", prefixes());
        set(me, "allowed_ip=10.1.0.0/16", "replace_allowed_ips=true", "allowed_ip=10.3.0.0/16");
        assertEquals("[10.3.0.0/16]", prefixes(), "what came before in the same section goes too");
        String third = "public_key="
                + NodePrivateKey.generate(Seeds.random(11)).publicKey().hex();
        set(third, "allowed_ip=10.3.0.0/16");
        assertEquals("[]", prefixes());
    }

    @Test
    void shouldRemoveAPeerAndIgnoreOneThatIsNotThere() throws IOException {
        String me = "public_key=" + other.hex();
        assertEquals(OK, set(me, "remove=true"));
        assertEquals(OK, set(me, "update_only=true", "allowed_ip=10.1.0.0/16"));
        assertNull(node.device.peer(other));
        set(me);
        assertEquals(OK, set(me, "update_only=true", "allowed_ip=10.1.0.0/16"));
        assertEquals("[10.1.0.0/16]", prefixes());
        assertEquals(OK, set(me, "update_only=true", "remove=true"));
        assertNull(node.device.peer(other));
    }

    @Test
    void shouldIgnoreASectionForItself() throws IOException {
        assertEquals(OK, set("public_key=" + node.device.publicKey().hex(), "allowed_ip=10.0.0.0/8"));
        assertEquals(1, node.device.peers().size());
    }

    @Test
    void shouldReplaceAllPeersWhenNoneIsManaged() throws IOException {
        assertEquals(EPERM, set("replace_peers=true"));
        assertEquals(1, node.device.peers().size());

        node.device.removePeer(node.managed.publicKey());
        set("public_key=" + other.hex());
        String third = NodePrivateKey.generate(Seeds.random(11)).publicKey().hex();
        assertEquals(OK, set("replace_peers=true", "public_key=" + third));
        assertEquals(1, node.device.peers().size());
        assertNull(node.device.peer(other));
    }

    @Test
    void shouldNotTouchWhatBelongsToTheCoordinator() throws IOException {
        String managed = "public_key=" + node.managed.publicKey().hex();
        assertEquals(EPERM, set(managed, "endpoint=192.0.2.1:9"));
        assertEquals(EPERM, set(managed, "remove=true"));
        assertEquals(EPERM, set(managed, "preshared_key=" + "11".repeat(32)));
        assertEquals(EPERM, set("public_key=" + other.hex(), "allowed_ip=100.64.0.9/32"));
        assertEquals(EPERM, set("private_key=" + "22".repeat(32)));
        assertEquals(EPERM, set("private_key=" + "00".repeat(32)));

        assertNull(node.device.peer(other), "nothing of a refused request is applied");
        assertNull(node.managed.endpoint());
        assertEquals(OK, set("public_key=" + other.hex(), "allowed_ip=100.64.0.0/24"), "a wider block hurts nobody");
    }

    @Test
    void shouldChangeTheKeyWhereThatIsAllowed() throws IOException {
        node.mayChangeKey = true;
        NodePrivateKey fresh = NodePrivateKey.generate(Seeds.random(12));
        assertEquals(OK, set("private_key=" + fresh.secretText().substring("privkey:".length())));
        assertEquals(fresh.publicKey(), node.device.publicKey());
    }

    @Test
    void shouldSendNothingWithoutAKey() throws IOException {
        node.mayChangeKey = true;
        assertEquals(OK, talk("set=1\nprivate_key=" + "0".repeat(64) + "\n\n"));
        assertFalse(talk("get=1\n\n").contains("private_key="));
        set("public_key=" + other.hex(), "endpoint=192.0.2.1:9", "persistent_keepalive_interval=25");
        assertEquals(0, node.transmitted);
        set("private_key=" + "12".repeat(32));
        assertEquals(1, node.transmitted, "the keepalive that waited for it, with a handshake");
        assertTrue(talk("get=1\n\n").contains("private_key=10" + "12".repeat(30) + "52"));
    }

    @Test
    void shouldReportATakenPort() throws IOException {
        assertEquals("errno=-98\n\n", set("listen_port=" + UapiDevice.TAKEN_PORT));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "no_such_key=1",
                "=1",
                "allowed_ip=10.0.0.0/8", // belongs to a peer
                "public_key=abc",
                "private_key=",
                "listen_port=65536",
                "listen_port=-1",
                "listen_port=+1",
                "listen_port=",
                "listen_port=99999999999",
                "fwmark=x",
                "fwmark=0x10",
                "fwmark=4294967296",
                "replace_peers=false",
                "replace_peers=1"
            })
    void shouldRefuseWhatIsWrongForAnInterface(String line) throws IOException {
        assertEquals(EINVAL, set("fwmark=9", line, "listen_port=4000"));
        assertEquals(9, node.fwmark(), "what came before stays");
        assertEquals(51820, node.listenPort(), "what comes behind is not looked at");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "no_such_key=1",
                "listen_port=1", // belongs to the interface
                "private_key=2222222222222222222222222222222222222222222222222222222222222222",
                "public_key=zz",
                "preshared_key=00",
                "remove=yes",
                "update_only=false",
                "replace_allowed_ips=false",
                "persistent_keepalive_interval=65536",
                "persistent_keepalive_interval=off",
                "persistent_keepalive_interval=-1",
                "protocol_version=2",
                "protocol_version=01",
                "allowed_ip=",
                "allowed_ip=-",
                "allowed_ip=10.0.0.0",
                "allowed_ip=10.0.0.0/",
                "allowed_ip=10.0.0.0/33",
                "allowed_ip=10.0.0.0/-1",
                "allowed_ip=+10.0.0.0/8",
                "allowed_ip=10/8",
                "allowed_ip=010.0.0.0/8",
                "allowed_ip=10.0.0.0/08",
                "allowed_ip=10.0.0.0/+8",
                "allowed_ip=10.0.256.0/8",
                "allowed_ip=fd00::/129",
                "allowed_ip=fe80::1%1/64",
                "allowed_ip=[fd00::1]/64",
                "allowed_ip=::ffff:01.2.3.4/128",
                "allowed_ip=64:ff9b::1.2.3/96",
                "allowed_ip=example.com/8",
                "endpoint=",
                "endpoint=:1",
                "endpoint=192.0.2.1",
                "endpoint=192.0.2.1:",
                "endpoint=192.0.02.1:1",
                "endpoint=192.0.2:1",
                "endpoint=192.0.2.1:65536",
                "endpoint=192.0.2.1:+1",
                "endpoint=3221225985:1",
                "endpoint=[192.0.2.1]:1",
                "endpoint=2001:db8::1:4711",
                "endpoint=[2001:db8::1]",
                "endpoint=[fe80::1%]:1",
                "endpoint=[[fe80::1]]:1",
                "endpoint=[192.0.2.1%lo]:1",
                "endpoint=192.0.2.1%lo:1",
                "endpoint=example.com:1"
            })
    void shouldRefuseWhatIsWrongForAPeer(String line) throws IOException {
        assertEquals(
                EINVAL, set("public_key=" + other.hex(), "allowed_ip=10.1.0.0/16", line, "allowed_ip=10.2.0.0/16"));
        assertEquals("[10.1.0.0/16]", prefixes(), "what came before stays, what comes behind is not looked at");
        assertNull(peer().endpoint());
    }

    @Test
    void shouldStayInStepAfterARefusal() throws IOException {
        assertEquals(EPROTO, set("listen_port"));
        assertEquals(EINVAL + OK, talk("set=1\nno_such_key=1\nlisten_port=1\n\nset=1\nlisten_port=2\n\n"));
        assertEquals(2, node.listenPort());
        assertEquals("errno=22\n\n" + OK, talk("get=1\nlisten_port=1\n\nset=1\n\n"), "get has no lines");
        assertEquals(EINVAL, talk("what=1\n\nget=1\n\n"), "an unknown operation ends the connection");
    }

    @Test
    void shouldNotTakeHalfALine() throws IOException {
        assertEquals(EPROTO, talk("set=1\nfwmark=7\nlisten_port=40"));
        assertEquals(51820, node.listenPort(), "40 may have been the beginning of 4000");
        assertEquals(7, node.fwmark());
        assertEquals(OK, talk("set=1\nfwmark=8\n"), "the end of the connection ends a request, too");
        assertEquals(8, node.fwmark());
        assertEquals("", talk(""));
        assertEquals(EPROTO, talk("get=1"));
    }

    @Test
    void shouldSkipALineThatIsTooLong() throws IOException {
        String tooLong = "endpoint=" + "1".repeat(1_000_000);
        assertEquals(EINVAL + OK, talk("set=1\nfwmark=7\n" + tooLong + "\nfwmark=8\n\nset=1\nlisten_port=2\n\n"));
        assertEquals(7, node.fwmark());
        assertEquals(2, node.listenPort());
    }

    @Test
    void shouldTakeTheExtremesOfEachNumber() throws IOException {
        String me = "public_key=" + other.hex();
        assertEquals(OK, set("fwmark=4294967295", "listen_port=65535", me, "persistent_keepalive_interval=65535"));
        String shown = talk("get=1\n\n");
        assertTrue(shown.contains("\nlisten_port=65535\nfwmark=4294967295\n"), shown);
        assertTrue(shown.contains("\npersistent_keepalive_interval=65535\n"), shown);

        assertEquals(OK, set("fwmark=0", me, "persistent_keepalive_interval=0", "endpoint=192.0.2.1:0"));
        shown = talk("get=1\n\n");
        assertFalse(shown.contains("fwmark"), shown);
        assertTrue(shown.contains("\npersistent_keepalive_interval=0\n"), shown);
    }

    @Test
    void shouldShowAddressesInTheirShortForm() throws IOException {
        String me = "public_key=" + other.hex();
        assertEquals(
                OK,
                set(
                        me,
                        "endpoint=[fe80::1%1]:7",
                        "allowed_ip=::/0",
                        "allowed_ip=2001:db8:0:0:1:0:0:0/128",
                        "allowed_ip=fd00::10:0:0/96"));
        String shown = talk("get=1\n\n");
        assertTrue(shown.contains("\nendpoint=[fe80::1%1]:7\n"), shown);
        assertTrue(
                shown.contains("\nallowed_ip=::/0\nallowed_ip=2001:db8:0:0:1::/128\nallowed_ip=fd00::10:0:0/96\n"),
                shown);
    }

    /** What Java takes for IPv4; in a packet of IPv6 it is none. */
    @Test
    void shouldKeepAddressesOfIpv6ThatHoldOneOfIpv4() throws IOException {
        String me = "public_key=" + other.hex();
        assertEquals(
                OK,
                set(me, "allowed_ip=::ffff:1.2.3.4/128", "allowed_ip=::FFFF:0102:0304/97", "allowed_ip=1.2.3.4/32"));
        String shown = talk("get=1\n\n");
        assertTrue(
                shown.contains(
                        "\nallowed_ip=::ffff:1.2.3.4/128\nallowed_ip=::ffff:0.0.0.0/97\nallowed_ip=1.2.3.4/32\n"),
                shown);
        assertEquals(OK, set(me, "allowed_ip=-::ffff:1.2.3.4/128", "allowed_ip=::1.2.3.4/128"));
        shown = talk("get=1\n\n");
        assertTrue(
                shown.contains("\nallowed_ip=::ffff:0.0.0.0/97\nallowed_ip=1.2.3.4/32\nallowed_ip=::102:304/128\n"),
                shown);
    }

    @Test
    void shouldTakeScopesThatThereAreNot() throws IOException {
        String me = "public_key=" + other.hex();
        assertEquals(OK, set(me, "endpoint=[fe80::1%lo]:7"));
        InetSocketAddress scoped = peer().endpoint();
        assertNotNull(scoped);
        assertEquals(OK, set(me, "endpoint=[fe80::1%99999]:7"));
        assertTrue(talk("get=1\n\n").contains("\nendpoint=[fe80::1%99999]:7\n"));
        for (String mapped : List.of("[::ffff:192.0.2.1]:7", "[::ffff:192.0.2.1%lo]:7")) {
            assertEquals(OK, set(me, "endpoint=" + mapped));
            assertEquals(new InetSocketAddress("192.0.2.1", 7), peer().endpoint());
        }
        assertEquals(OK, set(me, "endpoint=[fe80::1%no-such-link]:7"));
        assertEquals(List.of("fe80::1%no-such-link:7"), node.named);
    }

    @Test
    void shouldClampAKeyAndForgetThePeerThatHasIt() throws IOException {
        node.mayChangeKey = true;
        byte[] raw = HexFormat.of().parseHex("ff".repeat(32));
        NodePrivateKey fresh = NodePrivateKey.of(raw);
        assertEquals(OK, set("public_key=" + fresh.publicKey().hex(), "allowed_ip=10.1.0.0/16"));
        assertEquals(
                OK,
                set(
                        "private_key=" + "ff".repeat(32),
                        "public_key=" + fresh.publicKey().hex()));

        assertNull(node.device.peer(fresh.publicKey()), "nobody is a peer of itself");
        assertTrue(talk("get=1\n\n").startsWith("private_key=f8" + "ff".repeat(30) + "7f\n"));
        assertEquals(OK, set("public_key=" + fresh.publicKey().hex(), "update_only=true", "allowed_ip=10.1.0.0/16"));
        assertNull(node.device.allowedIps().owner(IpPrefix.parse("10.1.0.0/16")));
    }

    @Test
    void shouldTakeAsManyAddressesAsTheKernelsOwnTest() throws IOException {
        StringBuilder lines = new StringBuilder("set=1\npublic_key=" + other.hex() + "\nreplace_allowed_ips=true\n");
        for (int i = 0; i < MANY; i++) {
            lines.append("allowed_ip=10.")
                    .append(i >> 16)
                    .append('.')
                    .append(i >> 8 & 255)
                    .append('.')
                    .append(i & 255);
            lines.append("/32\n");
        }
        assertEquals(OK, talk(lines + "\n"));
        assertEquals(MANY, node.device.allowedIps().prefixes(peer()).size());
        assertEquals(MANY + 1, talk("get=1\n\n").split("\nallowed_ip=", -1).length - 1, "and the managed peer's one");
        assertEquals(OK, talk(lines + "\n"), "once more, over what is there");
        assertEquals(MANY, node.device.allowedIps().prefixes(peer()).size());
    }

    @Test
    void shouldNotHoldUpTheDatapathWithManyAddresses() {
        List<UapiSet.AllowedIp> addresses = IntStream.range(0, 10_000)
                .mapToObj(i -> UapiFields.allowedIp("10.0." + i / 250 + "." + i % 250 + "/32"))
                .toList();
        UapiSet.Peer few = peerSet(UapiSet.Action.REMOVE, List.of());
        UapiSet.Peer many = peerSet(UapiSet.Action.UPSERT, addresses);
        UapiSet whole = new UapiSet(null, true, 1, 2, true, List.of(few, many, few, many));

        List<UapiSet> parts = whole.parts(2, 4096);

        assertTrue(parts.stream()
                .allMatch(part -> part.peers().size() <= 2
                        && part.peers().stream()
                                        .mapToInt(peer -> peer.allowedIps().size())
                                        .sum()
                                <= 4096));
        assertTrue(parts.getFirst().forgetsKey() && parts.getFirst().replacePeers());
        assertTrue(parts.stream().skip(1).noneMatch(part -> part.forgetsKey() || part.replacePeers()));
        List<UapiSet.Peer> sections =
                parts.stream().flatMap(part -> part.peers().stream()).toList();
        assertEquals(
                Stream.concat(addresses.stream(), addresses.stream()).toList(),
                sections.stream().flatMap(peer -> peer.allowedIps().stream()).toList());
        assertEquals(
                2, sections.stream().filter(UapiSet.Peer::replaceAllowedIps).count() - 2, "once for each section");
        assertEquals(
                List.of(new UapiSet(null, true, 1, 2, true, List.of())),
                new UapiSet(null, true, 1, 2, true, List.of()).parts(2, 3));
    }

    private UapiSet.Peer peerSet(UapiSet.Action action, List<UapiSet.AllowedIp> addresses) {
        return new UapiSet.Peer(other, action, null, null, null, true, addresses);
    }

    @Test
    void shouldSendPositiveNumbersAfterAGetAndNegativeOnesAfterASet() throws IOException {
        assertEquals("errno=5\n\n", talk(true, "get=1\n\n"));
        assertEquals("errno=-5\n\n", talk(true, "set=1\nlisten_port=1\n\n"));
    }

    @Test
    void shouldApplyManyPeersAndRefuseThemAsAWhole() throws IOException {
        RandomGenerator random = Seeds.random(13);
        StringBuilder many = new StringBuilder("set=1\nlisten_port=4001\n");
        for (int i = 0; i < 700; i++) {
            byte[] key = new byte[32];
            random.nextBytes(key);
            many.append("public_key=").append(HexFormat.of().formatHex(key));
            many.append("\nallowed_ip=10.0.")
                    .append(i / 256)
                    .append('.')
                    .append(i % 256)
                    .append("/32\n");
        }
        assertEquals(EPERM, talk(many + "public_key=" + node.managed.publicKey().hex() + "\n\n"));
        assertEquals(1, node.device.peers().size(), "the last section is forbidden, so nothing is applied");
        assertEquals(51820, node.listenPort());
        assertEquals(OK, talk(many + "\n"));
        assertEquals(701, node.device.peers().size());
        assertEquals(4001, node.listenPort());
    }

    @Test
    void shouldRefuseMorePeersThanADeviceTakes() throws IOException {
        RandomGenerator random = Seeds.random(14);
        StringBuilder many = new StringBuilder("set=1\n");
        for (int i = 0; i < Device.MAX_PEERS; i++) {
            byte[] key = new byte[32];
            random.nextBytes(key);
            many.append("public_key=").append(HexFormat.of().formatHex(key)).append('\n');
        }
        assertEquals(EINVAL, talk(many + "\n"), "with the managed peer it is one too many");
        assertEquals(65536, node.device.peers().size());
        assertEquals(EINVAL, set("public_key=" + other.hex()));
        assertThrows(IllegalStateException.class, () -> node.device.addPeer(other, 0));
        assertNull(node.device.peer(other));
        NodePublicKey last = List.copyOf(node.device.peers()).getLast().publicKey();
        assertEquals(OK, set("public_key=" + last.hex(), "persistent_keepalive_interval=0"), "one that is there stays");
        assertEquals(OK, set("public_key=" + last.hex(), "remove=true", "public_key=" + other.hex()));
        assertNotNull(node.device.peer(other));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldWipeKeysOfARequestThatIsRefused(boolean refused) throws Exception {
        UapiSetBuilder builder = new UapiSetBuilder();
        UapiSetParser parser = new UapiSetParser(builder);
        parser.accept("private_key=" + "11".repeat(32));
        parser.accept("public_key=" + other.hex());
        parser.accept("preshared_key=" + "33".repeat(32));
        UapiSet set = builder.take();
        builder.close();
        assertFalse(key(set.privateKey()).isZero(), "they are the request's now");
        UapiTarget target = new UapiTarget() {
            @Override
            public UapiDeviceView view() {
                return node.target.view();
            }

            @Override
            public void check(UapiSet asked) throws UapiException {
                if (refused) {
                    throw new UapiException(UapiErrno.EPERM, "a test refuses it");
                }
            }

            @Override
            public void apply(UapiSet asked) throws UapiException {
                throw new UapiException(UapiErrno.EINVAL, "a test refuses it late");
            }
        };
        new UapiConnection(target, Runnable::run, new ByteArrayInputStream(new byte[0]), new ByteArrayOutputStream())
                .apply(set);
        assertTrue(key(set.privateKey()).isZero());
        assertTrue(key(set.peers().getFirst().presharedKey()).isZero());
    }

    private static <K> K key(@Nullable K key) {
        assertNotNull(key);
        return key;
    }

    @Test
    void shouldNeverQuoteASecret() {
        UapiSetParser parser = new UapiSetParser(new UapiSetBuilder());
        String almost = "ab".repeat(31) + "zz";
        UapiException refused = assertThrows(UapiException.class, () -> parser.accept("private_key=" + almost));
        assertFalse(String.valueOf(refused.getMessage()).contains("abab"), refused.getMessage());
    }

    private String set(String... lines) throws IOException {
        return talk("set=1\n" + String.join("\n", lines) + "\n\n");
    }

    private String talk(String requests) throws IOException {
        return talk(false, requests);
    }

    private String talk(boolean stopped, String requests) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new UapiConnection(
                        node.target,
                        work -> {
                            if (stopped) {
                                throw new RejectedExecutionException("the datapath has ended");
                            }
                            work.run();
                        },
                        new ByteArrayInputStream(requests.getBytes(US_ASCII)),
                        out)
                .serve();
        return out.toString(US_ASCII);
    }

    private Peer peer() {
        Peer peer = node.device.peer(other);
        assertNotNull(peer);
        return peer;
    }

    private String prefixes() {
        return node.device.allowedIps().prefixes(peer()).toString();
    }
}
