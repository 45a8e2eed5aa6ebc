package dev.warren.platform.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.net.Transport;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.time.DayOfWeek;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Timeout(30)
final class ProgramTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter error = new StringWriter();

    @Command(name = "relay", description = "A command to test with.", subcommands = Token.class)
    static final class Relay implements Callable<Integer> {
        @Option(names = "--listen", description = "Where to listen.", defaultValue = ":443")
        HostPort listen = new HostPort("", 1);

        @Option(names = "--ops-listen", description = "Where to show metrics.")
        @Nullable
        HostPort opsListen;

        @Option(names = "--relay", description = "A relay; may be repeated.")
        List<String> relays = new ArrayList<>();

        @Option(names = "--transport", description = "How.", defaultValue = "auto")
        Transport transport = Transport.NIO;

        @Option(names = "--token", description = "A secret.")
        @Nullable
        String token;

        @Nullable
        Exception failure;

        @Override
        public Integer call() throws Exception {
            if (failure != null) {
                throw failure;
            }
            return 0;
        }
    }

    @Command(name = "plain", description = "Options of plain types.")
    static final class Plain implements Callable<Integer> {
        @Option(names = "--workers", defaultValue = "1", description = "How many.")
        int workers;

        @Option(names = "--most", defaultValue = "1", description = "How many at most.")
        long most;

        @Option(names = "--day", defaultValue = "monday", description = "When.")
        DayOfWeek day = DayOfWeek.MONDAY;

        @Option(names = "--quick", description = "Whether.")
        boolean quick;

        List<Object> values() {
            return List.of(workers, most, day, quick);
        }

        @Override
        public Integer call() {
            return 0;
        }
    }

    @Command(name = "needy", description = "Two options that must be given.")
    static final class Needy implements Callable<Integer> {
        @Option(names = "--a", required = true, description = "One.")
        String first = "";

        @Option(names = "--b", required = true, description = "Another.")
        String second = "";

        @Override
        public Integer call() {
            return first.length() + second.length();
        }
    }

    @Command(name = "token", description = "A subcommand.")
    static final class Token implements Callable<Integer> {
        @Option(names = "--expires", required = true, description = "When.")
        String expires = "";

        @Override
        public Integer call() {
            return expires.length();
        }
    }

    @Test
    void shouldTakeDefaultsFromTheEnvironmentAndLetFlagsWin() {
        Relay command = new Relay();
        Map<String, String> environment = Map.of(
                "WARREN_RELAY_LISTEN",
                "[::1]:1",
                "WARREN_RELAY_OPS_LISTEN",
                ":9",
                "WARREN_RELAY_TRANSPORT",
                "io_uring");
        assertEquals(0, run(environment, command, "--listen", "10.0.0.1:2", "--relay", "a=b,c", "--relay", "d"));
        assertEquals(new HostPort("10.0.0.1", 2), command.listen);
        assertEquals(new HostPort("", 9), command.opsListen);
        assertEquals(Transport.IO_URING, command.transport);
        assertEquals(List.of("a=b,c", "d"), command.relays);
    }

    @Test
    void shouldNameVariablesOfSubcommandsByTheirPath() {
        assertEquals(2, run(Map.of("WARREN_RELAY_TOKEN_EXPIRES", "1h"), new Relay(), "token"));
        assertEquals("", error.toString());
    }

    @Test
    void shouldAnswerAnUnknownOptionWithOneSentence() {
        assertEquals(Program.USAGE, run(Map.of(), new Relay(), "--lisen", ":1"));
        assertOneLine("warren relay: unknown option --lisen");
        assertTrue(error.toString().contains("did you mean --listen?"), error::toString);
        assertTrue(error.toString().contains("warren relay --help shows"), error::toString);
    }

    @Test
    void shouldAnswerAWrongValueWithOneSentence() {
        assertEquals(Program.USAGE, run(Map.of(), new Relay(), "--listen", "nowhere"));
        assertOneLine("warren relay: invalid value for option '--listen': \"nowhere\" has no port; write HOST:PORT");
        assertEquals(Program.USAGE, run(Map.of(), new Relay(), "--transport", "kqueue"));
        assertTrue(error.toString().contains("use auto, epoll, io_uring or nio"), error::toString);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--workers x | '--workers': \"x\" is no whole number",
                "--workers 99999999999 | '--workers': \"99999999999\" is too far from 0",
                "--most 1e3 | '--most': \"1e3\" is no whole number",
                "--day funday | '--day': \"funday\" is none of monday, tuesday, wednesday, thursday, friday, saturday, sunday",
                "--quick=maybe | '--quick': \"maybe\" is neither true nor false",
            })
    void shouldRefuseValuesInWordsRatherThanInTypes(String arguments, String said) {
        assertEquals(Program.USAGE, run(Map.of(), new Plain(), arguments.split(" ", -1)));
        assertOneLine("warren plain: invalid value for option " + said + " (warren plain --help shows");
    }

    @Test
    void shouldTakeNumbersNamesAndTruth() {
        Plain command = new Plain();
        assertEquals(
                0, run(Map.of(), command, "--workers", "-3", "--most", "99999999999", "--day", "Friday", "--quick"));
        assertEquals(List.of(-3, 99_999_999_999L, DayOfWeek.FRIDAY, true), command.values());
        Plain set = new Plain();
        assertEquals(
                0,
                run(
                        Map.of("WARREN_PLAIN_QUICK", "true", "WARREN_PLAIN_DAY", "SUNDAY", "WARREN_PLAIN_WORKERS", "7"),
                        set));
        assertEquals(List.of(7, 1L, DayOfWeek.SUNDAY, true), set.values());
    }

    @Test
    void shouldNameUnknownOptionsWithoutTheirValues() {
        assertEquals(Program.USAGE, run(Map.of(), new Plain(), "--foo", "1", "--bar=2"));
        assertOneLine("warren plain: unknown options --foo, --bar (warren plain --help");
    }

    @Test
    void shouldSayOnceWhatIsMissing() {
        assertEquals(Program.USAGE, run(Map.of(), new Needy()));
        assertOneLine("warren needy: missing required options: '--a=<first>', '--b=<second>' (warren needy --help");
    }

    @Test
    void shouldShowInItsHelpHowItIsStarted() {
        assertEquals(0, run(Map.of(), new Plain(), "--help"));
        assertTrue(out.toString().startsWith("Usage: warren plain "), out::toString);
    }

    @Test
    void shouldAnswerAWrongValueInTheEnvironmentLikeOneOnTheCommandLine() {
        assertEquals(Program.USAGE, run(Map.of("WARREN_RELAY_LISTEN", "nowhere"), new Relay()));
        assertOneLine("warren relay: WARREN_RELAY_LISTEN = nowhere: \"nowhere\" has no port");
    }

    @Test
    void shouldAnswerAMissingOptionWithOneSentence() {
        assertEquals(Program.USAGE, run(Map.of(), new Relay(), "token"));
        assertOneLine("warren relay token: missing required option: '--expires=<expires>'");
    }

    @Test
    void shouldShowAUserErrorAsItIs() {
        assertFailure(new UserError("the token has expired: make a new one"), "the token has expired: make a new one");
    }

    @Test
    void shouldTurnFileErrorsIntoSentences() {
        assertFailure(
                new AccessDeniedException("/var/lib/warren"),
                "no permission for /var/lib/warren: give this user access to it, or name another place");
        assertFailure(
                new UncheckedIOException(new NoSuchFileException("/etc/x.pem")),
                "/etc/x.pem does not exist: check the path");
        assertFailure(new IOException("disk on fire"), "input or output failed: disk on fire");
    }

    @Test
    void shouldTurnListenErrorsIntoSentences() {
        InetSocketAddress address = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 3478);
        assertFailure(
                Sentences.cannotListen(address, "--listen", new BindException("Address already in use")),
                "127.0.0.1:3478 is already in use: stop the program that listens there,"
                        + " or choose another with --listen");
        assertFailure(
                new ExecutionException(Sentences.cannotListen(
                        new InetSocketAddress(InetAddress.ofLiteral("::1"), 80),
                        "--ops-listen",
                        new IOException("bind(..) failed with error(-13): Permission denied"))),
                "no permission to listen on [0:0:0:0:0:0:0:1]:80: ports under 1024 need root or"
                        + " CAP_NET_BIND_SERVICE; or choose another with --ops-listen");
        assertFailure(
                Sentences.cannotListen(address, "--listen", new BindException("Cannot assign requested address")),
                "127.0.0.1:3478 is no address of this machine: give one that is, or :PORT for all, with --listen");
        assertFailure(
                new BindException("Address already in use"),
                "cannot listen (Address already in use): choose another address or port, or stop who uses it");
    }

    @Test
    void shouldHideStackTracesUnlessDebugging() {
        Relay command = new Relay();
        command.failure = new IllegalStateException("oops");
        assertEquals(Program.FAILED, run(Map.of(), command));
        assertOneLine("warren relay: internal error: oops; WARREN_LOG=debug shows where");
        assertEquals(Program.FAILED, run(Map.of("WARREN_LOG", "debug"), command));
        assertTrue(error.toString().contains("at dev.warren.platform.config.ProgramTest"), error::toString);
    }

    @Test
    void shouldRefuseAnUnknownLogLevel() {
        assertEquals(Program.USAGE, run(Map.of("WARREN_LOG", "loud"), new Relay()));
        assertOneLine("warren: WARREN_LOG=loud is no log level: use error, warn, info, debug or trace");
    }

    @Test
    void shouldPrintTheConfigurationInForceWithoutSecrets() {
        Relay command = new Relay();
        command.failure = new IllegalStateException("must not run");
        assertEquals(0, run(Map.of("WARREN_RELAY_LISTEN", ":1"), command, "--print-config", "--token", "hush-hush"));
        String printed = out.toString();
        assertTrue(printed.contains("\nlisten: \":1\"    # WARREN_RELAY_LISTEN\n"), printed);
        assertTrue(printed.contains("\n# ops-listen: (not set)\n"), printed);
        assertTrue(printed.contains("\ntransport: auto    # default\n"), printed);
        assertTrue(printed.contains("\n# token: (not shown)    # the command line\n"), printed);
        assertTrue(!printed.contains("hush-hush") && !printed.contains("--help"), printed);
    }

    @Test
    void shouldShowDefaultsInHelp() {
        assertEquals(0, run(Map.of(), new Relay(), "--help"));
        assertTrue(out.toString().contains("Default: :443"), out::toString);
        assertTrue(out.toString().contains("--print-config"), out::toString);
    }

    private void assertFailure(Exception failure, String sentence) {
        Relay command = new Relay();
        command.failure = failure;
        assertEquals(Program.FAILED, run(Map.of(), command));
        assertEquals("warren relay: " + sentence + "\n", error.toString());
    }

    private void assertOneLine(String start) {
        String text = error.toString();
        assertTrue(text.startsWith(start), text);
        assertEquals(text.length() - 1, text.indexOf('\n'), text);
    }

    private int run(Map<String, String> environment, Object command, String... arguments) {
        out.getBuffer().setLength(0);
        error.getBuffer().setLength(0);
        Program program = new Program(environment, new PrintWriter(out, true), new PrintWriter(error, true));
        return program.run(command, arguments);
    }
}
