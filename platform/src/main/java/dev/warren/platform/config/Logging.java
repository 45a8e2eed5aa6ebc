package dev.warren.platform.config;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.slf4j.MDC;

/**
 * Logging to standard error, one line a record, as text or as JSON. {@code error}, {@code warn}, {@code info} and
 * {@code debug} are about Warren's own packages; {@code trace} opens everything, libraries too. Stack traces appear from
 * {@code debug} on.
 */
public final class Logging {
    /** The variable that holds the level. */
    static final String VARIABLE = "WARREN_LOG";

    /** Held here because the log manager holds loggers weakly only. */
    private static final Logger OWN = Logger.getLogger("dev.warren");

    private static final Logger ROOT = Logger.getLogger("");

    private Logging() {}

    /** How much is logged. */
    enum LogLevel {
        ERROR,
        WARN,
        INFO,
        DEBUG,
        TRACE;

        private Level level() {
            return switch (this) {
                case ERROR -> Level.SEVERE;
                case WARN -> Level.WARNING;
                case INFO -> Level.INFO;
                case DEBUG -> Level.FINE;
                case TRACE -> Level.ALL;
            };
        }

        /** The level that {@link #VARIABLE} names; throws {@link UserError} when there is none of that name. */
        static LogLevel parse(String name) {
            return Arrays.stream(values())
                    .filter(one -> one.name().toLowerCase(Locale.ROOT).equals(name))
                    .findFirst()
                    .orElseThrow(() -> new UserError(
                            VARIABLE + "=" + name + " is no log level: use error, warn, info, debug or trace"));
        }

        /** Whether stack traces are wanted. */
        boolean showsTraces() {
            return compareTo(DEBUG) >= 0;
        }
    }

    /** What a line looks like. */
    enum Format {
        /** {@code 2026-11-22T04:00:00.000Z info relay.client: text}. */
        TEXT,
        /**
         * {@code {"time":"2026-11-22T04:00:00.000Z","level":"info","logger":"relay.client","message":"text"}}, and a
         * member for each entry of SLF4J's mapped diagnostic context.
         */
        JSON
    }

    /** Sets logging up as text, in place of what was; throws {@link UserError} when there is no level of that name. */
    public static void setUp(String level) {
        setUp(LogLevel.parse(level), Format.TEXT);
    }

    /** Sets logging up, in place of what was. */
    static void setUp(LogLevel level, Format format) {
        Level others = level == LogLevel.DEBUG ? Level.INFO : level.level();
        LogManager.getLogManager().reset();
        ConsoleHandler handler = new ConsoleHandler();
        handler.setLevel(Level.ALL);
        handler.setFormatter(new OneLine(format, level.showsTraces()));
        ROOT.addHandler(handler);
        ROOT.setLevel(others);
        OWN.setLevel(level.level());
    }

    /** One record, one line; text form ends it in a stack trace where that is wanted. */
    static final class OneLine extends Formatter {
        private static final String OWN_PREFIX = "dev.warren.";
        private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
                        "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
                .withZone(ZoneOffset.UTC);

        private final Format form;
        private final boolean traces;

        OneLine(Format form, boolean traces) {
            this.form = form;
            this.traces = traces;
        }

        @Override
        public String format(LogRecord entry) {
            String name = String.valueOf(entry.getLoggerName());
            String logger = name.startsWith(OWN_PREFIX) ? name.substring(OWN_PREFIX.length()) : name;
            return switch (form) {
                case TEXT -> text(entry, logger);
                case JSON -> json(entry, logger);
            };
        }

        private String text(LogRecord entry, String logger) {
            StringBuilder line = new StringBuilder(TIME.format(entry.getInstant()));
            line.append(' ').append(name(entry.getLevel())).append(' ').append(logger);
            line.append(": ").append(formatMessage(entry).replace("\n", "\\n").replace("\r", "\\r"));
            Throwable thrown = entry.getThrown();
            if (thrown != null) {
                line.append(traces ? "\n" + trace(thrown) : ": " + thrown);
            }
            return line.append('\n').toString();
        }

        private String json(LogRecord entry, String logger) {
            StringBuilder line = new StringBuilder("{");
            member(line, "time", TIME.format(entry.getInstant()));
            member(line, "level", name(entry.getLevel()));
            member(line, "logger", logger);
            member(line, "message", formatMessage(entry));
            // Who the line is about: written in the thread that logs, as the console's handler does.
            Map<String, String> about = MDC.getCopyOfContextMap();
            if (about != null) {
                new TreeMap<>(about).forEach((key, value) -> member(line, key, value));
            }
            Throwable thrown = entry.getThrown();
            if (thrown != null) {
                member(line, "error", thrown.toString());
                if (traces) {
                    member(line, "trace", trace(thrown));
                }
            }
            return line.append("}\n").toString();
        }

        private static void member(StringBuilder line, String key, String value) {
            line.append(line.length() == 1 ? "\"" : ",\"").append(key).append("\":\"");
            JsonStringEncoder.getInstance().quoteAsString(value, line);
            line.append('"');
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
