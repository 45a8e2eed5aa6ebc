package dev.warren.platform.config;

import dev.warren.platform.config.Logging.Format;
import dev.warren.platform.config.Logging.LogLevel;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * The options of every program that runs as a service, as a picocli mixin: its YAML file and its log. Through it a
 * command also learns where its values are from, and can read them anew.
 */
public final class ServiceOptions {
    static final String CONFIG = "--config";

    @Option(
            names = CONFIG,
            paramLabel = "FILE",
            description =
                    "YAML file with any of these options, such as \"listen: :443\"; flags and variables go first.")
    private @Nullable Path config;

    @Option(names = "--log-format", paramLabel = "text|json", defaultValue = "text", description = "A log line's form.")
    private Format logFormat = Format.TEXT;

    @Option(
            names = "--log-level",
            paramLabel = "error|warn|info|debug|trace",
            description = "What is logged. Default: $WARREN_LOG, else info.")
    private @Nullable LogLevel logLevel;

    private Settings settings = Settings.none();
    private @Nullable Program program;
    private List<String> arguments = List.of();

    /** Options that nobody has set. */
    public ServiceOptions() {}

    /** The configuration file, if there is one. */
    public Optional<Path> file() {
        return Optional.ofNullable(config);
    }

    /**
     * {@code option} (such as {@code --region}) with its value as its author wrote it, for the start of a sentence about
     * it: {@code --region 0}, {@code WARREN_RELAY_REGION=0} or {@code relay.yaml:3: region: 0}.
     */
    public String named(String option) {
        return settings.named(option);
    }

    /**
     * Gives {@code fresh}, a new command of the kind that was run, the values that it would have if the program started
     * now: the same command line and environment, and the file as it is. The log takes its new form and level at once.
     * Throws {@link UserError} with everything that is wrong; nothing has changed then.
     */
    public void readAgainInto(Object fresh) {
        Objects.requireNonNull(program, "only a command that was run can be read again")
                .read(fresh, arguments.toArray(String[]::new));
    }

    void resolved(Program runner, List<String> typed, Settings found) {
        program = runner;
        arguments = typed;
        settings = found;
    }

    /** Sets the log up; {@code otherwise} is the level when none is given. */
    void applyToLog(LogLevel otherwise) {
        Logging.setUp(logLevel == null ? otherwise : logLevel, logFormat);
    }
}
