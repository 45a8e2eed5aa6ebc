package dev.warren.loadtest.images;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.Device;
import com.github.dockerjava.api.model.HealthCheck;
import com.github.dockerjava.api.model.HostConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.startupcheck.StartupCheckStrategy;
import org.testcontainers.containers.wait.strategy.AbstractWaitStrategy;
import org.testcontainers.containers.wait.strategy.Wait;

/**
 * A container of one of our images, held as docs/packaging.md says. It counts as started when the image's own check says
 * that it is healthy.
 */
final class Service extends GenericContainer<Service> {
    /** The image asks each ten seconds; here it is waited for. */
    private static final long CHECK_NANOS = Duration.ofMillis(300).toNanos();

    private static final int GRACE_SECONDS = 20;

    private Service(String program, String... arguments) throws IOException, InterruptedException {
        super(Daemon.shared().image(program));
        withLabel(Daemon.LABEL, "images");
        withCommand(arguments);
        withTmpFs(Map.of("/tmp", ""));
        waitingFor(Wait.forHealthcheck().withStartupTimeout(Duration.ofSeconds(60)));
    }

    /** A relay, a STUN server or a coordinator: nobody's user, no capability, nothing to write to but a volume and /tmp. */
    static Service of(String program, String... arguments) throws IOException, InterruptedException {
        return new Service(program, arguments).withCreateContainerCmdModifier(Service::confine);
    }

    /** A node, which has a network interface to make. */
    static Service node(String... arguments) throws IOException, InterruptedException {
        return new Service("node", arguments).withCreateContainerCmdModifier(command -> {
            checkOften(command);
            command.withUser("0");
            hostConfig(command)
                    .withCapAdd(Capability.NET_ADMIN)
                    .withDevices(new Device("rwm", "/dev/net/tun", "/dev/net/tun"))
                    .withSysctls(Map.of("net.ipv6.conf.all.disable_ipv6", "0"));
        });
    }

    private static void confine(CreateContainerCmd command) {
        checkOften(command);
        hostConfig(command).withReadonlyRootfs(true).withCapDrop(Capability.ALL);
    }

    private static void checkOften(CreateContainerCmd command) {
        command.withHealthcheck(new HealthCheck()
                .withTest(List.of("CMD", "/opt/warren/docker/health"))
                .withInterval(CHECK_NANOS)
                .withTimeout(Duration.ofSeconds(10).toNanos())
                .withRetries(200));
    }

    private static HostConfig hostConfig(CreateContainerCmd command) {
        return Objects.requireNonNull(command.getHostConfig());
    }

    /** Its address in Docker's network; {@link Daemon#network} reaches it. */
    String address() {
        return address(this);
    }

    /** That of any container in one network. */
    static String address(GenericContainer<?> container) {
        return Objects.requireNonNull(container
                .getContainerInfo()
                .getNetworkSettings()
                .getNetworks()
                .values()
                .iterator()
                .next()
                .getIpAddress());
    }

    /** Runs one of our commands inside; gives what it printed. */
    String warren(String... arguments) throws IOException, InterruptedException {
        String[] command = new String[arguments.length + 1];
        command[0] = "warren";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        ExecResult result = execInContainer(command);
        assertEquals(0, result.getExitCode(), result.getStdout() + result.getStderr());
        return result.getStdout().strip();
    }

    /** Ends it as {@code docker stop} does: SIGTERM, and SIGKILL after the grace. Gives the exit code. */
    long end() {
        DockerClient docker = getDockerClient();
        docker.stopContainerCmd(getContainerId()).withTimeout(GRACE_SECONDS).exec();
        return exitCode(docker.inspectContainerCmd(getContainerId()).exec());
    }

    private static long exitCode(InspectContainerResponse container) {
        return Objects.requireNonNull(container.getState().getExitCodeLong());
    }

    /**
     * How a run ended that was not to last.
     *
     * @param said on both outputs
     */
    record Refusal(long exitCode, String said) {}

    /** Runs it to its end, which it is to find by itself. */
    static Refusal refusal(String program, String... arguments) throws IOException, InterruptedException {
        try (Service service = program.equals("node") ? node(arguments) : of(program, arguments)) {
            service.waitingFor(new AbstractWaitStrategy() {
                        @Override
                        protected void waitUntilReady() {}
                    })
                    .withStartupCheckStrategy(new Ended())
                    .start();
            return new Refusal(exitCode(service.getCurrentContainerInfo()), service.getLogs());
        }
    }

    /** Success is an end, whatever the exit code. */
    private static final class Ended extends StartupCheckStrategy {
        @Override
        public StartupStatus checkStartupState(DockerClient docker, String id) {
            boolean runs = Boolean.TRUE.equals(
                    docker.inspectContainerCmd(id).exec().getState().getRunning());
            return runs ? StartupStatus.NOT_YET_KNOWN : StartupStatus.SUCCESSFUL;
        }
    }
}
