package dev.warren.loadtest.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.loadtest.sandbox.Shell;
import dev.warren.platform.config.SecretFile;
import dev.warren.platform.tls.SelfSignedCertificate;
import dev.warren.protocol.key.MeshKey;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.testing.FreePort;
import dev.warren.protocol.testing.Requirements;
import dev.warren.relay.RelayMain;
import dev.warren.stun.StunMain;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * {@code docs/OPERATIONS.md}: every command in its boxes, in order, by real programs; only the folders and ports are others,
 * and {@code systemctl} and {@code journalctl} are scripts that start, stop and signal the programs as the units would.
 */
@Timeout(300)
class OperationsTest {
    private static final Path TREE = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern BOX = Pattern.compile("(?ms)^```sh\n(.*?)^```$");
    private static final Pattern ALERT = Pattern.compile("(?m)^ +- alert: (\\w+)$");
    private static final Pattern TAKEN_FLAG = Pattern.compile("`(-[a-z][a-z-]*)");
    private static final Pattern GIVEN_FLAG = Pattern.compile("(--[a-z][a-z-]*)");
    private static final String DERPMAP = "curl -fsS http://127.0.0.1:9444/derpmap.json";

    private static final String SYSTEMCTL =
            """
            #!/bin/bash
            # What the units of packaging/systemd do, as far as the manual needs it.
            verb=$1 unit=$2 pid=$(cat ROOT/$2.pid 2>/dev/null)
            alive() { [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null; }
            stop() { ! alive || { kill "$pid"; while alive; do sleep 0.05; done; }; }
            start() {
              alive && return
              case $unit in
                warren-relay) command=(warren relay --config ROOT/etc/relay.yaml) ops=RELAY_OPS ;;
                warren-coordinator) command=(warren coordinator --data-dir ROOT/coordinator) ops=COORDINATOR_OPS ;;
              esac
              set -a && . ROOT/etc/coordinator.env && set +a
              setsid "${command[@]}" >>ROOT/$unit.log 2>&1 </dev/null &
              echo $! >ROOT/$unit.pid
              pid=$!
              until curl -fs http://127.0.0.1:$ops/readyz >/dev/null; do alive || exit 1; sleep 0.05; done
            }
            case $verb in
              start) start ;;
              stop) stop ;;
              restart) stop; start ;;
              reload) kill -HUP "$pid" ;;
              status) alive ;;
            esac
            """;

    @TempDir
    Path root;

    private final Map<String, String> elsewhere = new LinkedHashMap<>();

    @Test
    void everyCommandOfTheManualDoesWhatItSays() throws Exception {
        Requirements.program("openssl", "curl", "promtool", "setsid");
        prepare();
        List<String> commands = new ArrayList<>();
        Matcher box = BOX.matcher(manual());
        while (box.find()) {
            commands.addAll(box.group(1).lines().toList());
        }
        assertTrue(commands.size() > 30, commands.toString());
        boolean relayRuns = false;
        try {
            for (String command : commands) {
                if (command.equals("systemctl start warren-relay")
                        || command.equals("systemctl restart warren-relay")) {
                    relayRuns = true;
                } else if (command.equals("systemctl stop warren-relay")) {
                    relayRuns = false;
                }
                String said = run(command);
                if (command.equals(DERPMAP)) {
                    assertEquals(relayRuns, said.contains("\"HostName\":\"127.0.0.1\""), command + ": " + said);
                }
            }
            String log = Files.readString(root.resolve("warren-relay.log"));
            assertTrue(log.contains("the certificate is now CN=relay.example.com"), log);
        } finally {
            run("systemctl stop warren-relay");
            run("systemctl stop warren-coordinator");
        }
        try (var backup = Files.list(root.resolve("backup"))) {
            assertTrue(backup.anyMatch(file -> file.endsWith("coordinator.db")));
        }
    }

    @Test
    void everyAlertHasItsSection() throws Exception {
        Matcher alert = ALERT.matcher(Files.readString(TREE.resolve("monitoring/prometheus/alerts.yml")));
        int count = 0;
        while (alert.find()) {
            assertTrue(manual().contains("\n### " + alert.group(1) + "\n"), alert.group(1));
            count++;
        }
        assertTrue(count > 10);
    }

    @Test
    void theTableHasEachFlagOfDerperAndOnlyFlagsThatWeHave() throws Exception {
        Path derper = Requirements.peer("derper");
        Process help = new ProcessBuilder(derper.toString(), "-h")
                .redirectErrorStream(true)
                .start();
        String listed = new String(help.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Set<String> theirs = new TreeSet<>();
        Matcher line = Pattern.compile("(?m)^ {2}(-[a-z-]+)").matcher(listed);
        while (line.find()) {
            theirs.add(line.group(1));
        }
        Set<String> ours = new HashSet<>(
                new CommandLine(new RelayMain()).getCommandSpec().optionsMap().keySet());
        ours.addAll(
                new CommandLine(new StunMain()).getCommandSpec().optionsMap().keySet());
        Set<String> named = new TreeSet<>();
        List<String> rows = manual().lines()
                .dropWhile(row -> !row.startsWith("| derper |"))
                .skip(2)
                .takeWhile(row -> row.startsWith("|"))
                .toList();
        for (String row : rows) {
            String[] cells = row.split("\\|", -1);
            Matcher taken = TAKEN_FLAG.matcher(cells[1]);
            while (taken.find()) {
                named.add(taken.group(1));
            }
            Matcher given = GIVEN_FLAG.matcher(cells[2]);
            while (given.find()) {
                assertTrue(ours.contains(given.group(1)), given.group(1) + " in " + row);
            }
        }
        assertEquals(theirs, named);
    }

    private static String manual() throws IOException {
        return Files.readString(TREE.resolve("docs/OPERATIONS.md"));
    }

    /** A machine with a coordinator and a relay, as the packages leave it, and a derper's files. */
    private void prepare() throws Exception {
        int relay = FreePort.next();
        int relayOps = FreePort.next();
        int coordinator = FreePort.next();
        int coordinatorOps = FreePort.next();
        for (String folder : List.of("etc", "bin")) {
            Files.createDirectories(root.resolve(folder));
        }
        elsewhere.put("/etc/warren/", root + "/etc/");
        elsewhere.put("/etc/credstore/", root + "/credstore/");
        elsewhere.put("/var/lib/warren-coordinator", root + "/coordinator");
        elsewhere.put("/var/backups/warren-coordinator", root + "/backup");
        elsewhere.put("/var/lib/derper/", root + "/");
        elsewhere.put("127.0.0.1:9443", "127.0.0.1:" + relayOps);
        elsewhere.put("127.0.0.1:9444", "127.0.0.1:" + coordinatorOps);
        elsewhere.put(" monitoring/", " " + TREE + "/monitoring/");

        SelfSignedCertificate.write(
                SelfSignedCertificate.create("first.example.com", new SecureRandom(), Instant.now()),
                root.resolve("etc/relay.crt"),
                root.resolve("etc/relay.key"));
        Files.writeString(
                root.resolve("etc/relay.yaml"),
                """
                listen: 127.0.0.1:%d
                hostname: 127.0.0.1
                ops-listen: 127.0.0.1:%d
                node-key: %s/node.key
                tls-cert: %s/etc/relay.crt
                tls-key: %s/etc/relay.key
                coordinator-token-file: %s/credstore/coordinator-token
                drain-seconds: 1
                watch: 0s
                """
                        .formatted(relay, relayOps, root, root, root, root));
        Files.writeString(
                root.resolve("etc/coordinator.env"),
                "WARREN_COORDINATOR_LISTEN=127.0.0.1:" + coordinator + "\nWARREN_COORDINATOR_OPS_LISTEN=127.0.0.1:"
                        + coordinatorOps + "\n");
        SecretFile.write(
                root.resolve("derper.key"),
                "{\"PrivateKey\":\""
                        + NodePrivateKey.generate(new SecureRandom()).secretText() + "\"}");
        SecretFile.write(
                root.resolve("etc/mesh.key"),
                MeshKey.generate(new SecureRandom()).secretText());
        programs(relayOps, coordinatorOps);
    }

    /** Stand-ins for systemd's programs, and the launcher. */
    private void programs(int relayOps, int coordinatorOps) throws IOException {
        program(
                "systemctl",
                SYSTEMCTL
                        .replace("ROOT", root.toString())
                        .replace("RELAY_OPS", Integer.toString(relayOps))
                        .replace("COORDINATOR_OPS", Integer.toString(coordinatorOps)));
        program("journalctl", "#!/bin/sh\nexec tail -n \"$4\" " + root + "/$2.log\n");
        String java =
                Path.of(System.getProperty("java.home"), "bin", "java") + " -XX:+UseSerialGC -XX:TieredStopAtLevel=1"
                        + " -Xmx256m --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -cp '"
                        + System.getProperty("java.class.path") + "'";
        program(
                "warren",
                """
                #!/bin/sh
                case $1 in
                  relay) main=relay.RelayMain ;;
                  coordinator) main=coordinator.CoordinatorMain ;;
                esac
                shift
                exec JAVA dev.warren.$main "$@"
                """
                        .replace("JAVA", java));
    }

    private void program(String name, String script) throws IOException {
        Path file = Files.writeString(root.resolve("bin").resolve(name), script);
        assertTrue(file.toFile().setExecutable(true));
    }

    /** Runs a command of the manual; one that asks may have to ask again, as what it asks about takes its time. */
    private String run(String command) throws Exception {
        String here = command;
        for (Map.Entry<String, String> move : elsewhere.entrySet()) {
            here = here.replace(move.getKey(), move.getValue());
        }
        boolean asks = command.startsWith("curl ");
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(asks ? 30 : 0);
        while (true) {
            ProcessBuilder builder = new ProcessBuilder("bash", "-o", "pipefail", "-c", here).redirectErrorStream(true);
            builder.environment().merge("PATH", "", (path, _) -> root.resolve("bin") + ":" + path);
            Process process = builder.directory(root.toFile()).start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int exitCode = Shell.waitFor(process);
            boolean waits = command.equals(DERPMAP) && said.equals("{\"Regions\":{}}") && alive("warren-relay");
            if (exitCode == 0 && !waits) {
                return said;
            }
            assertTrue(System.nanoTime() < deadline, command + " ended with " + exitCode + ": " + said);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
    }

    private boolean alive(String unit) throws IOException {
        Path file = root.resolve(unit + ".pid");
        return Files.exists(file)
                && ProcessHandle.of(Long.parseLong(Files.readString(file).strip()))
                        .filter(ProcessHandle::isAlive)
                        .isPresent();
    }
}
