package dev.warren.loadtest.launcher;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A tree with the real launcher in it and nothing else that is real: sources are empty files, {@code mvn} notes that it
 * was called and leaves a jar and a class path file, and {@code java} prints what it was given.
 */
final class LauncherBench {
    /** What a run of the launcher printed, and its exit code. */
    record Outcome(int exitCode, String standardOutput, String standardError) {}

    private static final String FAKE_MAVEN =
            """
            #!/bin/sh
            echo "$*" >>"$BENCH/mvn.calls"
            [ -z "$BENCH_SLOW" ] || sleep "$BENCH_SLOW"
            if [ -f "$BENCH/broken" ]; then
              echo '[INFO] compiling'
              echo '[ERROR] Relay.java:[7,1] cannot find symbol'
              exit 1
            fi
            mkdir -p "$BENCH/tree with spaces/loadtest/target"
            cd "$BENCH/tree with spaces/loadtest/target" || exit 1
            echo jar >warren-loadtest.jar
            echo jar >"$BENCH/netty.jar"
            printf '%s' "$BENCH_SIGNED$BENCH/netty.jar" >classpath
            """;
    private static final String FAKE_JAVA =
            """
            #!/bin/sh
            for argument in "$@"; do printf '%s\\n' "$argument"; done
            case "$*" in *JarPress*) exit 0 ;; esac
            [ -z "$BENCH_FAILS" ] || exit "$BENCH_FAILS"
            [ -n "$BENCH_STAYS" ] || exit 0
            read -r a b c d e session f </proc/$$/stat
            printf '%s %s %s\\n' $$ "$session" "$(readlink /proc/$$/fd/0)" >"$BENCH/daemon"
            exec >/dev/null 2>&1
            printf 'ready\\n' >"/proc/self/fd/$WARREN_READY_FD"
            exec sleep 60
            """;

    private final Path folder;
    final Path tree;
    final Path launcher;

    LauncherBench(Path folder) throws IOException {
        this.folder = folder;
        this.tree = Files.createDirectories(folder.resolve("tree with spaces"));
        this.launcher = Files.copy(realTree().resolve("warren"), tree.resolve("warren"));
        executable(launcher);
        executable(Files.copy(realTree().resolve("warren-wireguard"), tree.resolve("warren-wireguard")));
        source("pom.xml");
        source("relay-server/pom.xml");
        source("relay-server/src/main/java/Relay.java");
        writeProgram("path/mvn", FAKE_MAVEN);
        for (String tool :
                List.of("bash", "readlink", "dirname", "find", "mkdir", "touch", "date", "cp", "cat", "mv")) {
            borrow(tool);
        }
        for (String tool : List.of(
                "rm", "grep", "head", "tail", "flock", "sleep", "sh", "sed", "awk", "id", "setsid", "timeout")) {
            borrow(tool);
        }
    }

    /** This source tree; Surefire runs in the module's folder. */
    static Path realTree() {
        return Path.of("..").toAbsolutePath().normalize();
    }

    /** A folder that looks like a JDK of this version, and whose java prints its arguments. */
    Path jdk(String name, String version) throws IOException {
        Path jdk = folder.resolve("jdks").resolve(name);
        writeProgram("jdks/" + name + "/bin/java", FAKE_JAVA);
        writeProgram("jdks/" + name + "/bin/javac", FAKE_JAVA);
        Files.writeString(
                jdk.resolve("release"),
                "IMPLEMENTOR=\"Bench\"\nJAVA_RUNTIME_VERSION=\"%s\"\nJAVA_VERSION=\"%s\"\n"
                        .formatted(version, version));
        return jdk;
    }

    /** What is in the place of the script that trains the JVM: a shell script's lines. */
    void training(String lines) throws IOException {
        Path script = tree.resolve("packaging/train");
        Files.createDirectories(script.getParent());
        Files.writeString(script, "#!/bin/sh\n" + lines + "\n");
        executable(script);
    }

    /** A command of this name on the PATH, which does nothing. */
    void tool(String name) throws IOException {
        writeProgram("path/" + name, "#!/bin/sh\n");
    }

    /** Makes or changes a source file. */
    void source(String name) throws IOException {
        Path file = tree.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "x", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** Sets the time of everything in the sources to the past, as if it was written an hour ago. */
    void ageSources() throws IOException {
        FileTime past = FileTime.from(Instant.now().minusSeconds(3600));
        try (Stream<Path> files = Files.walk(tree)) {
            for (Path file : files.filter(path -> !path.startsWith(tree.resolve(".warren")))
                    .toList()) {
                Files.setLastModifiedTime(file, past);
            }
        }
    }

    void breakTheBuild() throws IOException {
        Files.writeString(folder.resolve("broken"), "");
    }

    /** How often Maven was called. */
    long builds() throws IOException {
        Path calls = folder.resolve("mvn.calls");
        return Files.exists(calls) ? Files.readAllLines(calls).size() : 0;
    }

    Outcome run(Map<String, String> environment, String... arguments) throws IOException, InterruptedException {
        return finish(start(launcher, environment, arguments));
    }

    Process start(Path program, Map<String, String> environment, String... arguments) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(Stream.concat(Stream.of(program.toString()), Stream.of(arguments))
                .toList());
        builder.directory(folder.toFile());
        Map<String, String> variables = builder.environment();
        variables.clear();
        variables.putAll(new HashMap<>(Map.of(
                "PATH", folder.resolve("path").toString(),
                "BENCH", folder.toString(),
                "WARREN_JDK_PLACES", folder.resolve("jdks") + "/*")));
        variables.putAll(environment);
        builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        builder.redirectError(Files.createTempFile(folder, "stderr", "").toFile());
        return builder.start();
    }

    Outcome finish(Process process) throws IOException, InterruptedException {
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("the launcher did not end; it printed: " + output);
        }
        return new Outcome(process.exitValue(), output, standardErrors());
    }

    /** All that the launcher's runs have printed to standard error so far. */
    private String standardErrors() throws IOException {
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.list(folder)) {
            files.filter(file -> file.getFileName().toString().startsWith("stderr"))
                    .sorted()
                    .forEach(file -> all.append(read(file)));
        }
        return all.toString();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void borrow(String tool) throws IOException {
        for (String place : List.of("/usr/bin", "/bin")) {
            Path real = Path.of(place, tool);
            if (Files.isExecutable(real)) {
                writeProgram("path/" + tool, "#!/bin/sh\nexec " + real + " \"$@\"\n");
                return;
            }
        }
        throw new IOException("this system has no " + tool + " in /usr/bin or /bin");
    }

    private void writeProgram(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        executable(file);
    }

    private static void executable(Path file) throws IOException {
        if (!file.toFile().setExecutable(true)) {
            throw new IOException(file + " cannot be made executable");
        }
    }
}
