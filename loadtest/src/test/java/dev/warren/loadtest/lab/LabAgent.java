package dev.warren.loadtest.lab;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A whole agent, a program of its own, in a namespace of its own. */
public final class LabAgent {
    /** It is killed in the end, and whatever is in this folder of its own goes with it: the socket for {@code wg}. */
    private static final String WITH_OWN_RUN = "mount -t tmpfs none /run && exec \"$@\"";

    /** For what takes a program of its own some seconds on a busy machine. */
    public static final Duration PATIENCE = Duration.ofSeconds(40);

    private final Lab lab;
    private final Path folder;
    private final String name;
    private final String namespace;
    private final String network;
    private final Path log;

    /** One that is not started yet; its state and what it says go to {@code folder}. */
    public LabAgent(Lab lab, Path folder, String name) {
        this.lab = lab;
        this.folder = folder;
        this.name = name;
        this.namespace = lab.namespace(name);
        this.network = lab.interfaceName("w");
        this.log = folder.resolve(name + ".log");
    }

    /** One behind a link of its own to {@code server}: the {@code number}-th network of four addresses in 198.51.100.0/24. */
    public static LabAgent linked(Lab lab, Path folder, String server, String name, int number) {
        LabAgent agent = new LabAgent(lab, folder, name);
        String router = "198.51.100." + (4 * number + 1);
        lab.join(server, router + "/30", agent.namespace(), "198.51.100." + (4 * number + 2) + "/30");
        agent.ip("route", "add", "default", "via", router);
        return agent;
    }

    /** One of our programs by its main class, on this class path. */
    public static String[] java(String main, String... arguments) {
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

    /** Its namespace. */
    public String namespace() {
        return namespace;
    }

    /** The name of its interface in the mesh. */
    public String network() {
        return network;
    }

    /** What it says. */
    public Path log() {
        return log;
    }

    /** Starts it, and waits until it has joined. */
    public void up(String token) {
        List<String> all = new ArrayList<>(List.of("sh", "-c", WITH_OWN_RUN, "sh"));
        all.addAll(List.of(command("up", "--token", token, "--interface", network, "--hostname", name)));
        lab.start(namespace, log, all.toArray(String[]::new));
        Lab.await(name + "'s join", PATIENCE, log, () -> Lab.read(log).contains("warren: up as " + name));
    }

    /** Runs {@code ip} where it is. */
    public void ip(String... words) {
        String[] command = new String[words.length + 1];
        command[0] = "ip";
        System.arraycopy(words, 0, command, 1, words.length);
        lab.in(namespace, command);
    }

    /** The interface with this address. */
    public String cableOf(String address) {
        return words(lab.in(namespace, "ip", "-4", "-o", "addr", "show", "to", address))
                .get(1);
    }

    /** Whether an ordinary ping through the tunnel is answered. */
    public boolean reaches(LabAgent other) {
        return lab.tryIn(namespace, "ping", "-n", "-c", "1", "-W", "1", other.innerAddress())
                        .exitCode()
                == 0;
    }

    /** What {@code warren ping} says of the way to the other one. */
    public String wayTo(LabAgent other) {
        return lab.tryIn(namespace, command("ping", other.name, "-c", "1")).output();
    }

    /** A command of the agent's program. */
    public String[] command(String what, String... options) {
        List<String> all = new ArrayList<>(
                List.of(what, "--state-dir", folder.resolve("state-" + name).toString()));
        all.addAll(List.of(options));
        return java("dev.warren.node.cli.NodeMain", all.toArray(String[]::new));
    }

    private String innerAddress() {
        return words(lab.in(namespace, "ip", "-4", "-o", "addr", "show", "dev", network))
                .get(3)
                .replaceFirst("/.*", "");
    }

    private static List<String> words(String line) {
        return Arrays.stream(line.strip().split("\\s+", -1)).toList();
    }
}
