package dev.warren.loadtest.report;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Rows of text in columns that line up, in a terminal. The first column is on the left, the others where their
 * heading says. What is too long for its column goes on in the next line; columns that find no room make a table of
 * their own below.
 */
final class TextTable {
    /** Columns of characters that every terminal has room for. */
    static final int WIDTH = 100;

    private static final int LONGEST = 34;
    private static final int SHORTEST = 18;
    private static final String GAP = "  ";
    private static final Pattern CONTROLS = Pattern.compile("\\p{Cntrl}");

    /** On which side of its column a text stands. */
    enum Side {
        LEFT,
        RIGHT
    }

    private final Side others;
    private final List<String> heading;
    private final List<List<String>> rows = new ArrayList<>();

    /**
     * A table with these titles of columns (at least one; no line if all are empty), the columns after the first on
     * the given side.
     */
    TextTable(Side others, List<String> heading) {
        this.others = others;
        this.heading = List.copyOf(heading);
    }

    /** Adds a row, which must have a cell for each column. */
    TextTable add(List<String> row) {
        if (row.size() != heading.size()) {
            throw new IllegalArgumentException(row.size() + " cells in a table of " + heading.size() + " columns");
        }
        rows.add(List.copyOf(row));
        return this;
    }

    /** Prints it, each line after {@code indent}. */
    void print(PrintWriter out, String indent) {
        int[] widths = widths(indent.length());
        int next = 1;
        do {
            List<Integer> columns = new ArrayList<>(List.of(0));
            int total = indent.length() + widths[0];
            while (next < widths.length && (columns.size() == 1 || total + GAP.length() + widths[next] <= WIDTH)) {
                total += GAP.length() + widths[next];
                columns.add(next++);
            }
            printBlock(out, indent, columns, widths);
            if (next < widths.length) {
                out.println();
            }
        } while (next < widths.length);
    }

    /** How wide each column is: a single second one may have all the room, a long first one makes room for others. */
    private int[] widths(int indent) {
        int[] widths = new int[heading.size()];
        for (int column = 0; column < widths.length; column++) {
            widths[column] = width(column, LONGEST);
        }
        if (widths.length == 2) {
            widths[1] = width(1, Math.max(LONGEST, WIDTH - indent - GAP.length() - widths[0]));
        }
        int rest = WIDTH - indent;
        for (int column = 1; column < widths.length; column++) {
            rest -= GAP.length() + widths[column];
        }
        if (rest >= SHORTEST && rest < widths[0]) {
            widths[0] = width(0, rest);
        }
        return widths;
    }

    /**
     * The text in lines of at most {@code width}, broken at spaces where that's possible; at least one line. What a
     * terminal could take for a command is shown as a question mark.
     */
    static List<String> wrap(String text, int width) {
        List<String> lines = new ArrayList<>();
        String rest = CONTROLS.matcher(text).replaceAll("?").strip();
        while (rest.length() > width) {
            int space = rest.lastIndexOf(' ', width);
            int end = space > 0 ? space : width;
            lines.add(rest.substring(0, end).stripTrailing());
            rest = rest.substring(end).stripLeading();
        }
        lines.add(rest);
        return lines;
    }

    private int width(int column, int most) {
        int widest = longestLine(heading.get(column), most);
        for (List<String> row : rows) {
            widest = Math.max(widest, longestLine(row.get(column), most));
        }
        return widest;
    }

    private static int longestLine(String cell, int most) {
        return wrap(cell, most).stream().mapToInt(String::length).max().orElse(0);
    }

    private void printBlock(PrintWriter out, String indent, List<Integer> columns, int[] widths) {
        if (!heading.stream().allMatch(String::isEmpty)) {
            printRow(out, indent, heading, columns, widths);
        }
        for (List<String> row : rows) {
            printRow(out, indent, row, columns, widths);
        }
    }

    private void printRow(PrintWriter out, String indent, List<String> row, List<Integer> columns, int[] widths) {
        List<List<String>> cells = columns.stream()
                .map(column -> wrap(row.get(column), Math.max(1, widths[column])))
                .toList();
        int height = cells.stream().mapToInt(List::size).max().orElse(1);
        for (int line = 0; line < height; line++) {
            StringBuilder text = new StringBuilder(indent);
            for (int i = 0; i < cells.size(); i++) {
                String cell = line < cells.get(i).size() ? cells.get(i).get(line) : "";
                Side side = i == 0 ? Side.LEFT : others;
                text.append(i == 0 ? "" : GAP).append(padded(cell, widths[columns.get(i)], side));
            }
            out.println(text.toString().stripTrailing());
        }
    }

    private static String padded(String cell, int width, Side side) {
        String room = " ".repeat(Math.max(0, width - cell.length()));
        return side == Side.LEFT ? cell + room : room + cell;
    }
}
