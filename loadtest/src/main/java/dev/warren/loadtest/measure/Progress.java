package dev.warren.loadtest.measure;

import java.io.Console;
import java.io.PrintWriter;
import java.util.Optional;

/** Where a run says how far it is, about once a second. */
public interface Progress {
    /** Shows {@code line}, short, in place of the line before where the output allows it. */
    void step(String line);

    /** Ends the line that {@link #step} keeps writing over, so that other output may follow. */
    default void done() {}

    /** Says nothing. */
    static Progress silent() {
        return _ -> {};
    }

    /** Writes over one line of a terminal; on anything else each step is a line of its own. */
    static Progress to(PrintWriter out) {
        Console console = System.console();
        return new ProgressLine(
                out, Optional.ofNullable(console).map(Console::isTerminal).orElse(false));
    }
}
