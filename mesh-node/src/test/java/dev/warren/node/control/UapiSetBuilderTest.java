package dev.warren.node.control;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.key.PresharedKey;
import dev.warren.protocol.testing.Seeds;
import dev.warren.protocol.wireguard.IpPrefix;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A request that is not kept as a whole: whose its keys are, and what becomes of one that comes in parts. */
@Timeout(30)
class UapiSetBuilderTest {
    private static final int LONG = 3 * UapiConnection.LINES_AT_ONCE;

    private final NodePublicKey other =
            NodePrivateKey.generate(Seeds.random(10)).publicKey();
    private final NodePublicKey third =
            NodePrivateKey.generate(Seeds.random(11)).publicKey();

    @Test
    void shouldWipeKeysThatNobodyGets() {
        NodePrivateKey first = NodePrivateKey.generate(Seeds.random(1));
        NodePrivateKey second = NodePrivateKey.generate(Seeds.random(2));
        PresharedKey preshared = PresharedKey.generate(Seeds.random(3));
        PresharedKey later = PresharedKey.generate(Seeds.random(4));
        UapiSetBuilder builder = new UapiSetBuilder();
        builder.privateKey(first);
        builder.privateKey(second);
        UapiSetBuilder.Section section = begin(builder, other);
        section.presharedKey(preshared);
        section.presharedKey(later);
        assertTrue(first.isZero() && preshared.isZero(), "others have taken their places");
        assertFalse(second.isZero() || later.isZero());
        builder.close();
        assertTrue(second.isZero() && later.isZero(), "the connection has broken off");
    }

    @Test
    void shouldForgetAKeyInFavourOfNone() {
        NodePrivateKey key = NodePrivateKey.generate(Seeds.random(1));
        UapiSetBuilder builder = new UapiSetBuilder();
        builder.privateKey(key);
        builder.privateKey(null);
        assertTrue(key.isZero());
        assertTrue(builder.take().forgetsKey());
        assertFalse(builder.take().forgetsKey(), "once is enough");
    }

    @Test
    void shouldLeaveKeysToWhoeverTookThem() {
        NodePrivateKey key = NodePrivateKey.generate(Seeds.random(1));
        PresharedKey preshared = PresharedKey.generate(Seeds.random(3));
        UapiSetBuilder builder = new UapiSetBuilder();
        builder.privateKey(key);
        begin(builder, other).presharedKey(preshared);
        UapiSet taken = builder.take();
        builder.close();
        assertEquals(key, taken.privateKey());
        assertFalse(key.isZero() || preshared.isZero());
    }

    @Test
    void shouldGoOnWithThePeerThatWasBegun() {
        UapiSetBuilder builder = new UapiSetBuilder();
        builder.listenPort(1);
        builder.fwmark(2);
        builder.replacePeers();
        UapiSetBuilder.Section section = begin(builder, other);
        section.replaceAllowedIps();
        section.keepaliveSeconds(3);
        builder.take();
        begun(builder).allowedIp(UapiFields.allowedIp("10.1.0.0/16"));
        assertEquals(
                new UapiSet(null, false, null, null, false, List.of(rest(UapiSet.Action.UPDATE_ONLY))), builder.take());

        begun(builder).remove();
        builder.take();
        begun(builder).allowedIp(UapiFields.allowedIp("10.1.0.0/16"));
        assertEquals(List.of(rest(UapiSet.Action.REMOVE)), builder.take().peers(), "it is not made again");
    }

    @Test
    void shouldHoldAPartOfALongRequestAtOnce() throws IOException {
        StringBuilder request = new StringBuilder("fwmark=1\npublic_key=" + other.hex() + "\n");
        for (int i = 0; i < LONG; i++) {
            request.append(allowedIp(i));
        }
        Parts parts = new Parts();
        assertEquals("errno=0\n\n", parts.set(request + "public_key=" + third.hex() + "\nallowed_ip=10.0.0.0/8\n"));
        int most = 0;
        for (UapiSet part : parts.checked) {
            int lines = part.fwmark() == null ? 0 : 1;
            for (UapiSet.Peer peer : part.peers()) {
                lines += 1 + peer.allowedIps().size();
            }
            most = Math.max(most, lines);
        }
        assertEquals(4, parts.checked.size());
        assertTrue(most <= UapiConnection.LINES_AT_ONCE + 1, most + " lines at once");
        assertEquals(
                LONG,
                parts.node
                        .device
                        .allowedIps()
                        .prefixes(parts.node.device.peers().stream()
                                .filter(peer -> peer.publicKey().equals(other))
                                .findFirst()
                                .orElseThrow())
                        .size());
        assertNotNull(parts.node.device.allowedIps().owner(IpPrefix.parse("10.0.0.0/8")), "what comes behind it");
        assertEquals(1, parts.node.fwmark());
    }

    /** As wireguard-go, which applies line by line; a request of usual length is refused as a whole. */
    @Test
    void shouldEndALongRequestAtTheFirstPartThatIsRefused() throws IOException {
        StringBuilder request = new StringBuilder("public_key=" + other.hex() + "\n");
        for (int i = 0; i < LONG; i++) {
            request.append(allowedIp(i));
            if (i == LONG / 2) {
                request.append("public_key=").append(third.hex()).append("\nallowed_ip=100.64.0.9/32\n");
            }
        }
        Parts parts = new Parts();
        assertEquals("errno=-1\n\n", parts.set(request.toString()));
        assertNotNull(parts.node.device.peer(other), "the first part is applied");
        assertNull(parts.node.device.peer(third), "nothing of the one that is refused");
        assertEquals(2, parts.checked.size(), "nothing behind it is looked at");
        assertEquals("errno=0\n\n", parts.set("fwmark=7\n"));
    }

    /** The interface has its own copy. */
    @Test
    void shouldWipeTheKeyThatItHasShown() throws IOException {
        Parts parts = new Parts();
        assertTrue(parts.talk("get=1\n\n").startsWith("private_key="));
        NodePrivateKey shown = parts.shown.getFirst().privateKey();
        assertNotNull(shown);
        assertTrue(shown.isZero());
        assertTrue(parts.node.device.hasPrivateKey());
    }

    private UapiSet.Peer rest(UapiSet.Action action) {
        return new UapiSet.Peer(other, action, null, null, null, false, List.of(UapiFields.allowedIp("10.1.0.0/16")));
    }

    private static String allowedIp(int number) {
        return "allowed_ip=10." + (number >> 16) + "." + (number >> 8 & 255) + "." + (number & 255) + "/32\n";
    }

    private static UapiSetBuilder.Section begin(UapiSetBuilder builder, NodePublicKey key) {
        builder.beginPeer(key);
        return begun(builder);
    }

    private static UapiSetBuilder.Section begun(UapiSetBuilder builder) {
        UapiSetBuilder.Section section = builder.peer();
        assertNotNull(section);
        return section;
    }

    /** A device, and what its target was asked at once. */
    private static final class Parts implements UapiTarget {
        final UapiDevice node = new UapiDevice();
        final List<UapiSet> checked = new ArrayList<>();
        final List<UapiDeviceView> shown = new ArrayList<>();

        String set(String lines) throws IOException {
            return talk("set=1\n" + lines + "\n");
        }

        String talk(String requests) throws IOException {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ByteArrayInputStream in = new ByteArrayInputStream(requests.getBytes(US_ASCII));
            new UapiConnection(this, Runnable::run, in, out).serve();
            return out.toString(US_ASCII);
        }

        @Override
        public UapiDeviceView view() {
            shown.add(node.target.view());
            return shown.getLast();
        }

        @Override
        public void check(UapiSet set) throws UapiException {
            checked.add(set);
            node.target.check(set);
        }

        @Override
        public void apply(UapiSet set) throws UapiException {
            node.target.apply(set);
        }
    }
}
