package dev.warren.loadtest.compare;

import dev.warren.platform.config.UserError;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the programs are that a spec may start.
 *
 * @param launcher the script that starts Warren's programs; null when this program was not started by it
 * @param peers the folder that {@code loadtest/peers/install} puts programs in
 * @param specs where the ready specs are
 * @param path the folders in which commands are looked for
 */
record Surroundings(@Nullable Path launcher, Path peers, SpecShelf specs, List<Path> path) {

    /** What the environment variables say; {@code WARREN_LAUNCHER} is set by the launcher. */
    static Surroundings of(Map<String, String> environment) {
        String script = environment.get("WARREN_LAUNCHER");
        Path launcher = script == null || !Files.isExecutable(Path.of(script)) ? null : Path.of(script);
        Path root = launcher == null ? Path.of("").toAbsolutePath() : launcher.resolveSibling("");
        String peers = environment.get("WARREN_PEERS");
        Path peersHome = peers == null || peers.isEmpty() ? root.resolve(".warren/peers") : Path.of(peers);
        String search = environment.getOrDefault("PATH", "") + ":/usr/local/sbin:/usr/sbin:/sbin";
        List<Path> path = Arrays.stream(search.split(File.pathSeparator, -1))
                .filter(folder -> !folder.isEmpty())
                .map(Path::of)
                .toList();
        return new Surroundings(
                launcher,
                peersHome.resolve("bin").toAbsolutePath(),
                new SpecShelf(root.resolve("loadtest/specs")),
                path);
    }

    /** The launcher's path as text; a UserError when there is none. */
    String launcherText() {
        if (launcher == null) {
            throw new UserError("this spec starts Warren's own programs: run it with \"./warren loadtest compare\"");
        }
        return launcher.toString();
    }

    /** Refuses a program that is not there, with what to do about it. */
    void require(String program, String subject) {
        boolean there = program.contains("/")
                ? Files.isExecutable(Path.of(program))
                : path.stream().anyMatch(folder -> Files.isExecutable(folder.resolve(program)));
        if (!there) {
            throw new UserError("the program of \"" + subject + "\" is missing: there is no " + program
                    + (program.contains("/") ? "" : " on the PATH") + "; run loadtest/peers/install");
        }
    }

    /** Whether {@code text} names a program in the peers' folder. */
    boolean isPeer(String text) {
        return text.startsWith(peers + "/");
    }
}
