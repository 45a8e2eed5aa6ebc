package dev.warren.platform.config;

import dev.warren.platform.config.Logging.Format;
import dev.warren.platform.config.Logging.LogLevel;
import dev.warren.platform.crypto.CipherPreference;
import dev.warren.platform.linux.StopSignals;
import dev.warren.platform.net.Transport;
import dev.warren.platform.tls.Renegotiation;
import dev.warren.platform.tls.TlsEngine;
import java.io.PrintWriter;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * How every main runs its picocli command. Each option takes its value from the command line, from {@code
 * WARREN_<COMMAND>_<OPTION>}, from the file that {@code --config} names where the command has {@link ServiceOptions}, or
 * by default. Every command gets {@code --help} and {@code --print-config}; {@link HostPort}, {@link Transport},
 * URLs and times such as 30s are understood as option types. Whatever fails is one sentence on standard error, or one for
 * each wrong value: exit code 2 for what could not be read, 1 for anything else. A stack trace shows only with {@code WARREN_LOG=debug}.
 */
public final class Program {
    /** Exit code for what failed while running. */
    public static final int FAILED = 1;
    /** Exit code for a command line or a configuration that could not be understood. */
    public static final int USAGE = 2;

    private static final int MAX_PORT = 65_535;
    private static final String PRINT_CONFIG = "--print-config";
    private static final String HELP = "--help";
    /** Those that say how to run, not what: they are in no file. */
    private static final Set<String> OWN_OPTIONS = Set.of(PRINT_CONFIG, HELP, ServiceOptions.CONFIG);

    private final Map<String, String> environment;
    private final PrintWriter out;
    private final PrintWriter error;

    /** A program in the given surroundings: its environment variables, standard output and standard error. */
    public Program(Map<String, String> environment, PrintWriter out, PrintWriter error) {
        this.environment = environment;
        this.out = out;
        this.error = error;
    }

    /** Runs {@code command} (an object annotated as a picocli command) and ends the JVM with its exit code. */
    public static void main(Object command, String... arguments) {
        Renegotiation.refuse();
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        PrintWriter error = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        System.exit(new Program(System.getenv(), out, error).run(command, arguments));
    }

    /** Runs {@code command} and returns the exit code. */
    public int run(Object command, String... arguments) {
        try {
            Logging.setUp(logLevel(), Format.TEXT);
        } catch (UserError wrongLevel) {
            error.println("warren: " + wrongLevel.getMessage());
            return USAGE;
        }
        CommandLine line = prepared(command);
        line.setExecutionStrategy(result -> execute(result, List.of(arguments)));
        return line.execute(arguments);
    }

    /** The command with all options that it has when it runs, to write its manual from. */
    public static CommandLine describe(Object command) {
        CommandLine line = new CommandLine(command);
        addStandardOptions(line);
        return line;
    }

    /** Gives {@code fresh} its values without running it; throws {@link UserError} with everything that is wrong. */
    void read(Object fresh, String... arguments) {
        ParseResult result = prepared(fresh).parseArgs(arguments);
        List<String> problems = new ArrayList<>();
        resolve(result, List.of(arguments), problems);
        if (!problems.isEmpty()) {
            throw new UserError(Problems.joined(problems));
        }
        serviceOptions(result.commandSpec()).ifPresent(service -> service.applyToLog(logLevel()));
    }

    /**
     * Tells the {@link InitSystem} that {@code server} serves, waits until the process is told to stop (SIGTERM, SIGINT)
     * and closes it then, before the JVM ends.
     * Whoever says it again need not wait for that. Does not return; the exit code is the signal's (143, 130).
     */
    public static void serveUntilStopped(AutoCloseable server) throws InterruptedException {
        InitSystem initSystem = InitSystem.own();
        Thread stop = new Thread(
                () -> {
                    StopSignals.endAtOnce();
                    initSystem.stop(() -> close(server));
                },
                "stop");
        Runtime.getRuntime().addShutdownHook(stop);
        initSystem.ready();
        new CountDownLatch(1).await();
    }

    /** Whether {@code option} is one of those that every command gets from here. */
    static boolean isOwn(OptionSpec option) {
        return OWN_OPTIONS.contains(option.longestName());
    }

    private static void close(AutoCloseable server) {
        try {
            server.close();
        } catch (Exception failure) {
            // The log manager may be gone by now: it has a shutdown hook of its own.
            System.err.println("warren: could not stop cleanly: " + Sentences.describe(failure));
        }
    }

    private CommandLine prepared(Object command) {
        CommandLine line = new CommandLine(command);
        line.setCommandName(programName(line.getCommandSpec()));
        addStandardOptions(line);
        line.setOut(out);
        line.setErr(error);
        understand(line);
        line.setParameterExceptionHandler((failure, _) -> wrongUsage(failure));
        line.setExecutionExceptionHandler((failure, failed, _) -> failed(failure, failed));
        return line;
    }

    private static void understand(CommandLine line) {
        PlainValues.understand(line);
        line.registerConverter(HostPort.class, converter(HostPort::parse));
        line.registerConverter(URI.class, converter(Program::url));
        line.registerConverter(Duration.class, converter(Durations::parse));
        line.registerConverter(Transport.class, converter(Transport::parse));
        line.registerConverter(CipherPreference.class, converter(CipherPreference::parse));
        line.registerConverter(TlsEngine.class, converter(TlsEngine::parse));
    }

    private static URI url(String text) {
        try {
            URI url = new URI(text);
            if (url.getPort() > MAX_PORT) {
                throw new IllegalArgumentException("\"" + text + "\" has a port above " + MAX_PORT);
            }
            return url;
        } catch (URISyntaxException wrong) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is no URL (" + wrong.getReason().toLowerCase(Locale.ROOT) + ")", wrong);
        }
    }

    private static void addStandardOptions(CommandLine line) {
        CommandSpec spec = line.getCommandSpec();
        spec.parser().collectErrors(true);
        spec.usageMessage().showDefaultValues(true).sortOptions(false);
        spec.addOption(OptionSpec.builder("-h", HELP)
                .usageHelp(true)
                .description("Shows this help.")
                .build());
        spec.addOption(OptionSpec.builder(PRINT_CONFIG)
                .type(boolean.class)
                .description("Prints every option with the value in force and where it is from, and ends.")
                .build());
        line.getSubcommands().values().forEach(Program::addStandardOptions);
    }

    private static <T> ITypeConverter<T> converter(Function<String, T> parse) {
        return text -> {
            try {
                return parse.apply(text);
            } catch (IllegalArgumentException wrong) {
                throw new TypeConversionException(wrong.getMessage());
            }
        };
    }

    private int execute(ParseResult result, List<String> arguments) {
        ParseResult innermost = result;
        while (innermost.hasSubcommand()) {
            innermost = innermost.subcommand();
        }
        if (CommandLine.printHelpIfRequested(result)) {
            return 0;
        }
        List<String> problems = new ArrayList<>();
        Settings settings = resolve(result, arguments, problems);
        if (!problems.isEmpty()) {
            return wrongUsage(innermost.commandSpec(), problems);
        }
        if (innermost.hasMatchedOption(PRINT_CONFIG)) {
            printConfig(innermost.commandSpec(), settings);
            return 0;
        }
        serviceOptions(innermost.commandSpec()).ifPresent(service -> service.applyToLog(logLevel()));
        return new CommandLine.RunLast().execute(result);
    }

    /**
     * Gives the options of a command and of those around it the values that the command line left out; returns the
     * innermost one's settings.
     */
    private Settings resolve(ParseResult result, List<String> arguments, List<String> problems) {
        Settings settings = resolveOne(result, arguments, problems);
        return result.hasSubcommand() ? resolve(result.subcommand(), arguments, problems) : settings;
    }

    private Settings resolveOne(ParseResult result, List<String> arguments, List<String> problems) {
        Optional<ServiceOptions> service = serviceOptions(result.commandSpec());
        Optional<SettingsFile> file = service.flatMap(_ -> file(result, problems));
        Settings settings = Settings.resolve(result, environment, file, new Trial(Program::understand));
        for (Exception failure : result.errors()) {
            // Of several options that are missing picocli has an error each, with the names of all.
            usageSentence(failure, settings)
                    .filter(sentence -> !problems.contains(sentence))
                    .ifPresent(problems::add);
        }
        problems.addAll(settings.problems());
        service.ifPresent(options -> options.resolved(this, arguments, settings));
        return settings;
    }

    private Optional<SettingsFile> file(ParseResult result, List<String> problems) {
        OptionSpec option = result.commandSpec().findOption(ServiceOptions.CONFIG);
        if (!result.hasMatchedOption(option)) {
            String named = environment.get(Settings.variable(option));
            if (named == null) {
                return Optional.empty();
            }
            option.setValue(Path.of(named));
        }
        try {
            return Optional.of(SettingsFile.read(Objects.requireNonNull(option.getValue())));
        } catch (UserError unreadable) {
            problems.add(String.valueOf(unreadable.getMessage()));
            return Optional.empty();
        }
    }

    /** The mixin of {@code command}; empty when it is no service. */
    private static Optional<ServiceOptions> serviceOptions(CommandSpec command) {
        return command.mixins().values().stream()
                .map(CommandSpec::userObject)
                .filter(ServiceOptions.class::isInstance)
                .map(ServiceOptions.class::cast)
                .findFirst();
    }

    private void printConfig(CommandSpec command, Settings settings) {
        command.options().stream()
                .filter(option -> !isOwn(option))
                .findFirst()
                .ifPresent(option -> out.println("# Any of these can also be given as a flag or as a variable, such as "
                        + option.longestName() + " or " + Settings.variable(option)));
        settings.print().forEach(out::println);
        out.flush();
    }

    /** Only of a command that could not even be looked at: everything else is collected. */
    private int wrongUsage(ParameterException failure) {
        traceIfWanted(failure);
        return wrongUsage(failure.getCommandLine().getCommandSpec(), List.of(sentence(failure)));
    }

    private int wrongUsage(CommandSpec command, List<String> problems) {
        String name = programName(command);
        String hint = " (" + name + " --help shows what can be given)";
        error.println(name + ": " + Problems.joined(problems) + (problems.size() == 1 ? hint : ""));
        if (problems.size() > 1) {
            error.println(hint.strip());
        }
        error.flush();
        return USAGE;
    }

    private static String programName(CommandSpec command) {
        String name = command.qualifiedName(" ");
        return name.startsWith("warren") ? name : "warren " + name;
    }

    /** What is wrong with the command line; empty when it is that something is missing which was found elsewhere. */
    private static Optional<String> usageSentence(Exception failure, Settings settings) {
        if (failure instanceof MissingParameterException missing) {
            List<ArgSpec> arguments = missing.getMissing();
            if (!arguments.isEmpty() && arguments.stream().allMatch(one -> isGiven(one, settings))) {
                return Optional.empty();
            }
        }
        return Optional.of(sentence(failure));
    }

    private static boolean isGiven(@Nullable ArgSpec argument, Settings settings) {
        return argument instanceof OptionSpec option && settings.isGiven(option);
    }

    private static String sentence(Exception failure) {
        if (failure instanceof UnmatchedArgumentException unmatched) {
            List<String> near = unmatched.getSuggestions();
            String hint = near.isEmpty() ? "" : ", did you mean " + near.getFirst() + "?";
            return (unmatched.isUnknownOption()
                            ? unknownOptions(unmatched.getUnmatched())
                            : "unexpected argument " + String.join(" ", unmatched.getUnmatched()))
                    + hint;
        }
        return Sentences.lowerFirst(String.valueOf(failure.getMessage()));
    }

    /** Without what was to be their values. */
    private static String unknownOptions(List<String> words) {
        List<String> names = words.stream()
                .filter(word -> word.startsWith("-"))
                .map(word -> word.replaceFirst("=.*", ""))
                .toList();
        return (names.size() == 1 ? "unknown option " : "unknown options ") + String.join(", ", names);
    }

    private int failed(Exception failure, CommandLine command) {
        if (failure instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
        error.println(programName(command.getCommandSpec()) + ": " + Sentences.describe(failure));
        traceIfWanted(failure);
        return FAILED;
    }

    private void traceIfWanted(Throwable failure) {
        if (logLevel().showsTraces()) {
            failure.printStackTrace(error);
        }
        error.flush();
    }

    private LogLevel logLevel() {
        return LogLevel.parse(environment.getOrDefault(Logging.VARIABLE, "info"));
    }
}
