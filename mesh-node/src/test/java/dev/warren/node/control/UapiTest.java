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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The line protocol, request by request, on a real device without a socket. */
@Timeout(30)
class UapiTest {
    private static final String OK = "errno=0\n\n";
    private static final String EPERM = "errno=-1\n\n";
    private static final String EINVAL = "errno=-22\n\n";
    private static final String EPROTO = "errno=-71\n\n";

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
        set(me, "replace_allowed_ips=true", "allowed_ip=+10.3.0.0/16");
        assertEquals("[10.3.0.0/16]", prefixes());
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
    void shouldReportATakenPort() throws IOException {
        assertEquals("errno=-98\n\n", set("listen_port=" + UapiDevice.TAKEN_PORT));
    }

    @Test
    void shouldRefuseWhatItDoesNotUnderstandAndStayInStep() throws IOException {
        String me = "public_key=" + other.hex();
        assertEquals(EINVAL, set("no_such_key=1"));
        assertEquals(EINVAL, set(me, "no_such_key=1", "allowed_ip=10.0.0.0/8"));
        assertEquals(EINVAL, set("allowed_ip=10.0.0.0/8"), "belongs to a peer");
        assertEquals(EINVAL, set(me, "listen_port=1"), "belongs to the interface");
        assertEquals(EINVAL, set("public_key=abc"));
        assertEquals(EINVAL, set("public_key=" + "zz".repeat(32)));
        assertEquals(EINVAL, set("listen_port=65536"));
        assertEquals(EINVAL, set("listen_port=-1"));
        assertEquals(EINVAL, set("fwmark=x"));
        assertEquals(EINVAL, set("replace_peers=false"));
        assertEquals(EINVAL, set(me, "persistent_keepalive_interval=65536"));
        assertEquals(EINVAL, set(me, "protocol_version=2"));
        assertEquals(EINVAL, set(me, "allowed_ip=10.0.0.0/33"));
        assertEquals(EINVAL, set(me, "allowed_ip=example.com/8"));
        assertEquals(EINVAL, set(me, "endpoint=192.0.2.1"));
        assertEquals(EINVAL, set(me, "endpoint=2001:db8::1:4711"));
        assertEquals(EINVAL, set(me, "endpoint=example.com:1"));
        assertEquals(EPROTO, set("listen_port"));
        assertNull(node.device.peer(other));
        assertEquals(EINVAL + OK, talk("set=1\nno_such_key=1\nlisten_port=1\n\nset=1\nlisten_port=2\n\n"));
        assertEquals(EINVAL, talk("what=1\n\nget=1\n\n"), "an unknown operation ends the connection");
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
    void shouldEndAConnectionWithEndlessLines() {
        assertThrows(IOException.class, () -> talk("set=1\nendpoint=" + "1".repeat(5000) + "\n\n"));
    }

    @Test
    void shouldNeverQuoteASecret() {
        UapiSetParser parser = new UapiSetParser();
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
