package dev.warren.loadtest.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.stun.NatBehavior;
import dev.warren.protocol.stun.NatBehavior.Filtering;
import dev.warren.protocol.stun.NatBehavior.Mapping;
import dev.warren.protocol.testing.FreePort;
import dev.warren.protocol.testing.Requirements;
import dev.warren.stun.StunConfig;
import dev.warren.stun.StunServer;
import dev.warren.stun.StunTransport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Our discovery of NAT behaviour against coturn with two addresses, with Linux's own NAT in between; coturn's discovery
 * and the classic {@code stun} client against our server with two addresses.
 */
@Timeout(120)
final class NatDiscoveryInteropTest {
    private static final int PORT = 3478;
    private static final List<String> LOOPBACK = List.of("127.0.0.1", "127.0.0.2");
    private static final List<String> INTERNET = List.of("203.0.113.1", "203.0.113.2");

    @TempDir
    private Path folder = Path.of("");

    @Test
    void shouldFindNoNatOnLoopback() throws Exception {
        int port = FreePort.next();
        Process coturn = Coturn.start(folder, Coturn.command(folder, LOOPBACK, port));
        try {
            NatBehavior found = ask(LOOPBACK.getFirst(), port, Duration.ZERO, coturn);
            assertEquals(Mapping.ENDPOINT_INDEPENDENT, found.mapping());
            assertEquals(Filtering.ENDPOINT_INDEPENDENT, found.filtering());
            assertEquals(true, found.hairpinning());
            assertEquals(3, found.mappedByServer().size(), "both addresses, and the other port of the second");
        } finally {
            Coturn.end(coturn);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "masquerade, ENDPOINT_INDEPENDENT, ADDRESS_AND_PORT_DEPENDENT",
        "masquerade fully-random, ADDRESS_AND_PORT_DEPENDENT, ADDRESS_AND_PORT_DEPENDENT"
    })
    void shouldTellWhatLinuxsNatDoes(String rule, Mapping mapping, Filtering filtering) throws Exception {
        NatBehavior found = behindLinux(rule, Duration.ZERO);
        assertEquals(mapping, found.mapping());
        assertEquals(filtering, found.filtering());
        assertEquals(false, found.hairpinning());
        assertTrue(
                found.mappedAddresses().stream()
                        .allMatch(
                                address -> address.getAddress().getHostAddress().equals("203.0.113.9")),
                found::toString);
    }

    @Test
    void shouldFindHowLongLinuxRemembersAFlow() throws Exception {
        NatBehavior found = behindLinux("masquerade", Duration.ofSeconds(12));
        Duration lifetime = found.lifetime();
        assertNotNull(lifetime);
        assertEquals(5333, lifetime.toMillis(), "of 12, 8, 5.3 s and so on; set to 7 s below");
    }

    @ParameterizedTest
    @CsvSource({
        "-m, NAT with Endpoint Independent Mapping!",
        "-f, NAT with Endpoint Independent Filtering!",
        "-H, Received a request (maybe a successful hairpinning)",
        "-mP, NAT with Endpoint Independent Mapping!",
        "-fP, NAT with Endpoint Independent Filtering!"
    })
    void shouldLetCoturnsClientExploreItsNat(String option, String verdict) throws Exception {
        Path client = Requirements.program("turnutils_natdiscovery");
        try (StunServer server = StunServer.start(ours(true))) {
            String port = String.valueOf(server.port());
            String printed = run(client.toString(), option, "-p", port, LOOPBACK.getFirst());
            assertTrue(printed.contains(verdict), printed);
            assertTrue(printed.contains("Response origin: : 127.0.0.1:" + port), printed);
            assertTrue(printed.contains("Other addr: : 127.0.0.2:"), printed);
        }
    }

    /** "Open": no NAT, and the answers from the other address and from the other port have come. */
    @Test
    void shouldLetTheClassicClientFindThatNothingIsFiltered() throws Exception {
        Path client = Requirements.program("stun");
        try (StunServer server = StunServer.start(ours(true))) {
            String printed = run(client.toString(), "127.0.0.1:" + server.port(), "-v");
            assertTrue(printed.contains("Primary: Open"), printed);
            assertTrue(printed.contains("test II = 1"), printed);
        }
    }

    @Test
    void shouldNotAnswerTheClassicClientWhenToldNotTo() throws Exception {
        Path client = Requirements.program("stun");
        try (StunServer server = StunServer.start(ours(false))) {
            String printed = run(client.toString(), "127.0.0.1:" + server.port(), "-v");
            assertTrue(printed.contains("Primary: Blocked or could not reach STUN server"), printed);
            double ignored = server
                    .registry()
                    .get("warren.stun.datagrams")
                    .tag("disposition", "ignored_classic")
                    .functionCounters()
                    .stream()
                    .mapToDouble(counter -> counter.count())
                    .sum();
            assertTrue(ignored >= 1, printed);
        }
    }

    /** Each finds what the other says. */
    @Test
    void shouldFindNoNatWithOurOwnServer() throws Exception {
        try (StunServer server = StunServer.start(ours(true))) {
            NatBehavior found = DiscoveryRun.run(List.of(server.addresses().getFirst()), Duration.ZERO);
            assertEquals(Mapping.ENDPOINT_INDEPENDENT, found.mapping());
            assertEquals(Filtering.ENDPOINT_INDEPENDENT, found.filtering());
        }
    }

    private static StunConfig ours(boolean classic) throws IOException {
        InetSocketAddress first = free(LOOPBACK.getFirst());
        InetSocketAddress other = free(LOOPBACK.getLast());
        return new StunConfig(List.of(first), List.of(), other, StunTransport.AUTO, 1, classic, null, null, null);
    }

    private static InetSocketAddress free(String host) throws IOException {
        return new InetSocketAddress(InetAddress.ofLiteral(host), FreePort.next());
    }

    private String run(String... command) throws IOException, InterruptedException {
        Process process = Coturn.start(folder, List.of(command));
        try {
            assertTrue(process.waitFor(60, TimeUnit.SECONDS), () -> "still running: " + command[0]);
            return Files.readString(folder.resolve("output.txt"));
        } finally {
            Coturn.end(process);
        }
    }

    /** Asks from a host behind a router that does this to whatever leaves it; flows end there after 7 s. */
    private NatBehavior behindLinux(String rule, Duration lifetimeLimit) throws Exception {
        Requirements.root();
        Requirements.program("nft");
        try (Host client = new Host(folder.resolve("client"));
                Host router = new Host(folder.resolve("router"));
                Host server = new Host(folder.resolve("server"))) {
            router.connect(server, "203.0.113.9", INTERNET.getFirst());
            server.netlink.addAddress("eth0", InetAddress.ofLiteral(INTERNET.getLast()), 24);
            wire(router, client, rule);
            Process coturn =
                    server.launch(Coturn.command(folder, INTERNET, PORT).toArray(String[]::new));
            return client.namespace.call(() -> ask(INTERNET.getFirst(), PORT, lifetimeLimit, coturn));
        }
    }

    private static void wire(Host router, Host client, String rule) throws Exception {
        String thread = Integer.toString(client.namespace.threadId());
        router.run("ip", "link", "add", "lan", "type", "veth", "peer", "name", "eth0", "netns", thread);
        router.netlink.bringUp("lan", 1500);
        client.netlink.bringUp("eth0", 1500);
        router.netlink.addAddress("lan", InetAddress.ofLiteral("192.168.1.1"), 24);
        client.netlink.addAddress("eth0", InetAddress.ofLiteral("192.168.1.2"), 24);
        client.run("ip", "route", "add", "default", "via", "192.168.1.1");
        router.run(
                "nft",
                "add table ip nat; add chain ip nat out { type nat hook postrouting priority 100; };"
                        + " add rule ip nat out oifname \"eth0\" " + rule);
        for (String timeout : List.of("udp_timeout", "udp_timeout_stream")) {
            set(router, "netfilter/nf_conntrack_" + timeout, "7");
        }
        set(router, "ipv4/ip_forward", "1");
    }

    private static void set(Host host, String name, String value) throws IOException {
        host.namespace.call(() -> Files.writeString(Path.of("/proc/sys/net").resolve(name), value));
    }

    /** A discovery waits for a server that is still starting: its first requests are sent several times. */
    private NatBehavior ask(String host, int port, Duration lifetimeLimit, Process coturn) throws IOException {
        InetSocketAddress server = new InetSocketAddress(InetAddress.ofLiteral(host), port);
        NatBehavior found = DiscoveryRun.run(List.of(server), lifetimeLimit);
        for (int i = 0; i < 3 && found.mappedByServer().isEmpty(); i++) {
            assertTrue(coturn.isAlive(), "coturn ended");
            found = DiscoveryRun.run(List.of(server), lifetimeLimit);
        }
        return found;
    }
}
