package dev.warren.platform.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.warren.platform.config.Logging.Format;
import dev.warren.platform.config.Logging.LogLevel;
import java.io.IOException;
import java.time.Instant;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.MDC;
import org.slf4j.MDC.MDCCloseable;

@Timeout(30)
final class LoggingTest {
    @Test
    void shouldWriteOneLineARecord() {
        LogRecord entry = entry("dev.warren.relay.client", Level.WARNING, "two\nlines");
        assertEquals(
                "2026-11-22T04:05:06.007Z warn relay.client: two\\nlines\n",
                new Logging.OneLine(Format.TEXT, false).format(entry));
    }

    @Test
    void shouldNameTheExceptionAndTraceItOnlyWhenAsked() {
        LogRecord entry = entry("io.netty", Level.SEVERE, "failed");
        entry.setThrown(new IllegalStateException("why"));
        assertEquals(
                "2026-11-22T04:05:06.007Z error io.netty: failed: java.lang.IllegalStateException: why\n",
                new Logging.OneLine(Format.TEXT, false).format(entry));
        assertTrue(new Logging.OneLine(Format.TEXT, true).format(entry).contains("\n\tat dev.warren.platform"));
    }

    @Test
    void shouldNameLevelsShortly() {
        assertTrue(new Logging.OneLine(Format.TEXT, false)
                .format(entry("a", Level.INFO, "x"))
                .contains(" info a: x"));
        assertTrue(new Logging.OneLine(Format.TEXT, false)
                .format(entry("a", Level.FINE, "x"))
                .contains(" debug a: x"));
    }

    @Test
    void shouldWriteAnyMessageAsOneLineOfJson() throws IOException {
        StringBuilder everything = new StringBuilder("\"quoted\" \\ \n\r\t {\"a\":1}, \u2028 \ud83d\ude00 ");
        for (char c = 0; c < 0x20; c++) {
            everything.append(c);
        }
        LogRecord entry = entry("dev.warren.relay.client", Level.WARNING, everything.toString());

        String line = new Logging.OneLine(Format.JSON, false).format(entry);

        assertEquals(line.length() - 1, line.indexOf('\n'), line);
        JsonNode read = new ObjectMapper().readTree(line);
        assertEquals("2026-11-22T04:05:06.007Z", read.path("time").asText());
        assertEquals("warn", read.path("level").asText());
        assertEquals("relay.client", read.path("logger").asText());
        assertEquals(everything.toString(), read.path("message").asText());
        assertEquals(4, read.size());
    }

    @Test
    void shouldSayWhomALineIsAboutInMembersOfItsOwn() throws IOException {
        LogRecord entry = entry("dev.warren.relay.client", Level.INFO, "a from 192.0.2.1 was not let in");
        try (MDCCloseable _ = MDC.putCloseable("source", "192.0.2.1");
                MDCCloseable _ = MDC.putCloseable("reason", "a \"reason\"")) {
            JsonNode read = new ObjectMapper().readTree(new Logging.OneLine(Format.JSON, false).format(entry));
            assertEquals("192.0.2.1", read.path("source").asText());
            assertEquals("a \"reason\"", read.path("reason").asText());
            assertEquals(6, read.size());
            assertEquals(
                    "2026-11-22T04:05:06.007Z info relay.client: a from 192.0.2.1 was not let in\n",
                    new Logging.OneLine(Format.TEXT, false).format(entry));
        }
        assertEquals(
                4,
                new ObjectMapper()
                        .readTree(new Logging.OneLine(Format.JSON, false).format(entry))
                        .size());
    }

    @Test
    void shouldKeepAStackTraceOnTheLineInJson() throws IOException {
        LogRecord entry = entry("io.netty", Level.SEVERE, "failed");
        entry.setThrown(new IllegalStateException("a \"reason\""));

        String line = new Logging.OneLine(Format.JSON, true).format(entry);

        assertEquals(line.length() - 1, line.indexOf('\n'), line);
        JsonNode read = new ObjectMapper().readTree(line);
        assertEquals(
                "java.lang.IllegalStateException: a \"reason\"",
                read.path("error").asText());
        assertTrue(read.path("trace").asText().contains("\n\tat dev.warren.platform"), line);
        JsonNode brief = new ObjectMapper().readTree(new Logging.OneLine(Format.JSON, false).format(entry));
        assertTrue(brief.path("trace").isMissingNode());
    }

    @Test
    void shouldShowTracesFromDebugOn() {
        assertTrue(LogLevel.DEBUG.showsTraces() && LogLevel.TRACE.showsTraces());
        assertTrue(!LogLevel.INFO.showsTraces() && !LogLevel.ERROR.showsTraces());
    }

    private static LogRecord entry(String logger, Level level, String message) {
        LogRecord entry = new LogRecord(level, message);
        entry.setLoggerName(logger);
        entry.setInstant(Instant.parse("2026-11-22T04:05:06.007Z"));
        return entry;
    }
}
