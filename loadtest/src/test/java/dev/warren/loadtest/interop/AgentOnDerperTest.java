package dev.warren.loadtest.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.loadtest.lab.Lab;
import dev.warren.protocol.testing.Requirements;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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
    private static final Duration PATIENCE = Duration.ofSeconds(40);

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
            Agent a = new Agent(lab, server, "a", 1);
            Agent b = new Agent(lab, server, "b", 2);
            Path rules = Files.writeString(
                    folder.resolve("no-udp.nft"),
                    "table inet lab {\n chain f {\n  type filter hook forward priority 0\n  meta l4proto udp drop\n }\n}\n");
            lab.in(server, "nft", "-f", rules.toString());
            start(lab, server, "derper", derper.toString(), derperOptions());
            String token = coordinator(lab, server);
            a.up(token);
            b.up(token);

            Lab.await("a ping through derper", PATIENCE, a.log, () -> a.reaches(b));
            assertTrue(a.ping("b").contains("via relay 900"), a.ping("b"));
            lab.in(server, "nft", "delete", "table", "inet", "lab");
            Lab.await(
                    "a direct path",
                    PATIENCE,
                    a.log,
                    () -> a.reaches(b) && a.ping("b").contains("via direct"));
            assertEquals(0, lab.tryIn(a.namespace, a.command("down")).exitCode());
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
                java(
                        main,
                        "--listen",
                        SERVER + ":8443",
                        "--public",
                        SERVER + ":8443",
                        "--data-dir",
                        data,
                        "--relay",
                        "900=" + SERVER + ":3340,stun=3478,plaintext"));
        Lab.await("the coordinator's start", PATIENCE, log, () -> Lab.read(log).contains("listening on"));
        return lab.in(namespace, java(main, "token", "create", "--reusable", "--data-dir", data))
                .strip();
    }

    private void start(Lab lab, String namespace, String name, String program, String... options) {
        List<String> command = new ArrayList<>(List.of(program));
        command.addAll(List.of(options));
        Path log = folder.resolve(name + ".log");
        lab.start(namespace, log, command.toArray(String[]::new));
        Lab.await(name + "'s start", PATIENCE, log, () -> Lab.read(log).contains("serving on"));
    }

    private static String[] java(String main, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                main));
        command.addAll(List.of(arguments));
        return command.toArray(String[]::new);
    }

    /** One agent behind a link of its own. */
    private final class Agent {
        final Lab lab;
        final String name;
        final String namespace;
        final String network;
        final Path log;

        Agent(Lab lab, String server, String name, int number) {
            this.lab = lab;
            this.name = name;
            this.namespace = lab.namespace(name);
            this.network = lab.interfaceName("w");
            this.log = folder.resolve(name + ".log");
            String router = "198.51.100." + (4 * number + 1);
            lab.join(server, router + "/30", namespace, "198.51.100." + (4 * number + 2) + "/30");
            lab.in(namespace, "ip", "route", "add", "default", "via", router);
        }

        void up(String token) {
            lab.start(namespace, log, command("up", "--token", token, "--interface", network, "--hostname", name));
            Lab.await(name + "'s join", PATIENCE, log, () -> Lab.read(log).contains("warren: up as " + name));
        }

        boolean reaches(Agent other) {
            return lab.tryIn(namespace, command("ping", other.name, "-c", "1")).exitCode() == 0;
        }

        String ping(String peer) {
            return lab.tryIn(namespace, command("ping", peer, "-c", "1")).output();
        }

        String[] command(String what, String... options) {
            List<String> all = new ArrayList<>(
                    List.of(what, "--state-dir", folder.resolve("state-" + name).toString()));
            all.addAll(List.of(options));
            return java("dev.warren.node.cli.NodeMain", all.toArray(String[]::new));
        }
    }
}
