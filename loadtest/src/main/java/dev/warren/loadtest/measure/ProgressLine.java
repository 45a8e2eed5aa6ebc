package dev.warren.loadtest.measure;

import java.io.PrintWriter;

/** Progress on a writer: one line written over and over, or a line for each step. */
final class ProgressLine implements Progress {
    private final PrintWriter out;
    private final boolean terminal;
    private int width;

    ProgressLine(PrintWriter out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    @Override
    public void step(String line) {
        if (terminal) {
            out.print("\r" + line + " ".repeat(Math.max(0, width - line.length())));
            width = line.length();
        } else {
            out.println(line);
        }
        out.flush();
    }

    @Override
    public void done() {
        if (terminal && width > 0) {
            out.print("\r" + " ".repeat(width) + "\r");
            out.flush();
            width = 0;
        }
    }
}
