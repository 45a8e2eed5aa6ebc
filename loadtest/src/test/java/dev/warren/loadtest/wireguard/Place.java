package dev.warren.loadtest.wireguard;

import dev.warren.loadtest.sandbox.Shell;
import dev.warren.loadtest.tunnel.End;
import dev.warren.loadtest.tunnel.Iperf;
import dev.warren.protocol.testing.Pings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** One network namespace of a {@link World}. Commands are given as one line, their words separated by spaces. */
record Place(End end) {
    /** Runs a command that has to succeed, and returns what it printed. */
    String run(String command) throws IOException {
        return run(command, "");
    }

    /** The same with {@code input} on its standard input. */
    String run(String command, String input) throws IOException {
        return Shell.run(end.on(words(command)), input);
    }

    /** Runs {@code ip} once with these lines. */
    void ip(String... lines) throws IOException {
        run("ip -batch -", String.join("\n", lines) + "\n");
    }

    /** The same with {@code ip -6}, for what is of one family. */
    void ip6(String... lines) throws IOException {
        run("ip -6 -batch -", String.join("\n", lines) + "\n");
    }

    /** Has {@code nft} load these rules. */
    void nft(String rules) throws IOException {
        run("nft -f -", rules);
    }

    /** Runs a command that bounds itself in time and may fail; returns what it printed. */
    String attempt(String command) throws IOException, InterruptedException {
        return Iperf.output(end.on(words(command)));
    }

    /** Whether {@code target} answers one ping within a second. */
    boolean pings(String target) throws IOException, InterruptedException {
        return attempt("ping -n -c 1 -W 1 " + target).contains(" 0% packet loss");
    }

    /** Requires that every one of so many pings is answered. */
    void ping(int count, String target) throws IOException {
        ping(count, "", target);
    }

    /** The same with other options of {@code ping}. */
    void ping(int count, String options, String target) throws IOException {
        Shell.run(end.on(Pings.oneByOne(count, words(options + " " + target))));
    }

    /** Sets a switch of the kernel's for this namespace, such as {@code net.ipv4.ip_forward}. */
    void sysctl(String name, int value) throws IOException {
        run("sysctl -q -w " + name + "=" + value);
    }

    /** The number behind {@code packets} in the named counter of the table {@code inet test}. */
    long counted(String counter) throws IOException {
        String said = run("nft list counter inet test " + counter);
        List<String> all = words(said.replace('\n', ' '));
        return Long.parseLong(all.get(all.indexOf("packets") + 1));
    }

    private static List<String> words(String command) {
        List<String> words = new ArrayList<>(List.of(command.strip().split("\\s+", -1)));
        words.removeIf(String::isEmpty);
        return words;
    }
}
