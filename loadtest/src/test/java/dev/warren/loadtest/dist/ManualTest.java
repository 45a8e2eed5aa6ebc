package dev.warren.loadtest.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.loadtest.sandbox.Shell;
import dev.warren.platform.config.Program;
import dev.warren.relay.RelayMain;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ManualTest {
    @TempDir
    Path folder;

    @BeforeEach
    void write() throws Exception {
        Manual.main(folder.toString());
    }

    @Test
    void shouldHaveAPageForEveryCommand() throws Exception {
        assertEquals(
                List.of(
                        "warren-coordinator-relay-list.8",
                        "warren-coordinator-relay-remove.8",
                        "warren-coordinator-relay.8",
                        "warren-coordinator-token-create.8",
                        "warren-coordinator-token.8",
                        "warren-coordinator.8",
                        "warren-relay-status.8",
                        "warren-relay.8",
                        "warren-stun.8"),
                names("man/man8"));
        List<String> commands = names("man/man1");
        for (String command :
                List.of("up", "down", "status", "ping", "netcheck", "keys", "keys-generate", "wireguard")) {
            assertTrue(commands.contains("warren-" + command + ".1"), commands + " lacks " + command);
        }
    }

    @Test
    void shouldSayWhichPageIsAboutWhat() throws Exception {
        String page = Files.readString(folder.resolve("man/man1/warren.1"));

        assertTrue(page.contains(".B warren\\-relay(8)\nRuns a DERP relay"), page);
        List<String> mains = Stream.concat(names("man/man1").stream(), names("man/man8").stream())
                .filter(name -> name.matches("warren-[a-z]+\\.[18]"))
                .map(name -> name.replaceFirst("-", "\\\\-").replaceFirst("\\.(.)$", "($1)"))
                .toList();
        assertTrue(mains.size() > 8, mains.toString());
        for (String main : mains) {
            assertTrue(page.contains(".B " + main + "\n"), page + " lacks " + main);
        }
    }

    @Test
    void shouldExplainEveryOptionInTheRelaysPage() throws Exception {
        String page = Files.readString(folder.resolve("man/man8/warren-relay.8"));

        Program.describe(new RelayMain()).getCommandSpec().options().forEach(option -> {
            String name = ".B " + Manual.escaped(String.join(", ", option.names()));
            assertTrue(page.contains(name), page + " lacks " + name);
        });
        assertTrue(page.startsWith(".TH \"WARREN-RELAY\" 8"), page);
        assertTrue(page.contains("Default: :443."), page);
        assertTrue(page.lines().noneMatch(line -> line.startsWith("'")), page);
    }

    @Test
    void shouldCompleteCommandsAndOptionsInBash() throws Exception {
        String completion = folder.resolve("bash-completion/completions/warren").toString();

        assertEquals("relay ", complete(completion, "warren", "rel"));
        assertTrue(complete(completion, "warren", "relay", "--tls-c").contains("--tls-cert"));
        assertTrue(complete(completion, "warren", "coordinator", "tok").contains("token"));
    }

    /** What bash offers for the last word. */
    private static String complete(String completion, String... words) throws Exception {
        String script =
                """
                source "$1"; shift
                COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
                _complete_warren "$1" "${@: -1}" "${COMP_WORDS[COMP_CWORD-1]}"
                printf '%s ' "${COMPREPLY[@]}"
                """;
        return Shell.run(Stream.concat(Stream.of("bash", "-c", script, "complete", completion), Stream.of(words))
                .toList());
    }

    private List<String> names(String pages) throws Exception {
        try (Stream<Path> files = Files.list(folder.resolve(pages))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
