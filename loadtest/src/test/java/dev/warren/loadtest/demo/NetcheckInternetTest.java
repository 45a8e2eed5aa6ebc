package dev.warren.loadtest.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.loadtest.sandbox.Sandbox;
import dev.warren.loadtest.sandbox.Shell;
import dev.warren.protocol.testing.Requirements;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code warren netcheck} as a program on the demo's small internet: behind a NAT with one mapping for all destinations (a),
 * behind a symmetric one (b), where UDP is blocked (c), and beside a real miniupnpd on a's router.
 */
@Timeout(120)
final class NetcheckInternetTest {
    private static final long LIMIT_MILLIS = 45_000;
    /** The STUN server's other address, for RFC 5780. */
    private static final String SECOND = "203.0.113.13";

    @TempDir
    private static Path folder;

    private static Sandbox sandbox;
    private static Internet internet;
    private static Launcher launcher;
    private static String relay;

    @BeforeAll
    static void build() throws IOException {
        Requirements.root();
        sandbox = Sandbox.start("this test", "mvn test");
        internet = Internet.build(sandbox, folder);
        launcher = ClassPathLauncher.in(folder);
        Symmetric.make(internet, "nat-b");
        Shell.run(internet.on("stun", List.of("ip", "address", "add", SECOND + "/24", "dev", "eth0")));
        startStun("stun", Internet.STUN, "--alternate", SECOND + ":3479");
        startStun("relay", Internet.RELAY);
        Service server = Service.start(
                "relay",
                internet.on(
                        "relay",
                        launcher.command(
                                "relay",
                                "--listen",
                                Internet.RELAY + ":443",
                                "--http-listen",
                                Internet.RELAY + ":80",
                                "--hostname",
                                Internet.RELAY,
                                "--node-key",
                                folder.resolve("relay.key").toString(),
                                "--ops-listen",
                                Internet.RELAY + ":9443")),
                folder);
        server.awaitSaid("plain HTTP on tcp port 80", LIMIT_MILLIS);
        String entry = lineOf("relay", "as DERPNode:");
        // The region's second STUN server is on another host: so mappings can be compared.
        relay = folder.resolve("map.json").toString();
        Files.writeString(
                Path.of(relay),
                "{\"Regions\":{\"900\":{\"RegionID\":900,\"RegionCode\":\"doc\",\"Nodes\":["
                        + entry.replace("\"STUNPort\":-1", "\"STUNPort\":3478,\"CanPort80\":true")
                        + ",{\"Name\":\"900b\",\"RegionID\":900,\"HostName\":\"" + Internet.STUN
                        + "\",\"STUNOnly\":true}]}}}");
    }

    private static void startStun(String host, String address, String... more) throws IOException {
        List<String> command =
                new ArrayList<>(List.of("stun", "--listen", address + ":3478", "--ops-listen", address + ":9478"));
        command.addAll(List.of(more));
        Service.start("stun-" + host, internet.on(host, launcher.command(command.toArray(String[]::new))), folder)
                .awaitSaid("STUN on udp", LIMIT_MILLIS);
    }

    private static String lineOf(String service, String start) throws IOException {
        return Files.readString(folder.resolve(service + ".log"))
                .lines()
                .filter(line -> line.startsWith(start))
                .map(line -> line.substring(start.length()).strip())
                .findFirst()
                .orElseThrow();
    }

    @AfterAll
    static void end() {
        if (sandbox != null) {
            sandbox.close();
        }
    }

    private static String netcheck(String host, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("netcheck", "--relays", relay));
        arguments.addAll(List.of(more));
        return Shell.run(internet.on(host, launcher.command(arguments.toArray(String[]::new))));
    }

    private static void assertLine(String printed, String pattern) {
        assertTrue(
                printed.lines().anyMatch(line -> line.matches(pattern)), () -> "no \"" + pattern + "\" in\n" + printed);
    }

    @Test
    void shouldSeeANatThatKeepsOneMapping() throws IOException {
        String printed = netcheck("a", "--stun", "[2001:db8::1]:3478");
        assertLine(printed, "UDP             works");
        assertLine(printed, "IPv4            works, seen as 198\\.51\\.100\\.2:\\d+");
        assertLine(printed, "IPv6            none: this machine has no route for IPv6, .*");
        assertLine(printed, "NAT             yes");
        assertLine(printed, "  mapping       endpoint-independent: .*");
        assertLine(printed, "  filtering     address-and-port-dependent: .*");
        assertLine(printed, "  hairpinning   no");
        assertLine(printed, "captive portal  no: a relay answered itself");
        assertLine(printed, "home relay      region 900 \\(doc\\)");
        assertLine(printed, "900     doc   [\\d.]+ ms +[\\d.]+ ms +- +STUN");
    }

    @Test
    void shouldSeeASymmetricNat() throws IOException {
        String printed = netcheck("b");
        assertLine(printed, "UDP             works");
        assertLine(printed, "IPv4            works, seen as 198\\.51\\.100\\.6:\\d+ and 198\\.51\\.100\\.6:\\d+");
        assertLine(printed, "IPv6            unknown: no STUN server has an address of IPv6");
        assertLine(printed, "  mapping       address-and-port-dependent: .*");
        assertLine(printed, "  filtering     address-and-port-dependent: .*");
        assertLine(printed, "port mapping    none at 192\\.168\\.2\\.1");
    }

    @Test
    void shouldGoByTcpWhereUdpIsBlocked() throws IOException {
        String printed = netcheck("c");
        assertLine(printed, "UDP             blocked: no STUN server answered");
        assertLine(printed, "IPv4            no answer");
        assertLine(printed, "NAT             unknown: no STUN server answered");
        assertLine(printed, "captive portal  no: a relay answered itself");
        assertLine(printed, "home relay      region 900 \\(doc\\)");
        assertLine(printed, "900     doc   [\\d.]+ ms +- +- +HTTPS");
    }

    @Test
    void shouldSeeThatThereIsNoNat() throws IOException {
        String printed = netcheck("coordinator");
        assertLine(printed, "NAT             none: servers see an address of this machine");
        assertLine(printed, "IPv4            works, seen as 203\\.0\\.113\\.12:\\d+");
        assertLine(printed, "  mapping       endpoint-independent: .*");
        assertLine(printed, "  filtering     endpoint-independent: .*");
        assertLine(printed, "  hairpinning   yes");
    }

    @Test
    void shouldFindTheServicesOfARealRouterProgram() throws IOException {
        // Without a public address on its outer side miniupnpd refuses NAT-PMP, as a router behind another NAT should.
        Service behindAnother = startMiniupnpd("behind-another", "");
        String printed = netcheck("d");
        behindAnother.kill();
        assertLine(
                printed,
                "port mapping    NAT-PMP \\(refuses: the router has no public address itself\\), PCP, UPnP at"
                        + " 192\\.168\\.1\\.1");

        Service open = startMiniupnpd("open", "ext_ip=9.9.9.9\n");
        String json = netcheck("d", "--json");
        open.kill();
        assertTrue(json.contains("\"externalAddress\" : \"9.9.9.9\""), json);
        assertTrue(json.contains("\"upnpLocation\" : \"http://192.168.1.1:"), json);
        assertEquals(3, json.split("\"state\" : \"offered\"", -1).length - 1, json);
    }

    private static Service startMiniupnpd(String name, String more) throws IOException {
        Path config = Files.writeString(
                folder.resolve(name + ".conf"),
                """
                ext_ifname=wan
                listening_ip=lan
                enable_upnp=yes
                enable_natpmp=yes
                secure_mode=yes
                uuid=6c1e57ab-0001-4000-8000-000000000001
                """
                        + more);
        String program = Requirements.program("miniupnpd").toString();
        String pid = folder.resolve(name + ".pid").toString();
        Service service = Service.start(
                name, internet.on("nat-a", List.of(program, "-d", "-f", config.toString(), "-P", pid)), folder);
        service.awaitSaid("Listening for NAT-PMP/PCP traffic", LIMIT_MILLIS);
        return service;
    }
}
