package dev.warren.platform.config;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Logging to standard error, one line a record. {@code error}, {@code warn}, {@code info} and {@code debug} are about
 * Warren's own packages; {@code trace} opens everything, libraries too. Stack traces appear from {@code debug} on.
 */
final class Logging {
    /** The variable that holds the level. */
    static final String VARIABLE = "WARREN_LOG";

    /** Held here because the log manager holds loggers weakly only. */
    private static final Logger OWN = Logger.getLogger("dev.warren");

    private static final Logger ROOT = Logger.getLogger("");

    private Logging() {}

    /** Sets logging up for the level named {@code level}; throws {@link UserError} when there is none of that name. */
    static void setUp(String level) {
        Level own = level(level);
        Level others = level.equals("debug") ? Level.INFO : own;
        LogManager.getLogManager().reset();
        ConsoleHandler handler = new ConsoleHandler();
        handler.setLevel(Level.ALL);
        handler.setFormatter(new OneLine(isDebug(level)));
        ROOT.addHandler(handler);
        ROOT.setLevel(others);
        OWN.setLevel(own);
    }

    /** Whether stack traces are wanted. */
    static boolean isDebug(String level) {
        return level.equals("debug") || level.equals("trace");
    }

    private static Level level(String name) {
        return switch (name) {
            case "error" -> Level.SEVERE;
            case "warn" -> Level.WARNING;
            case "info" -> Level.INFO;
            case "debug" -> Level.FINE;
            case "trace" -> Level.ALL;
            default ->
                throw new UserError(VARIABLE + "=" + name + " is no log level: use error, warn, info, debug or trace");
        };
    }

    /** {@code 2026-11-22T04:00:00.000Z info relay.client: text}. */
    static final class OneLine extends Formatter {
        private static final String OWN_PREFIX = "dev.warren.";
        private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
                        "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
                .withZone(ZoneOffset.UTC);

        private final boolean traces;

        OneLine(boolean traces) {
            this.traces = traces;
        }

        @Override
        public String format(LogRecord entry) {
            StringBuilder line = new StringBuilder(TIME.format(entry.getInstant()));
            String logger = String.valueOf(entry.getLoggerName());
            line.append(' ').append(name(entry.getLevel())).append(' ');
            line.append(logger.startsWith(OWN_PREFIX) ? logger.substring(OWN_PREFIX.length()) : logger);
            line.append(": ").append(formatMessage(entry).replace("\n", "\\n").replace("\r", "\\r"));
            Throwable thrown = entry.getThrown();
            if (thrown != null) {
                line.append(traces ? "\n" + trace(thrown) : ": " + thrown);
            }
            return line.append('\n').toString();
        }

        private static String name(Level level) {
            if (level.intValue() >= Level.SEVERE.intValue()) {
                return "error";
            }
            if (level.intValue() >= Level.WARNING.intValue()) {
                return "warn";
            }
            return level.intValue() >= Level.INFO.intValue() ? "info" : "debug";
        }

        private static String trace(Throwable thrown) {
            StringWriter text = new StringWriter();
            thrown.printStackTrace(new PrintWriter(text, true));
            return text.toString().stripTrailing();
        }
    }
}
