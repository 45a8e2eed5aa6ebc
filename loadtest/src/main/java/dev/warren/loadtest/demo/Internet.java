package dev.warren.loadtest.demo;

import dev.warren.loadtest.sandbox.Sandbox;
import dev.warren.loadtest.sandbox.Shell;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The small internet in the sandbox; the script {@code internet.sh} beside this class makes it and says what is where.
 */
final class Internet {
    static final String RELAY = "203.0.113.10";
    static final String STUN = "203.0.113.11";
    static final String COORDINATOR = "203.0.113.12";
    /** The public address of the router of a's and d's home. */
    static final String HOME_OF_A = "198.51.100.2";
    /** The public address of the router of b's home. */
    static final String HOME_OF_B = "198.51.100.6";
    /** Node d on the LAN that it shares with a. */
    static final String D_ON_THE_LAN = "192.168.1.11";

    private static final Set<String> HOSTS =
            Set.of("internet", "relay", "stun", "coordinator", "nat-a", "nat-b", "nat-c", "a", "b", "c", "d");
    private static final Set<String> INTERFACES = Set.of("servers", "wan", "lan");
    private static final String SCRIPT = "internet.sh";

    private final Sandbox sandbox;
    private final Path script;

    private Internet(Sandbox sandbox, Path script) {
        this.sandbox = sandbox;
        this.script = script;
    }

    /** Makes all hosts, cables and NAT routers in {@code sandbox}; the script is copied to {@code folder}. */
    static Internet build(Sandbox sandbox, Path folder) throws IOException {
        Path script = folder.resolve(SCRIPT);
        try (InputStream text = Internet.class.getResourceAsStream(SCRIPT)) {
            if (text == null) {
                throw new IOException(SCRIPT + " is not on the class path");
            }
            Files.copy(text, script);
        }
        Internet internet = new Internet(sandbox, script);
        internet.run("up");
        return internet;
    }

    /** Drops all UDP between the homes of a and b from now on. */
    void cut() throws IOException {
        run("cut");
    }

    /** Ends {@link #cut()}. */
    void heal() throws IOException {
        run("heal");
    }

    /** Whether the script gives this name to a namespace or an interface. */
    static boolean isOwnName(String name) {
        return HOSTS.contains(name) || INTERFACES.contains(name) || name.startsWith("to-");
    }

    /** A command line that runs {@code command} on the host, in the sandbox's mounts. */
    List<String> on(String host, List<String> command) {
        List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", host));
        all.addAll(command);
        return sandbox.inside(all);
    }

    /** The host's network namespace as a file that this process can open. */
    Path networkOf(String host) {
        return Path.of("/proc", Long.toString(sandbox.processId()), "root", "run", "netns", host);
    }

    private void run(String step) throws IOException {
        Shell.run(sandbox.inside(List.of("sh", script.toString(), step)));
    }
}
