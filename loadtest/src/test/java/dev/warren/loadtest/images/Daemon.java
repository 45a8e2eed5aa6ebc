package dev.warren.loadtest.images;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.warren.loadtest.dist.Distribution;
import dev.warren.loadtest.sandbox.Sandbox;
import dev.warren.loadtest.sandbox.Shell;
import dev.warren.platform.linux.NetworkNamespace;
import dev.warren.protocol.testing.Requirements;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The Docker daemon of the tests in this JVM, with the images in it: $DOCKER_HOST's, or one that {@code
 * packaging/with-docker} starts and that ends with this JVM, however that ends.
 */
public final class Daemon {
    /** What all containers of these tests are marked with, so that those which a killed run left can be found. */
    static final String LABEL = "dev.warren.test";

    private static @Nullable Daemon shared;

    private final String host;
    private final @Nullable ProcessHandle first;
    private final NetworkNamespace network;
    private final String base;

    private Daemon(String host, @Nullable ProcessHandle first) throws IOException, InterruptedException {
        this.host = host;
        this.first = first;
        this.network = NetworkNamespace.enter(Path.of("/proc", first == null ? "self" : "" + first.pid(), "ns/net"));
        this.base = script("../packaging/base");
        removeLeftovers();
    }

    /** The one of all tests; a missing program skips the test that asks, with the reason. */
    public static synchronized Daemon shared() throws IOException, InterruptedException {
        if (shared == null) {
            Requirements.root();
            Requirements.program("docker");
            String given = System.getenv("DOCKER_HOST");
            shared = given == null ? own() : new Daemon(given, null);
            // What Docker of Debian 12 speaks is older than what Testcontainers' client asks for.
            System.setProperty("api.version", shared.docker("version", "--format", "{{.Server.APIVersion}}"));
            script(
                    Map.of("DOCKER_HOST", shared.host, "BASE", shared.base),
                    "../packaging/image",
                    Distribution.sharedArchive().toString());
        }
        return shared;
    }

    private static Daemon own() throws IOException, InterruptedException {
        Requirements.program("dockerd", "debootstrap", "iptables", "setpriv");
        script(Map.of(), "../packaging/base", "--archive");
        Process process = new ProcessBuilder(
                        "../packaging/with-docker", "sh", "-c", "echo \"$DOCKER_HOST\"; exec cat >/dev/null")
                .redirectErrorStream(true)
                .start();
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        String host = Optional.ofNullable(out.readLine()).orElse("it said nothing");
        if (!host.startsWith("unix://")) {
            throw new IOException(host);
        }
        ProcessHandle unshare = process.children().findFirst().orElseThrow();
        return new Daemon(host, unshare.children().findFirst().orElseThrow());
    }

    /** Where it listens, as in DOCKER_HOST. */
    String host() {
        return host;
    }

    /** The network in which containers' addresses answer. */
    NetworkNamespace network() {
        return network;
    }

    /** The Debian that the images are built on. */
    public String base() {
        return base;
    }

    /** The full name of the image of {@code program}. */
    String image(String program) throws IOException {
        return docker("images", "--format", "{{.Repository}}:{{.Tag}}", "warren-" + program)
                .lines()
                .findFirst()
                .orElseThrow(
                        () -> new IOException("there is no image warren-" + program + ": the first test says why"));
    }

    /** A command line that runs {@code command} where the daemon is: its network, and process numbers as it tells them. */
    public ProcessBuilder beside(List<String> command) {
        ProcessBuilder builder = Shell.builder(first == null ? command : Sandbox.enter(first.pid(), command));
        builder.environment().put("DOCKER_HOST", host);
        // A newer docker without its builder may come first.
        builder.environment().merge("PATH", "/usr/bin", (path, own) -> own + ":" + path);
        return builder;
    }

    /** What a script of ours prints on standard output when it is told of the daemon; it has to succeed. */
    String script(String... command) throws IOException, InterruptedException {
        return script(Map.of("DOCKER_HOST", host), command);
    }

    /** Docker's answer to these arguments, without blanks around it. */
    String docker(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("docker", "--host", host));
        command.addAll(List.of(arguments));
        return Shell.run(command).strip();
    }

    /** What a script of ours prints on standard output, which has to succeed. */
    private static String script(Map<String, String> environment, String... command)
            throws IOException, InterruptedException {
        ProcessBuilder builder = Shell.builder(List.of(command)).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
        return said.strip();
    }

    private void removeLeftovers() throws IOException {
        for (String id : docker("ps", "--all", "--quiet", "--filter", "label=" + LABEL)
                .lines()
                .toList()) {
            docker("rm", "--force", "--volumes", id);
        }
    }
}
