package dev.warren.platform.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.testing.Requirements;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The system's resolver, with names that need no DNS. */
@Timeout(60)
final class HostLookupTest {
    @Test
    void shouldFindWhatTheHostsFileSays() throws UnknownHostException {
        HostLookup.Answer answer = HostLookup.find("localhost");
        assertTrue(answer.routed().contains(InetAddress.ofLiteral("127.0.0.1")), answer.toString());
    }

    @Test
    void shouldTakeAddressesAsTheyAre() throws UnknownHostException {
        assertEquals(
                List.of(InetAddress.ofLiteral("127.3.2.1")),
                HostLookup.find("127.3.2.1").routed());
    }

    @Test
    void shouldSayThatAHostHasNoAddress() {
        UnknownHostException unknown = assertThrows(UnknownHostException.class, () -> HostLookup.find("-.-"));
        assertTrue(String.valueOf(unknown.getMessage()).contains("the host \"-.-\""), unknown.getMessage());
    }

    @Test
    void shouldRefuseANameThatDnsCanNotHave() {
        String name = "ü".repeat(70) + ".example";
        UnknownHostException unknown = assertThrows(UnknownHostException.class, () -> HostLookup.find(name));
        assertTrue(String.valueOf(unknown.getMessage()).contains("has no address"), unknown.getMessage());
    }

    @Test
    void shouldTellWhatHasNoRoute() throws Exception {
        Requirements.tun();
        try (NetworkNamespace namespace = NetworkNamespace.create();
                Netlink netlink = namespace.call(Netlink::open)) {
            HostLookup.Answer nowhere = namespace.call(() -> HostLookup.find("192.0.2.7"));
            assertEquals(List.of(), nowhere.routed());
            assertEquals(List.of(InetAddress.ofLiteral("192.0.2.7")), nowhere.unrouted());
            netlink.bringUp("lo", 65536);
            netlink.addAddress("lo", InetAddress.ofLiteral("192.0.2.1"), 24);
            HostLookup.Answer near = namespace.call(() -> HostLookup.find("192.0.2.7"));
            assertEquals(List.of(InetAddress.ofLiteral("192.0.2.7")), near.routed());
        }
    }
}
