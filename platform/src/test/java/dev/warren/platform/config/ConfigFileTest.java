package dev.warren.platform.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.net.Transport;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A service's YAML file beside its flags and variables. */
@Timeout(30)
final class ConfigFileTest {
    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter error = new StringWriter();

    @Command(name = "relay", description = "A service to test with.")
    static final class Relay implements Callable<Integer> {
        @Option(names = "--listen", description = "Where to listen.", defaultValue = ":443")
        HostPort listen = new HostPort("", 1);

        @Option(names = "--region", description = "A number.", required = true)
        int region;

        @Option(names = "--hostname", description = "A name.")
        @Nullable
        String hostname;

        @Option(names = "--mesh-with", description = "Others; may be repeated.")
        List<String> meshWith = new ArrayList<>();

        @Option(names = "--plaintext", description = "A switch.")
        boolean plaintext;

        @Option(names = "--transport", description = "How.", defaultValue = "auto")
        Transport transport = Transport.NIO;

        @Option(names = "--psk", description = "A secret.")
        @Nullable
        String psk;

        @Mixin
        ServiceOptions service = new ServiceOptions();

        int calls;

        @Override
        public Integer call() {
            calls++;
            return 0;
        }
    }

    @Test
    void shouldTakeWhatNeitherFlagNorVariableGives() throws IOException {
        Relay relay = new Relay();
        Path file = file(
                """
                # a relay
                listen: :1
                region: 901
                hostname: from.file
                mesh-with: [a:1, "b:2,pin=x"]
                plaintext: true
                transport: epoll
                """);

        int code = run(
                Map.of("WARREN_RELAY_HOSTNAME", "from.variable", "WARREN_RELAY_LISTEN", ":2"),
                relay,
                "--config",
                file.toString(),
                "--listen",
                ":3");

        assertEquals("", error.toString());
        assertEquals(0, code);
        assertEquals(1, relay.calls);
        assertEquals(":3", relay.listen.toString());
        assertEquals("from.variable", relay.hostname);
        assertEquals(901, relay.region);
        assertEquals(List.of("a:1", "b:2,pin=x"), relay.meshWith);
        assertTrue(relay.plaintext);
        assertEquals(Transport.EPOLL, relay.transport);
    }

    @Test
    void shouldFindTheFileThroughItsVariable() throws IOException {
        Relay relay = new Relay();
        assertEquals(0, run(Map.of("WARREN_RELAY_CONFIG", file("region: 7\n").toString()), relay));
        assertEquals(7, relay.region);
    }

    @Test
    void shouldReplaceAListAsAWhole() throws IOException {
        Relay relay = new Relay();
        Path file = file("region: 1\nmesh-with: [a, b]\n");
        assertEquals(0, run(Map.of(), relay, "--config", file.toString(), "--mesh-with", "c"));
        assertEquals(List.of("c"), relay.meshWith);
        assertEquals(0, run(Map.of("WARREN_RELAY_MESH_WITH", "d"), relay, "--config", file.toString()));
        assertEquals(List.of("d"), relay.meshWith);
        assertEquals(
                0,
                run(
                        Map.of(),
                        relay,
                        "--config",
                        file("region: 1\nmesh-with: []\n").toString()));
        assertEquals(List.of(), relay.meshWith);
    }

    @Test
    void shouldReportEveryProblemAtOnceWithItsPlace() throws IOException {
        Relay relay = new Relay();
        Path file = file(
                """
                regoin: 7
                region: many
                hostname: [a, b]
                listen: nowhere
                mesh_with: c
                mesh-with: {a: b}
                plaintext:
                config: other.yaml
                """);

        int code = run(Map.of("WARREN_RELAY_TRANSPORT", "kqueue"), relay, "--config", file.toString(), "--lisen", ":1");

        assertEquals(Program.USAGE, code);
        assertEquals(0, relay.calls);
        String text = error.toString();
        assertTrue(text.startsWith("warren relay: 10 problems:\n"), text);
        for (String part : List.of(
                "unknown option --lisen",
                "WARREN_RELAY_TRANSPORT = kqueue: \"kqueue\" is no transport",
                file + ":1: there is no key \"regoin\", did you mean region?\n",
                file + ":2: region = many: \"many\" is no whole number\n",
                file + ":3: hostname takes one value, not a list\n",
                file + ":4: listen = nowhere: \"nowhere\" has no port",
                file + ":5: there is no key \"mesh_with\", did you mean mesh-with?\n",
                file + ":6: mesh-with must be a value or a list of values, not {a: \"b\"}\n",
                file + ":7: plaintext must be a value, not nothing\n",
                file + ":8: there is no key \"config\"\n")) {
            assertTrue(text.contains(part), () -> part + " in " + text);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    '[a, b]'                      | :1: here must be lines such as
                    'just words'                  | :1: here must be lines such as
                    'region: 1\\nregion: 2'       | is no YAML: line 2: Duplicate field 'region'
                    'region: [1'                  | is no YAML: line 1
                    'region: 1\\n---\\nregion: 2' | :3: a second document starts here
                    """)
    void shouldRefuseAFileThatIsNoFlatMap(String text, String expected) throws IOException {
        Path file = file(text.replace("\\n", "\n"));
        assertEquals(Program.USAGE, run(Map.of(), new Relay(), "--region", "1", "--config", file.toString()));
        assertTrue(error.toString().contains(expected), error::toString);
        assertEquals(1, error.toString().lines().count(), error::toString);
    }

    @Test
    void shouldRefuseAFileThatCannotBeRead() throws IOException {
        String missing = folder.resolve("nowhere.yaml").toString();
        assertEquals(Program.USAGE, run(Map.of(), new Relay(), "--region", "1", "--config", missing));
        assertTrue(error.toString().contains(missing + " does not exist: check the path"), error::toString);
        Path binary = folder.resolve("binary.yaml");
        Files.write(binary, new byte[] {(byte) 0xFF, (byte) 0xFE, 0, 1});
        assertEquals(Program.USAGE, run(Map.of(), new Relay(), "--region", "1", "--config", binary.toString()));
        assertTrue(error.toString().contains("is no text in UTF-8"), error::toString);
    }

    @Test
    void shouldTakeAFileOfCommentsForOneThatChangesNothing() throws IOException {
        for (String text : List.of("", "# region: 5\n\n")) {
            Relay relay = new Relay();
            assertEquals(
                    0,
                    run(Map.of(), relay, "--region", "1", "--config", file(text).toString()));
            assertEquals(1, relay.region);
        }
    }

    @Test
    void shouldStillMissWhatNobodyGives() throws IOException {
        assertEquals(
                Program.USAGE,
                run(Map.of(), new Relay(), "--config", file("hostname: a\n").toString()));
        assertTrue(error.toString().contains("missing required option: '--region=<region>'"), error::toString);
    }

    @Test
    void shouldPrintAConfigurationThatReadsBackAsTheSame() throws IOException {
        Path file = file("region: 010\nhostname: \"a: b # c\"\nmesh-with: [\"null\", \"~\", ':x']\npsk: hush-hush\n");
        Map<String, String> environment = Map.of("WARREN_RELAY_LISTEN", "[::1]:5");
        assertEquals(0, run(environment, new Relay(), "--config", file.toString(), "--plaintext", "--print-config"));
        String printed = out.toString();
        assertTrue(printed.contains("\nregion: 010    # " + file + ":1\n"), printed);
        assertTrue(printed.contains("\nlisten: \"[::1]:5\"    # WARREN_RELAY_LISTEN\n"), printed);
        assertTrue(printed.contains("\nplaintext: true    # the command line\n"), printed);
        assertTrue(printed.contains("\ntransport: auto    # default\n"), printed);
        assertTrue(printed.contains("\n# psk: (not shown)    # " + file + ":4\n"), printed);
        assertFalse(printed.contains("hush"), printed);
        assertFalse(printed.contains("config:"), printed);

        Relay again = new Relay();
        assertEquals(0, run(Map.of(), again, "--config", file(printed).toString()));
        assertEquals("[::1]:5", again.listen.toString());
        assertEquals(10, again.region);
        assertEquals("a: b # c", again.hostname);
        assertEquals(List.of("null", "~", ":x"), again.meshWith);
        assertTrue(again.plaintext);
    }

    @ParameterizedTest
    @CsvSource({"\"\"", "''"})
    void shouldTellAnEmptyTextFromNothing(String quotes) throws IOException {
        Relay relay = new Relay();
        Path file = file("# \u00e9\u20ac\nregion: 1\nhostname: " + (quotes.isEmpty() ? "''" : quotes) + "\n");
        assertEquals(0, run(Map.of(), relay, "--config", file.toString()));
        assertEquals("", relay.hostname);
        assertEquals(
                Program.USAGE,
                run(Map.of(), relay, "--config", file("region: 1\nhostname:\n").toString()));
    }

    @Test
    void shouldNotShowASecretThatCannotBeUsed() throws IOException {
        Path file = file("psk: [hush-hush, hush]\nregion: 1\n");
        assertEquals(Program.USAGE, run(Map.of(), new Relay(), "--config", file.toString()));
        assertFalse(error.toString().contains("hush"), error::toString);
    }

    @Test
    void shouldNameAValueAsItsAuthorWroteIt() throws IOException {
        Path file = file("region: 5\n");
        Relay relay = new Relay();
        assertEquals(
                0, run(Map.of("WARREN_RELAY_HOSTNAME", "h"), relay, "--config", file.toString(), "--listen", ":1"));
        assertEquals(file + ":1: region: 5", relay.service.named("--region"));
        assertEquals("WARREN_RELAY_HOSTNAME=h", relay.service.named("--hostname"));
        assertEquals("--listen :1", relay.service.named("--listen"));
        assertEquals("--transport auto", relay.service.named("--transport"));
        assertEquals("--region", new Relay().service.named("--region"));
    }

    @Test
    void shouldReadTheFileAgain() throws IOException {
        Path file = file("region: 5\nhostname: before\n");
        Relay relay = new Relay();
        assertEquals(0, run(Map.of(), relay, "--config", file.toString(), "--listen", ":1"));

        Files.writeString(file, "region: 6\n");
        Relay fresh = new Relay();
        relay.service.readAgainInto(fresh);

        assertEquals(6, fresh.region);
        assertEquals(":1", fresh.listen.toString());
        assertEquals(null, fresh.hostname);
        assertEquals(0, fresh.calls);
        Files.writeString(file, "region: x\nlisten: y\nnothing: z\n");
        UserError refused = assertThrows(UserError.class, () -> relay.service.readAgainInto(new Relay()));
        assertTrue(String.valueOf(refused.getMessage()).startsWith("2 problems:"), refused::getMessage);
        // The fresh command can be asked as the first one was.
        fresh.service.readAgainInto(prepared(file, "region: 7\n"));
    }

    @Test
    void shouldRefuseAnUnknownLogLevelOrForm() {
        assertEquals(Program.USAGE, run(Map.of(), new Relay(), "--region", "1", "--log-level", "loud"));
        assertTrue(error.toString().contains("'--log-level'"), error::toString);
        assertEquals(Program.USAGE, run(Map.of("WARREN_RELAY_LOG_FORMAT", "xml"), new Relay(), "--region", "1"));
        assertTrue(error.toString().contains("WARREN_RELAY_LOG_FORMAT = xml"), error::toString);
    }

    @ParameterizedTest
    @CsvSource({"regoin,region", "REGION,region", "mesh_with,mesh-with", "host-name,hostname", "listne,listen"})
    void shouldFindTheNearestName(String typed, String meant) {
        List<String> known = List.of("listen", "region", "hostname", "mesh-with");
        assertEquals(meant, Nearest.to(typed, known).orElse(""));
        assertTrue(Nearest.to("certificate", known).isEmpty());
        assertTrue(Nearest.to("", known).isEmpty());
    }

    private Relay prepared(Path file, String text) throws IOException {
        Files.writeString(file, text);
        return new Relay();
    }

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("relay.yaml"), text, StandardCharsets.UTF_8);
    }

    private int run(Map<String, String> environment, Object command, String... arguments) {
        out.getBuffer().setLength(0);
        error.getBuffer().setLength(0);
        Program program = new Program(environment, new PrintWriter(out, true), new PrintWriter(error, true));
        return program.run(command, arguments);
    }
}
