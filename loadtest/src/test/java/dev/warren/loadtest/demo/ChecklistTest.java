package dev.warren.loadtest.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ChecklistTest {
    private final StringWriter printed = new StringWriter();
    private final Checklist list = new Checklist(new PrintWriter(printed));

    @Test
    void shouldPrintTheFigureOfAPromiseThatHolds() {
        list.line("a - b: direct", () -> "0.4 s");

        assertTrue(list.holds());
        assertEquals("ok      a - b: direct                                  0.4 s\n", printed.toString());
    }

    @Test
    void shouldGoOnAfterABrokenPromise() {
        list.line("first", () -> {
            throw new IOException("no answer");
        });
        list.line("second", () -> "fine");
        list.summary(12);

        assertFalse(list.holds());
        assertTrue(printed.toString().startsWith("FAILED  first "), printed.toString());
        assertTrue(printed.toString().contains("no answer\nok      second"), printed.toString());
        assertTrue(printed.toString().endsWith("1 of 2 hold, in 12 s.\n"), printed.toString());
    }
}
