package dev.warren.loadtest.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.warren.coordinator.CoordinatorConfig;
import dev.warren.coordinator.CoordinatorServer;
import dev.warren.loadtest.sandbox.Shell;
import dev.warren.platform.config.HostPort;
import dev.warren.platform.net.DerpClient;
import dev.warren.platform.net.Gathering;
import dev.warren.platform.net.Transport;
import dev.warren.platform.tls.TlsEngine;
import dev.warren.protocol.coordination.JoinToken;
import dev.warren.protocol.derp.DerpMap;
import dev.warren.protocol.derp.PeerGoneReason;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.testing.FreePort;
import dev.warren.protocol.testing.Requirements;
import dev.warren.protocol.wireguard.IpPrefix;
import dev.warren.relay.RelayConfig;
import dev.warren.relay.RelayServer;
import dev.warren.relay.client.RelayContext;
import dev.warren.stun.StunConfig;
import dev.warren.stun.StunServer;
import dev.warren.stun.StunTransport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The rules by promtool, and every query of the dashboards at a Prometheus that scrapes a fleet on loopback. */
@Timeout(180)
class MonitoringTest {
    private static final Path TREE = Path.of("..").toAbsolutePath().normalize();
    private static final Path RULES = TREE.resolve("monitoring/prometheus");
    private static final Path BOARDS = TREE.resolve("monitoring/grafana");
    private static final Pattern NAME = Pattern.compile("(?m)^ +- (?:alert|alertname): (\\w+)$");
    private static final Pattern ASKED = Pattern.compile("alertname: (\\w+)");

    /** The name of a metric or of a recorded rule, and labels; no function and no label has such a name. */
    private static final Pattern SELECTOR =
            Pattern.compile("\\b(?:up|(?:warren|process|system)_[a-z_]+|(?:region|node):[a-z0-9_:]+)\\b(?:\\{[^}]*})?");

    private static final Pattern VALUES = Pattern.compile("\"([^\"|]+(?:\\|[^\"|]+)+)\"");

    @TempDir
    Path folder;

    private final HttpClient http = HttpClient.newHttpClient();
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    @AfterEach
    void stopEverything() throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
        http.close();
    }

    @Test
    void theRulesAreGoodAndEachAlertIsTested() throws Exception {
        String promtool = Requirements.program("promtool").toString();
        Shell.run(List.of(
                promtool,
                "check",
                "rules",
                RULES.resolve("recording.yml").toString(),
                RULES.resolve("alerts.yml").toString()));
        Shell.run(List.of(
                promtool, "test", "rules", RULES.resolve("alerts_test.yml").toString()));
        Set<String> alerts = found(NAME, Files.readString(RULES.resolve("alerts.yml")));
        assertEquals(alerts, found(ASKED, Files.readString(RULES.resolve("alerts_test.yml"))));
        assertTrue(alerts.size() > 10, alerts.toString());
    }

    @Test
    void everyQueryOfTheDashboardsGivesData() throws Exception {
        startFleet();
        String prometheus = startPrometheus();
        List<String> queries = new ArrayList<>();
        for (String board : List.of("fleet.json", "node.json")) {
            JsonNode tree = new ObjectMapper().readTree(BOARDS.resolve(board).toFile());
            tree.path("panels").forEach(panel -> panel.path("targets")
                    .forEach(target ->
                            queries.add(target.path("expr").asText().replaceAll("\\$(region|instance)", ".*"))));
        }
        assertTrue(queries.size() > 40, queries.toString());
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        for (String query : queries) {
            while (!hasData(prometheus, query)) {
                assertTrue(System.nanoTime() < deadline, "no data in time: " + query);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
            }
        }
        for (String selector : selectors()) {
            while (!hasData(prometheus, selector)) {
                assertTrue(System.nanoTime() < deadline, "an alert is about what no program says: " + selector);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
            }
        }
        JsonNode groups = ask(prometheus, "/api/v1/rules").path("data").path("groups");
        for (JsonNode group : groups) {
            for (JsonNode rule : group.path("rules")) {
                assertEquals("ok", rule.path("health").asText(), rule.toString());
            }
        }
        assertTrue(groups.size() >= 3, groups.toString());
    }

    /** What the rules ask for, without what they do with it; one for each label's value that they name. */
    private static Set<String> selectors() throws IOException {
        Set<String> selectors = new TreeSet<>();
        for (String file : List.of("recording.yml", "alerts.yml")) {
            JsonNode groups = new ObjectMapper(new YAMLFactory())
                    .readTree(RULES.resolve(file).toFile())
                    .path("groups");
            for (String expression : groups.findValuesAsText("expr")) {
                Matcher selector = SELECTOR.matcher(expression);
                while (selector.find()) {
                    Matcher values = VALUES.matcher(selector.group());
                    if (values.find()) {
                        for (String value : values.group(1).split("\\|", -1)) {
                            selectors.add(values.replaceFirst("\"" + value + "\""));
                        }
                    } else {
                        selectors.add(selector.group());
                    }
                }
            }
        }
        assertTrue(selectors.size() > 25, selectors.toString());
        return selectors;
    }

    /** Each metric that a rule or a dashboard asks for is in a manual, under its own name or Micrometer's. */
    @Test
    void whatIsAskedForIsExplained() throws Exception {
        StringBuilder asked = new StringBuilder();
        for (Path file : List.of(
                RULES.resolve("recording.yml"),
                RULES.resolve("alerts.yml"),
                BOARDS.resolve("fleet.json"),
                BOARDS.resolve("node.json"))) {
            asked.append(Files.readString(file));
        }
        StringBuilder manuals = new StringBuilder();
        for (String file : List.of("OPERATIONS.md", "relay.md", "stun.md")) {
            manuals.append(Files.readString(TREE.resolve("docs").resolve(file)));
        }
        Set<String> names = found(Pattern.compile("(?<![a-z_:])(warren_[a-z_]+)"), asked.toString());
        assertTrue(names.size() > 25, names.toString());
        names.removeIf(name -> {
            String bare = name.replaceFirst("_(total|bucket|max)$", "").replaceFirst("_seconds$", "");
            return Stream.of(name, bare, bare.replace('_', '.'))
                    .anyMatch(form -> manuals.indexOf("`" + form + "`") >= 0 || manuals.indexOf("`" + form + "{") >= 0);
        });
        assertEquals(Set.of(), names);
    }

    /** A coordinator, a region of two relays with a client each, and a STUN server. */
    private void startFleet() throws Exception {
        CoordinatorServer coordinator = opening(CoordinatorServer.start(new CoordinatorConfig(
                HostPort.parse("127.0.0.1:0"),
                HostPort.parse("127.0.0.1:0"),
                null,
                folder.resolve("coordinator"),
                DerpMap.EMPTY,
                IpPrefix.parse("100.64.0.0/10"))));
        InetSocketAddress stunOps = loopback(FreePort.next());
        opening(StunServer.start(StunConfig.of(List.of(loopback(0)), StunTransport.AUTO, stunOps)));
        JoinToken token = JoinToken.decode(coordinator.createRelayToken(true, null));
        List<String> targets = new ArrayList<>();
        for (String name : List.of("900a", "900b")) {
            RelayServer relay = opening(RelayServer.start(relay(name, token)));
            opening(DerpClient.connect(
                    Transport.AUTO, relay.mapEntry(), NodePrivateKey.generate(new SecureRandom()), new Nobody()));
            targets.add(target("127.0.0.1:" + relay.opsPort().orElseThrow(), "warren-relay", name));
        }
        targets.add(target("127.0.0.1:" + stunOps.getPort(), "warren-stun", "900-stun"));
        targets.add("{\"targets\":[\"127.0.0.1:" + coordinator.opsPort()
                + "\"],\"labels\":{\"job\":\"warren-coordinator\"}}");
        Files.writeString(folder.resolve("targets.json"), targets.toString());
    }

    private static String target(String address, String job, String node) {
        return "{\"targets\":[\"" + address + "\"],\"labels\":{\"job\":\"" + job + "\",\"node\":\"" + node
                + "\",\"region\":\"lo\"}}";
    }

    private RelayConfig relay(String name, JoinToken token) throws IOException {
        Path own = Files.createDirectories(folder.resolve(name));
        RelayContext.Timing oftenAlive = new RelayContext.Timing(10_000, 10_000, 200);
        return new RelayConfig(
                        loopback(0),
                        own.resolve("relay.key"),
                        new RelayConfig.Tls(own.resolve("cert.pem"), own.resolve("key.pem"), true),
                        new RelayConfig.Place("127.0.0.1", 900),
                        null,
                        loopback(0),
                        new RelayConfig.Tuning(
                                Transport.AUTO, TlsEngine.AUTO, 1, Gathering.STANDARD_MICROS, oftenAlive))
                .withRegistration(
                        new RelayConfig.Registration(own.resolve("token"), token),
                        new RelayConfig.Place("127.0.0.1", 900));
    }

    private String startPrometheus() throws Exception {
        String program = Requirements.program("prometheus").toString();
        Path config = Files.writeString(
                folder.resolve("prometheus.yml"),
                """
                global: { scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 500ms }
                rule_files: [%s/recording.yml, %s/alerts.yml]
                scrape_configs:
                  - job_name: warren
                    file_sd_configs: [{ files: [%s/targets.json] }]
                """
                        .formatted(RULES, RULES, folder));
        int port = FreePort.next();
        Process process = new ProcessBuilder(
                        program,
                        "--config.file=" + config,
                        "--storage.tsdb.path=" + folder.resolve("data"),
                        "--web.listen-address=127.0.0.1:" + port)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("prometheus.log").toFile())
                .start();
        open.push(() -> {
            process.destroy();
            process.waitFor();
        });
        return "http://127.0.0.1:" + port;
    }

    /** Whether the answer has a number in it. */
    private boolean hasData(String prometheus, String query) throws Exception {
        JsonNode answer;
        try {
            answer = ask(prometheus, "/api/v1/query?query=" + URLEncoder.encode(query, StandardCharsets.UTF_8));
        } catch (IOException notYet) {
            return false;
        }
        assertTrue(!answer.path("status").asText().equals("error"), query + ": " + answer);
        return StreamSupport.stream(answer.path("data").path("result").spliterator(), false)
                .anyMatch(sample -> !sample.path("value").path(1).asText("NaN").equals("NaN"));
    }

    private JsonNode ask(String prometheus, String path) throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(prometheus + path)).build();
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() == 503) {
            throw new IOException("it starts");
        }
        return new ObjectMapper().readTree(answer.body());
    }

    private static Set<String> found(Pattern pattern, String text) {
        Set<String> names = new TreeSet<>();
        Matcher matcher = pattern.matcher(text);
        while (matcher.find()) {
            names.add(matcher.group(1));
        }
        return names;
    }

    private <T extends AutoCloseable> T opening(T opened) {
        open.push(opened);
        return opened;
    }

    private static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    /** A client that only is there. */
    private static final class Nobody implements DerpClient.Listener {
        @Override
        public void connected(int region) {}

        @Override
        public void packet(int region, NodePublicKey source, byte[] buffer, int offset, int length) {}

        @Override
        public void peerGone(int region, NodePublicKey peer, PeerGoneReason reason) {}

        @Override
        public void disconnected(int region, String reason) {}
    }
}
