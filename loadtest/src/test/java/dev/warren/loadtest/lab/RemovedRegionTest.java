package dev.warren.loadtest.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.testing.Requirements;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two agents that talk through the relay of one region, and an operator who takes that region away: a relay that
 * registered, then one of the coordinator's own map. The STUN server is the first region's, so that this is the nearest.
 */
@Timeout(240)
class RemovedRegionTest {
    private static final String SERVER = "203.0.113.1";
    private static final String COORDINATOR = "dev.warren.coordinator.CoordinatorMain";
    private static final String NO_DIRECT_PATH =
            "table inet lab {\n chain f {\n  type filter hook forward priority 0\n  meta l4proto udp drop\n }\n}\n";

    @TempDir
    Path folder;

    private Path map;

    @BeforeEach
    void need() throws IOException {
        Requirements.root();
        Requirements.tun();
        Requirements.program("nft", "ping");
        map = folder.resolve("map.json");
    }

    @Test
    void shouldTalkOnThroughAnotherRegion() throws Exception {
        try (Lab lab = new Lab()) {
            String server = lab.namespace("s");
            lab.in(server, "ip", "addr", "add", SERVER + "/32", "dev", "lo");
            lab.in(server, "sysctl", "-qw", "net.ipv4.ip_forward=1");
            Path rules = Files.writeString(folder.resolve("lab.nft"), NO_DIRECT_PATH);
            lab.in(server, "nft", "-f", rules.toString());
            start(lab, server, "stun", "dev.warren.stun.StunMain", "--listen", SERVER + ":3478");
            mapIs("\"STUNOnly\":true");
            Process coordinator = coordinator(lab, server);
            relay(lab, server, "900", "3340");
            relay(lab, server, "901", "3341");
            LabAgent a = LabAgent.linked(lab, folder, server, "a", 1);
            LabAgent b = LabAgent.linked(lab, folder, server, "b", 2);
            String token = token(lab, server, "--reusable");
            a.up(token);
            b.up(token);
            awaitTalk(a, b, "900");

            // Its STUN server stays in the map, and is still the nearest.
            onFolder(lab, server, "relay", "remove", SERVER + ":3340");
            awaitTalk(a, b, "901");
            for (LabAgent agent : List.of(a, b)) {
                said(agent, "region 900 (r900) has no relay in the map any more");
                said(agent, "home is region 901 (r901) now: peers reach this node through its relay");
            }

            mapIs("\"DERPPort\":3340,\"Plaintext\":true");
            hangUp(lab, server, coordinator);
            awaitTalk(a, b, "900");

            Path log = folder.resolve("coordinator.log");
            Files.writeString(map, "{\"Regions\":");
            hangUp(lab, server, coordinator);
            await(log, "a sentence about the broken map", () -> Lab.read(log)
                    .contains("the relays stay as they were: the file " + map + " cannot be used"));
            assertTrue(a.wayTo(b).contains("via relay 900"), a.wayTo(b));

            Files.writeString(map, "{\"Regions\":{}}");
            hangUp(lab, server, coordinator);
            awaitTalk(a, b, "901");
            for (LabAgent agent : List.of(a, b)) {
                assertEquals(2, Lab.read(agent.log()).split("region 900 \\(r900\\) has no relay", -1).length - 1);
                assertEquals(1, Lab.read(agent.log()).split("warren: up as ", -1).length - 1, "it never started anew");
            }
        }
    }

    /** Waits until packets pass through this region's relay, both ways, and it is both agents' home. */
    private static void awaitTalk(LabAgent a, LabAgent b, String region) {
        String way = "via relay " + region;
        await(a.log(), "a packet " + way, () -> a.reaches(b) && a.wayTo(b).contains(way));
        await(b.log(), "a packet back " + way, () -> b.reaches(a) && b.wayTo(a).contains(way));
    }

    private static void said(LabAgent agent, String sentence) {
        await(agent.log(), sentence, () -> Lab.read(agent.log()).contains(sentence));
    }

    private static void await(Path log, String what, BooleanSupplier condition) {
        Lab.await(what, LabAgent.PATIENCE, log, condition);
    }

    /** The coordinator's own map: region 900 with one node, which has the STUN server; put in place as a whole. */
    private void mapIs(String node) throws IOException {
        Path fresh = Files.writeString(
                folder.resolve("map.new"),
                "{\"Regions\":{\"900\":{\"RegionID\":900,\"RegionCode\":\"r900\",\"RegionName\":\"r900\",\"Nodes\":["
                        + "{\"Name\":\"900a\",\"RegionID\":900,\"HostName\":\"" + SERVER + "\"," + node + "}]}}}");
        Files.move(fresh, map, StandardCopyOption.REPLACE_EXISTING);
    }

    private Process coordinator(Lab lab, String namespace) {
        return start(
                lab,
                namespace,
                "coordinator",
                COORDINATOR,
                "--listen",
                SERVER + ":8443",
                "--public",
                SERVER + ":8443",
                "--data-dir",
                folder.resolve("coordinator").toString(),
                "--relay-map",
                map.toString(),
                "--watch",
                "0s");
    }

    private void relay(Lab lab, String namespace, String region, String port) throws IOException {
        Path token = folder.resolve("relay-" + region + ".token");
        Files.createFile(token, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(token, token(lab, namespace, "--relay"));
        start(
                lab,
                namespace,
                "relay-" + region,
                "dev.warren.relay.RelayMain",
                "--listen",
                SERVER + ":" + port,
                "--ops-listen",
                SERVER + ":1" + port,
                "--plaintext",
                "--hostname",
                SERVER,
                "--region",
                region,
                "--node-key",
                folder.resolve("relay-" + region + ".key").toString(),
                "--coordinator-token-file",
                token.toString());
        String inMap = "is in the map: " + SERVER;
        await(folder.resolve("coordinator.log"), "relay " + region + " in the map", () -> Lab.read(
                        folder.resolve("coordinator.log"))
                .contains("relay " + region + (region.equals("900") ? "b " : "a ") + inMap));
    }

    private String token(Lab lab, String namespace, String kind) {
        return onFolder(lab, namespace, "token", "create", kind).strip();
    }

    /** A command to the running coordinator. */
    private String onFolder(Lab lab, String namespace, String what, String verb, String argument) {
        return lab.in(
                namespace,
                LabAgent.java(
                        COORDINATOR,
                        what,
                        verb,
                        argument,
                        "--data-dir",
                        folder.resolve("coordinator").toString()));
    }

    private static void hangUp(Lab lab, String namespace, Process process) {
        lab.in(namespace, "kill", "-HUP", Long.toString(process.pid()));
    }

    private Process start(Lab lab, String namespace, String name, String main, String... options) {
        Path log = folder.resolve(name + ".log");
        Process process = lab.start(namespace, log, LabAgent.java(main, options));
        await(log, "the start of " + name, () -> Lab.read(log).contains(" on "));
        return process;
    }
}
