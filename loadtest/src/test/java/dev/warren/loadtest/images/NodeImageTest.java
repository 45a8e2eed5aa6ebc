package dev.warren.loadtest.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.testing.Requirements;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.testcontainers.containers.Network;

/** {@code warren-node}. */
@Timeout(240)
class NodeImageTest {
    private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(60);

    @BeforeEach
    void checkDevice() {
        Requirements.tun();
    }

    @Test
    void joinsWithNothingButATokenAndEndsWhenItIsTold() throws Exception {
        Daemon.shared();
        try (Network mesh = Network.newNetwork();
                Service coordinator = Service.of("coordinator", "--public", "coordinator:8443")) {
            coordinator.withNetwork(mesh).withNetworkAliases("coordinator").start();
            String token = coordinator.warren("coordinator", "token", "create");
            try (Service node = Service.node("--token", token, "--hostname", "first")) {
                node.withNetwork(mesh).start();

                String interfaces = node.execInContainer("cat", "/proc/net/dev").getStdout();
                assertTrue(interfaces.contains("warren0:"), interfaces);
                String status = node.warren("status");
                long deadline = System.nanoTime() + WAIT_NANOS;
                while (!status.contains("100.64.0.1")) {
                    assertTrue(System.nanoTime() < deadline, status + node.getLogs());
                    status = node.warren("status");
                }
                assertEquals(Ending.BY_SIGTERM, node.end(), node.getLogs());
            }
            assertEquals(Ending.BY_SIGTERM, coordinator.end(), coordinator.getLogs());
        }
    }

    @Test
    void refusesWhatIsWrongWithOneSentence() throws Exception {
        assertEquals(
                new Service.Refusal(
                        Ending.USAGE,
                        "warren up: unknown option --tokn, did you mean --token?"
                                + " (warren up --help shows what can be given)\n"),
                Service.refusal("node", "--tokn", "x"));
    }
}
