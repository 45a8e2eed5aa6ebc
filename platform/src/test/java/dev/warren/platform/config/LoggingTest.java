package dev.warren.platform.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class LoggingTest {
    @Test
    void shouldWriteOneLineARecord() {
        LogRecord entry = entry("dev.warren.relay.client", Level.WARNING, "two\nlines");
        assertEquals(
                "2026-11-22T04:05:06.007Z warn relay.client: two\\nlines\n", new Logging.OneLine(false).format(entry));
    }

    @Test
    void shouldNameTheExceptionAndTraceItOnlyWhenAsked() {
        LogRecord entry = entry("io.netty", Level.SEVERE, "failed");
        entry.setThrown(new IllegalStateException("why"));
        assertEquals(
                "2026-11-22T04:05:06.007Z error io.netty: failed: java.lang.IllegalStateException: why\n",
                new Logging.OneLine(false).format(entry));
        assertTrue(new Logging.OneLine(true).format(entry).contains("\n\tat dev.warren.platform"));
    }

    @Test
    void shouldNameLevelsShortly() {
        assertTrue(
                new Logging.OneLine(false).format(entry("a", Level.INFO, "x")).contains(" info a: x"));
        assertTrue(
                new Logging.OneLine(false).format(entry("a", Level.FINE, "x")).contains(" debug a: x"));
    }

    private static LogRecord entry(String logger, Level level, String message) {
        LogRecord entry = new LogRecord(level, message);
        entry.setLoggerName(logger);
        entry.setInstant(Instant.parse("2026-11-22T04:05:06.007Z"));
        return entry;
    }
}
