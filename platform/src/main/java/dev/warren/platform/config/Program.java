package dev.warren.platform.config;

import dev.warren.platform.net.Transport;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * How every main runs its picocli command. Each option takes its default from {@code WARREN_<COMMAND>_<OPTION>}; every
 * command gets {@code --help} and {@code --print-config}; {@link HostPort} and {@link Transport} are understood as
 * option types. Whatever fails is one sentence on standard error: exit code 2 for a wrong command line, 1 for anything
 * else. A stack trace shows only with {@code WARREN_LOG=debug}.
 */
public final class Program {
    /** Exit code for what failed while running. */
    public static final int FAILED = 1;
    /** Exit code for a command line that could not be understood. */
    public static final int USAGE = 2;

    private static final String PRINT_CONFIG = "--print-config";
    private static final String HELP = "--help";
    private static final Set<String> OWN_OPTIONS = Set.of(PRINT_CONFIG, HELP);
    /** Options whose value is a secret itself (not the name of a file that holds one). */
    private static final Set<String> SECRETS = Set.of("--token", "--psk", "--private-key");

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
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        PrintWriter error = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        System.exit(new Program(System.getenv(), out, error).run(command, arguments));
    }

    /** Runs {@code command} and returns the exit code. */
    public int run(Object command, String... arguments) {
        try {
            Logging.setUp(logLevel());
        } catch (UserError wrongLevel) {
            error.println("warren: " + wrongLevel.getMessage());
            return USAGE;
        }
        CommandLine line = new CommandLine(command);
        prepare(line);
        return line.execute(arguments);
    }

    /**
     * Waits until the process is told to stop (SIGTERM, SIGINT) and closes {@code server} then, before the JVM ends.
     * Does not return; the exit code is the signal's (143, 130).
     */
    public static void serveUntilStopped(AutoCloseable server) throws InterruptedException {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> close(server), "stop"));
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

    private void prepare(CommandLine line) {
        addStandardOptions(line);
        line.setOut(out);
        line.setErr(error);
        line.setDefaultValueProvider(new EnvironmentDefaults(environment));
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.registerConverter(HostPort.class, converter(HostPort::parse));
        line.registerConverter(Transport.class, converter(Transport::parse));
        line.setParameterExceptionHandler((failure, _) -> wrongUsage(failure));
        line.setExecutionExceptionHandler((failure, command, _) -> failed(failure, command));
        line.setExecutionStrategy(this::execute);
    }

    private static void addStandardOptions(CommandLine line) {
        CommandSpec spec = line.getCommandSpec();
        spec.usageMessage().showDefaultValues(true).sortOptions(false);
        spec.addOption(OptionSpec.builder("-h", HELP)
                .usageHelp(true)
                .description("Shows this help.")
                .build());
        spec.addOption(OptionSpec.builder(PRINT_CONFIG)
                .type(boolean.class)
                .description("Prints every option with the value in force and ends.")
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

    private int execute(ParseResult result) {
        ParseResult innermost = result;
        while (innermost.hasSubcommand()) {
            innermost = innermost.subcommand();
        }
        if (innermost.hasMatchedOption(PRINT_CONFIG)) {
            printConfig(innermost.commandSpec());
            return 0;
        }
        return new CommandLine.RunLast().execute(result);
    }

    private void printConfig(CommandSpec command) {
        for (OptionSpec option : command.options()) {
            if (!isOwn(option)) {
                out.println(
                        option.longestName() + " = " + valueText(option) + "    # " + EnvironmentDefaults.name(option));
            }
        }
        out.flush();
    }

    private static String valueText(OptionSpec option) {
        Object value = option.getValue();
        if (value == null || (value instanceof Collection<?> several && several.isEmpty())) {
            return "(not set)";
        }
        if (SECRETS.contains(option.longestName())) {
            return "(not shown)";
        }
        return value instanceof Collection<?> several
                ? several.stream().map(String::valueOf).collect(Collectors.joining(" "))
                : value.toString();
    }

    private int wrongUsage(ParameterException failure) {
        String command = failure.getCommandLine().getCommandSpec().qualifiedName(" ");
        String name = command.startsWith("warren") ? command : "warren " + command;
        error.println(name + ": " + usageSentence(failure) + " (" + name + " --help shows what can be given)");
        traceIfWanted(failure);
        return USAGE;
    }

    private static String usageSentence(ParameterException failure) {
        if (failure instanceof UnmatchedArgumentException unmatched) {
            List<String> near = unmatched.getSuggestions();
            String kind = unmatched.isUnknownOption() ? "unknown option " : "unexpected argument ";
            String hint = near.isEmpty() ? "" : ", did you mean " + near.getFirst() + "?";
            return kind + String.join(" ", unmatched.getUnmatched()) + hint;
        }
        return lowerFirst(String.valueOf(failure.getMessage()));
    }

    private static String lowerFirst(String text) {
        return text.isEmpty() ? text : Character.toLowerCase(text.charAt(0)) + text.substring(1);
    }

    private int failed(Exception failure, CommandLine command) {
        if (failure instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
        String name = command.getCommandSpec().qualifiedName(" ");
        error.println((name.startsWith("warren") ? name : "warren " + name) + ": " + Sentences.describe(failure));
        traceIfWanted(failure);
        return FAILED;
    }

    private void traceIfWanted(Throwable failure) {
        if (Logging.isDebug(logLevel())) {
            failure.printStackTrace(error);
        }
        error.flush();
    }

    private String logLevel() {
        return environment.getOrDefault(Logging.VARIABLE, "info");
    }
}
