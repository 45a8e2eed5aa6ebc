package dev.warren.protocol.testing;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a test needs from the machine. A missing thing skips the test with the reason; with {@code
 * -Dwarren.test.require=all} it fails instead, so that a complete run cannot hide what it left out.
 */
public final class Requirements {
    private static final String REQUIRE = "warren.test.require";
    private static final long CAP_NET_ADMIN = 1L << 12;
    private static final long CAP_SYS_ADMIN = 1L << 21;
    private static final Path TUN = Path.of("/dev/net/tun");

    private Requirements() {}

    /** Root: in the machine or in a user namespace. Network namespaces and TUN devices need it. */
    public static void root() {
        if (!hasCapabilities()) {
            missing("this test makes network namespaces, so it needs root");
        }
    }

    /** Root and a {@code /dev/net/tun} that opens. */
    public static void tun() {
        root();
        try {
            Files.newByteChannel(TUN, StandardOpenOption.READ, StandardOpenOption.WRITE)
                    .close();
        } catch (IOException closed) {
            missing(TUN + " can not be opened (" + closed + "): load the tun module, or hand the device in");
        }
    }

    /** Nothing: {@code lack} is why this machine cannot do what the test is about, as one sentence; empty when it can. */
    public static void none(Optional<String> lack) {
        lack.ifPresent(Requirements::missing);
    }

    /** The programs, all of them, on the PATH or in an sbin folder. Gives the first one's path. */
    public static Path program(String... names) {
        List<Path> found = Arrays.stream(names).map(Requirements::needed).toList();
        return found.getFirst();
    }

    /** The first of these programs, any of which will do: on the PATH, or one that {@code loadtest/peers/install} built. */
    public static Path anyProgram(String... names) {
        return Stream.concat(
                        Arrays.stream(names).flatMap(name -> find(name).stream()),
                        Arrays.stream(names).map(Requirements::peerPath).filter(Files::isExecutable))
                .findFirst()
                .orElseGet(() -> {
                    missing("none of the programs " + String.join(", ", names) + " is installed");
                    throw new AssertionError("not reached");
                });
    }

    /** A program that {@code loadtest/peers/install} builds: in {@code .warren/peers/bin}, or $WARREN_PEERS/bin. */
    public static Path peer(String name) {
        Path program = peerPath(name);
        if (!Files.isExecutable(program)) {
            missing("there is no " + program + ": run loadtest/peers/install");
        }
        return program;
    }

    private static Path peerPath(String name) {
        String folder = Optional.ofNullable(System.getenv("WARREN_PEERS")).orElse("../.warren/peers");
        return Path.of(folder, "bin", name).toAbsolutePath().normalize();
    }

    /** The newest build that the launcher made, in {@code .warren} or $WARREN_HOME: a folder of jars. */
    public static Path build() {
        Path home = Path.of(Optional.ofNullable(System.getenv("WARREN_HOME")).orElse("../.warren"))
                .toAbsolutePath()
                .normalize();
        try {
            return home.resolve(Files.readString(home.resolve("current")));
        } catch (IOException none) {
            missing("there is no build in " + home + ": start any program with ./warren");
            throw new AssertionError("not reached", none);
        }
    }

    private static Path needed(String name) {
        return find(name).orElseGet(() -> {
            missing("the program \"" + name + "\" is not installed");
            throw new AssertionError("not reached");
        });
    }

    private static Optional<Path> find(String name) {
        String folders = Optional.ofNullable(System.getenv("PATH")).orElse("") + ":/usr/local/sbin:/usr/sbin:/sbin";
        return Arrays.stream(folders.split(File.pathSeparator, -1))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static boolean hasCapabilities() {
        try {
            return Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(line -> line.startsWith("CapEff:"))
                    .map(line -> Long.parseUnsignedLong(
                            line.substring("CapEff:".length()).strip(), 16))
                    .anyMatch(mask -> (mask & CAP_NET_ADMIN) != 0 && (mask & CAP_SYS_ADMIN) != 0);
        } catch (IOException unreadable) {
            return false;
        }
    }

    private static void missing(String reason) {
        if ("all".equals(System.getProperty(REQUIRE))) {
            fail("a complete run was asked for (" + REQUIRE + "=all), but " + reason);
        }
        abort(reason);
    }
}
