package dev.warren.loadtest.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.node.control.NodeStatus;
import dev.warren.protocol.key.NodePublicKey;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class WireGuardViewTest {
    private static final NodePublicKey B = key(2);
    private static final NodePublicKey C = key(3);
    /** The interface's line, which has four columns and is passed over. */
    private static final String INTERFACE = "private\tpublic\t41641\toff\n";

    private final NodeStatus status = PairTableTest.status(
            "a",
            peer("b", B, "direct", "198.51.100.6:41641", List.of("100.64.0.2", "fd00:0:0:0:0:0:0:2"), 100, 200),
            peer("c", C, "relay", null, List.of("100.64.0.3"), 10, 20));

    @Test
    void shouldFindThatBothAgree() throws IOException {
        String dump = INTERFACE
                + line(B, "198.51.100.6:41641", "100.64.0.2/32,fd00::2/128", 100, 200)
                + line(C, "(none)", "100.64.0.3/32", 10, 20);

        assertEquals(2, WireGuardView.compare("a", dump, status, status));
    }

    @Test
    void shouldSeeAnEndpointThatARelayedPeerShouldNotHave() {
        String dump = INTERFACE
                + line(B, "198.51.100.6:41641", "100.64.0.2/32,fd00::2/128", 100, 200)
                + line(C, "203.0.113.10:443", "100.64.0.3/32", 10, 20);

        assertDiffers(dump, "the endpoint of c is 203.0.113.10:443 for wg but (none) for warren status");
    }

    @Test
    void shouldSeeAPeerThatOneOfThemDoesNotKnow() {
        assertDiffers(INTERFACE + line(C, "(none)", "100.64.0.3/32", 10, 20), "wg shows the peers");
    }

    @Test
    void shouldSeeOtherAddressesAndOtherCounts() {
        String rest = line(C, "(none)", "100.64.0.3/32", 10, 20);
        String endpoint = "198.51.100.6:41641";

        assertDiffers(INTERFACE + line(B, endpoint, "100.64.0.2/32", 100, 200) + rest, "the allowed addresses of b");
        assertDiffers(
                INTERFACE + line(B, endpoint, "100.64.0.2/32,fd00::2/128", 99, 200) + rest, "wg counts 99 and 200");
    }

    @Test
    void shouldAllowBytesThatCameBetweenTheTwoStatuses() throws IOException {
        NodeStatus after = PairTableTest.status(
                "a",
                peer("b", B, "direct", "198.51.100.6:41641", List.of("100.64.0.2", "fd00::2"), 300, 400),
                peer("c", C, "relay", null, List.of("100.64.0.3"), 10, 20));
        String dump = INTERFACE
                + line(B, "198.51.100.6:41641", "fd00::2/128,100.64.0.2/32", 250, 200)
                + line(C, "(none)", "100.64.0.3/32", 10, 20);

        assertEquals(2, WireGuardView.compare("a", dump, status, after));
    }

    @Test
    void shouldRefuseALineThatIsNoPeer() {
        assertDiffers(INTERFACE + "only\tthree\tcolumns\n", "a line with 3 columns");
    }

    private void assertDiffers(String dump, String reason) {
        IOException differs = assertThrows(IOException.class, () -> WireGuardView.compare("a", dump, status, status));
        assertTrue(String.valueOf(differs.getMessage()).contains(reason), differs.getMessage());
    }

    private static String line(NodePublicKey key, String endpoint, String allowed, long rx, long tx) {
        return key.base64() + "\t(none)\t" + endpoint + "\t" + allowed + "\t1795000000\t" + rx + "\t" + tx + "\toff\n";
    }

    private static NodePublicKey key(int first) {
        byte[] bytes = new byte[NodePublicKey.LENGTH];
        bytes[0] = (byte) first;
        return NodePublicKey.of(bytes);
    }

    private static NodeStatus.Peer peer(
            String name,
            NodePublicKey key,
            String path,
            @Nullable String address,
            List<String> addresses,
            long rx,
            long tx) {
        return new NodeStatus.Peer(name, key.toString(), addresses, true, path, address, Mesh.REGION, 1.0, 1.0, rx, tx);
    }
}
