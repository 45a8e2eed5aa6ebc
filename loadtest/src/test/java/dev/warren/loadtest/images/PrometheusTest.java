package dev.warren.loadtest.images;

import static org.junit.jupiter.api.Assertions.fail;

import dev.warren.protocol.testing.Requirements;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.ImageFromDockerfile;
import org.testcontainers.images.builder.Transferable;

/** A Prometheus in a container scrapes those of a relay and of a coordinator. */
@Timeout(240)
class PrometheusTest {
    private static final String CONFIG =
            """
            global: { scrape_interval: 500ms, scrape_timeout: 500ms }
            scrape_configs:
              - job_name: warren
                static_configs: [{ targets: ["relay:9443", "coordinator:9444"] }]
            """;
    private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(60);

    @Test
    void scrapesRelayAndCoordinator() throws Exception {
        Path program = Requirements.program("prometheus");
        Daemon daemon = Daemon.shared();
        try (Network network = Network.newNetwork();
                Service relay = Service.of(
                        "relay", "--hostname", "relay", "--ops-listen", "0.0.0.0:9443", "--drain-seconds", "0");
                Service coordinator = Service.of("coordinator", "--public", "c:8443", "--ops-listen", "0.0.0.0:9444");
                GenericContainer<?> prometheus = prometheus(daemon, program)) {
            relay.withNetwork(network).withNetworkAliases("relay").start();
            coordinator.withNetwork(network).withNetworkAliases("coordinator").start();
            prometheus.withNetwork(network).start();

            String api = "http://" + Service.address(prometheus) + ":9090/api/v1/";
            for (String query :
                    new String[] {"warren_relay_clients", "warren_coordinator_nodes", "process_cpu_usage"}) {
                awaitData(daemon, api, query);
            }
        }
    }

    private static GenericContainer<?> prometheus(Daemon daemon, Path program) {
        ImageFromDockerfile image = new ImageFromDockerfile()
                .withFileFromPath("prometheus", program)
                .withDockerfileFromBuilder(file -> file.from(daemon.base())
                        .copy("prometheus", "/usr/bin/prometheus")
                        .volume("/prometheus")
                        .entryPoint("/usr/bin/prometheus", "--storage.tsdb.path=/prometheus")
                        .build());
        return new GenericContainer<>(image)
                .withLabel(Daemon.LABEL, "images")
                .withCopyToContainer(Transferable.of(CONFIG), "/etc/prometheus.yml")
                .withCommand("--config.file=/etc/prometheus.yml")
                .waitingFor(Wait.forLogMessage(".*Server is ready.*", 1));
    }

    private static void awaitData(Daemon daemon, String api, String query) throws IOException {
        long deadline = System.nanoTime() + WAIT_NANOS;
        String answer = "";
        while (!answer.contains("\"value\"")) {
            if (System.nanoTime() > deadline) {
                fail("no data in time: " + query + ": " + daemon.network().call(() -> ask(api + "targets")));
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
            answer = daemon.network().call(() -> ask(api + "query?query=" + query));
        }
    }

    private static String ask(String url) {
        try (InputStream answer = URI.create(url).toURL().openStream()) {
            return new String(answer.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException notYet) {
            return String.valueOf(notYet.getMessage());
        }
    }
}
