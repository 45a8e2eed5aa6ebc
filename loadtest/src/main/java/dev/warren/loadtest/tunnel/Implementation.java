package dev.warren.loadtest.tunnel;

import dev.warren.platform.config.UserError;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A WireGuard program in user space.
 *
 * @param name in results
 * @param command its command line; {@value #INTERFACE} stands for the interface's name
 */
public record Implementation(String name, List<String> command) {
    /** What stands for the interface's name in a command line. */
    public static final String INTERFACE = "{iface}";

    private static final String INSTALL = "loadtest/peers/install";
    private static final String FORMS = "; give warren, wireguard-go, wireguard-go-newest, the path of a program,"
            + " or NAME=COMMAND, which gets \"-f INTERFACE\" behind it unless it holds " + INTERFACE;

    /** Keeps a copy of the command line. */
    public Implementation {
        command = List.copyOf(command);
    }

    /** Reads what the user wrote; the UserError says what is wrong with it, or how to get the program. */
    public static Implementation parse(String text, Map<String, String> environment) {
        int equals = text.indexOf('=');
        return switch (text) {
            case "warren" ->
                new Implementation("warren", OurPrograms.of(environment).node("wireguard"));
            case "wireguard-go" -> of("wireguard-go", "wireguard-go", environment);
            case "wireguard-go-newest" ->
                of(text, peers(environment).resolve("wireguard").toString(), environment);
            default -> {
                if (equals > 0) {
                    yield of(text.substring(0, equals).strip(), text.substring(equals + 1), environment);
                }
                if (equals < 0 && text.contains("/")) {
                    yield of(String.valueOf(Path.of(text).getFileName()), text, environment);
                }
                throw new UserError("\"" + text + "\" is no implementation of WireGuard known here" + FORMS);
            }
        };
    }

    /** The command line for an interface of this name. */
    List<String> on(String interfaceName) {
        List<String> filled = new ArrayList<>();
        command.forEach(word -> filled.add(word.replace(INTERFACE, interfaceName)));
        if (filled.equals(command)) {
            filled.addAll(List.of("-f", interfaceName));
        }
        return filled;
    }

    private static Implementation of(String name, String words, Map<String, String> environment) {
        List<String> command = List.of(words.strip().split("\\s+", -1));
        String program = command.getFirst();
        if (name.isEmpty() || program.isEmpty()) {
            throw new UserError("\"" + name + "=" + words + "\" lacks a name or a command" + FORMS);
        }
        if (find(program, environment).isEmpty()) {
            throw new UserError("the program " + program + " for \"" + name + "\" is not there or cannot be executed: "
                    + INSTALL + " brings both wireguard-go, others need their right path");
        }
        return new Implementation(name, command);
    }

    /** Where {@code loadtest/peers/install} puts what it builds. */
    private static Path peers(Map<String, String> environment) {
        String chosen = environment.get("WARREN_PEERS");
        String launcher = environment.get("WARREN_LAUNCHER");
        Path tree = launcher == null ? Path.of("") : Path.of(launcher).resolveSibling("");
        Path folder = chosen == null ? tree.resolve(".warren").resolve("peers") : Path.of(chosen);
        return folder.resolve("bin").toAbsolutePath();
    }

    /** Makes sure that programs are there; the UserError names the one that is missing. */
    public static void require(Map<String, String> environment, String... programs) {
        for (String program : programs) {
            if (find(program, environment).isEmpty()) {
                throw new UserError("the program \"" + program + "\" is missing: " + INSTALL + " brings it");
            }
        }
    }

    private static Optional<Path> find(String program, Map<String, String> environment) {
        if (program.contains("/")) {
            return Optional.of(Path.of(program)).filter(Files::isExecutable).filter(Files::isRegularFile);
        }
        String folders = environment.getOrDefault("PATH", "") + ":/usr/sbin:/sbin";
        return List.of(folders.split(File.pathSeparator, -1)).stream()
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
