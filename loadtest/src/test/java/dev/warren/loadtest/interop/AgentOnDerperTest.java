package dev.warren.loadtest.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.loadtest.lab.Lab;
import dev.warren.loadtest.lab.LabAgent;
import dev.warren.protocol.testing.Requirements;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whole agents (programs of their own, in namespaces of their own) on Tailscale's {@code derper}: through it while UDP is
 * blocked, around it when UDP passes.
 */
@Timeout(120)
final class AgentOnDerperTest {
    private static final String SERVER = "203.0.113.1";

    @TempDir
    Path folder;

    @BeforeEach
    void need() {
        Requirements.root();
        Requirements.tun();
        Requirements.program("nft");
        Requirements.program("ping");
    }

    @Test
    void agentsTalkThroughAStockDerperAndThenAroundIt() throws Exception {
        Path derper = Requirements.peer("derper");
        try (Lab lab = new Lab()) {
            String server = lab.namespace("s");
            lab.in(server, "ip", "addr", "add", SERVER + "/32", "dev", "lo");
            lab.in(server, "sysctl", "-qw", "net.ipv4.ip_forward=1");
            LabAgent a = LabAgent.linked(lab, folder, server, "a", 1);
            LabAgent b = LabAgent.linked(lab, folder, server, "b", 2);
            Path rules = Files.writeString(
                    folder.resolve("no-udp.nft"),
                    "table inet lab {\n chain f {\n  type filter hook forward priority 0\n  meta l4proto udp drop\n }\n}\n");
            lab.in(server, "nft", "-f", rules.toString());
            start(lab, server, "derper", derper.toString(), derperOptions());
            String token = coordinator(lab, server);
            a.up(token);
            b.up(token);

            Lab.await("a ping through derper", LabAgent.PATIENCE, a.log(), () -> a.reaches(b));
            assertTrue(a.wayTo(b).contains("via relay 900"), a.wayTo(b));
            lab.in(server, "nft", "delete", "table", "inet", "lab");
            Lab.await(
                    "a direct path",
                    LabAgent.PATIENCE,
                    a.log(),
                    () -> a.reaches(b) && a.wayTo(b).contains("via direct"));
            assertEquals(0, lab.tryIn(a.namespace(), a.command("down")).exitCode());
        }
    }

    private String[] derperOptions() {
        return new String[] {
            "-c",
            folder.resolve("derper.json").toString(),
            "-a",
            SERVER + ":3340",
            "-http-port",
            "-1",
            "-stun-port",
            "3478"
        };
    }

    /** Starts the coordinator; returns a join token. */
    private String coordinator(Lab lab, String namespace) throws IOException {
        String data = folder.resolve("coordinator").toString();
        String main = "dev.warren.coordinator.CoordinatorMain";
        Path log = folder.resolve("coordinator.log");
        lab.start(
                namespace,
                log,
                LabAgent.java(
                        main,
                        "--listen",
                        SERVER + ":8443",
                        "--public",
                        SERVER + ":8443",
                        "--data-dir",
                        data,
                        "--relay",
                        "900=" + SERVER + ":3340,stun=3478,plaintext"));
        Lab.await("the coordinator's start", LabAgent.PATIENCE, log, () -> Lab.read(log)
                .contains("listening on"));
        return lab.in(namespace, LabAgent.java(main, "token", "create", "--reusable", "--data-dir", data))
                .strip();
    }

    private void start(Lab lab, String namespace, String name, String program, String... options) {
        List<String> command = new ArrayList<>(List.of(program));
        command.addAll(List.of(options));
        Path log = folder.resolve(name + ".log");
        lab.start(namespace, log, command.toArray(String[]::new));
        Lab.await(name + "'s start", LabAgent.PATIENCE, log, () -> Lab.read(log).contains("serving on"));
    }
}
