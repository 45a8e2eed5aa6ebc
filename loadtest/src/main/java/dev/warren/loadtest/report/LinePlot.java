package dev.warren.loadtest.report;

import java.util.List;
import java.util.Locale;

/**
 * Lines over two axes. The drawing stretches with the page while its labels keep their size, so that one drawing is
 * legible on a desk and on a phone: lines are SVG in a box of 1000 by 1000, labels are text placed by per cent.
 *
 * @param title what is shown
 * @param explanation what the axes are, in words
 * @param x the axis to the right
 * @param y the axis upwards
 * @param lines what is drawn, the first on top
 */
record LinePlot(String title, String explanation, Axis x, Axis y, List<Line> lines) {
    /** As many colours as the page's style has. */
    static final int COLOURS = 8;

    private static final int SIDE = 1000;
    private static final int MARKS = 4;
    /** More lines than this are drawn thinner. */
    private static final int FEW = 4;

    /**
     * One line.
     *
     * @param label for the legend; lines of the same label share an entry
     * @param colour which colour and which kind of mark
     * @param points what it goes through
     * @param marks where it is marked
     */
    record Line(String label, int colour, List<Point> points, List<Point> marks) {
        Line {
            points = List.copyOf(points);
            marks = List.copyOf(marks);
        }
    }

    /** A place in the units of the axes. */
    record Point(double x, double y) {}

    LinePlot {
        lines = List.copyOf(lines);
    }

    /** Writes the figure with its title, legend and axes. */
    void write(Markup page) {
        page.open("figure", "class", lines.size() > FEW ? "plot many" : "plot");
        page.open("figcaption");
        page.element("b", title).text(" ").element("span", explanation);
        page.close("figcaption");
        legend(page);
        page.open("div", "class", "frame");
        page.open("div", "class", "ylabels", "aria-hidden", "true");
        for (Axis.Tick tick : y.ticks()) {
            page.element("span", tick.label(), "style", "top:" + Markup.percent(1 - y.at(tick)));
        }
        page.close("div");
        page.open("div", "class", "area");
        drawing(page);
        lines.reversed().forEach(line -> marks(page, line));
        page.close("div");
        page.open("div", "class", "xlabels", "aria-hidden", "true");
        for (Axis.Tick tick : x.ticks()) {
            String kind = tick.minor() ? "minor" : "major";
            page.element("span", tick.label(), "class", kind, "style", "left:" + Markup.percent(x.at(tick)));
        }
        page.close("div").close("div").close("figure");
    }

    private void legend(Markup page) {
        page.open("ul", "class", "legend");
        for (String label : lines.stream().map(Line::label).distinct().toList()) {
            List<Line> same =
                    lines.stream().filter(line -> line.label().equals(label)).toList();
            String times = same.size() > 1 ? label + " (" + same.size() + " runs)" : label;
            page.open("li");
            page.open("i", "class", "swatch " + colour(same.getFirst()))
                    .element("i", "", "class", mark(same.getFirst()))
                    .verbatim("</i>");
            page.element("span", times).close("li");
        }
        page.close("ul");
    }

    private void drawing(Markup page) {
        String box = "0 0 " + SIDE + " " + SIDE;
        page.open("svg", "viewBox", box, "preserveAspectRatio", "none", "role", "img", "aria-label", title);
        StringBuilder grid = new StringBuilder();
        for (Axis.Tick tick : y.ticks()) {
            grid.append("M0 ").append(down(tick.value())).append("H").append(SIDE);
        }
        for (Axis.Tick tick : x.ticks()) {
            grid.append("M").append(right(tick.value())).append(" 0V").append(SIDE);
        }
        page.empty("path", "class", "grid", "d", grid.toString());
        for (Line line : lines.reversed()) {
            page.empty("path", "class", "line " + colour(line), "d", path(line.points()));
        }
        page.close("svg");
    }

    private String path(List<Point> points) {
        StringBuilder path = new StringBuilder();
        boolean drawing = false;
        for (Point point : points) {
            boolean there = Double.isFinite(point.x()) && Double.isFinite(point.y());
            if (there) {
                path.append(drawing ? 'L' : 'M')
                        .append(right(point.x()))
                        .append(' ')
                        .append(down(point.y()));
            }
            drawing = there;
        }
        return path.toString();
    }

    private void marks(Markup page, Line line) {
        for (Point mark : line.marks()) {
            String place = "left:" + Markup.percent(x.at(mark.x())) + ";top:" + Markup.percent(1 - y.at(mark.y()));
            page.element("i", "", "class", mark(line) + " " + colour(line), "style", place);
        }
    }

    private String right(double value) {
        return number(x.at(value));
    }

    private String down(double value) {
        return number(1 - y.at(value));
    }

    private static String number(double share) {
        return String.format(Locale.ROOT, "%.1f", share * SIDE);
    }

    private static String colour(Line line) {
        return "c" + line.colour() % COLOURS;
    }

    private static String mark(Line line) {
        return "mark m" + (line.colour() + line.colour() / COLOURS) % MARKS;
    }
}
