package dev.warren.loadtest.report;

import dev.warren.loadtest.measure.Better;
import dev.warren.loadtest.measure.Comparison;
import dev.warren.loadtest.measure.RatioRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Ratios as bars to the left and right of 1x on one logarithmic axis, with the spread of the pairs as whiskers. Every
 * row says in words whether A is better; the colour only repeats it.
 *
 * @param title what is compared; may be empty
 * @param explanation what the ratios are of
 * @param bars the rows, from the top
 */
record RatioBars(String title, String explanation, List<Bar> bars) {
    private static final int WIDTH = 1000;
    private static final int HEIGHT = 26;

    /**
     * One row.
     *
     * @param label what it is
     * @param hint which way is better, if the rows differ in that
     * @param comparison what the row belongs to
     * @param row the ratio, if there was anything to divide
     */
    record Bar(String label, String hint, Comparison comparison, Optional<RatioRow> row) {
        boolean isShown() {
            return row.isPresent() && Ratios.isShown(comparison, row.get());
        }

        String reason() {
            if (!comparison.refused().isEmpty()) {
                return Ratios.refusal(comparison);
            }
            String note = row.map(RatioRow::note).orElse("");
            return "no ratio: " + (note.isEmpty() ? "one side has no figure" : note);
        }
    }

    RatioBars {
        bars = List.copyOf(bars);
    }

    /** The rows of one comparison. */
    static RatioBars of(Comparison comparison) {
        List<Bar> bars = new ArrayList<>();
        comparison
                .rows()
                .forEach(row -> bars.add(new Bar(row.figure(), direction(row.better()), comparison, Optional.of(row))));
        return new RatioBars("", "", bars);
    }

    /** One figure in each of several comparisons. */
    static RatioBars of(String figure, List<Comparison> comparisons) {
        List<Bar> bars = new ArrayList<>();
        comparisons.forEach(
                comparison -> bars.add(new Bar(comparison.name(), "", comparison, KeyFigures.row(comparison, figure))));
        Comparison first = comparisons.getFirst();
        String sides = first.a() + " / " + first.b();
        String way = comparisons.stream()
                .flatMap(comparison -> KeyFigures.row(comparison, figure).stream())
                .findFirst()
                .map(row -> direction(row.better()))
                .orElse("");
        return new RatioBars(figure, way.isEmpty() ? sides : sides + ", " + way, bars);
    }

    /** Writes the figure with its axis above and below. */
    void write(Markup page) {
        Axis axis = axis();
        page.open("figure", "class", "ratios");
        if (!title.isEmpty()) {
            page.open("figcaption")
                    .element("b", title)
                    .text(" ")
                    .element("span", explanation)
                    .close("figcaption");
        }
        ticks(page, axis);
        page.open("ul");
        bars.forEach(bar -> write(page, axis, bar));
        page.close("ul");
        if (bars.size() > 6) {
            ticks(page, axis);
        }
        page.close("figure");
    }

    /** Which way is better, in words; empty when neither is. */
    static String direction(Better better) {
        return switch (better) {
            case HIGHER -> "higher is better";
            case LOWER -> "lower is better";
            case NEITHER -> "";
        };
    }

    private Axis axis() {
        List<RatioRow> rows = bars.stream()
                .filter(Bar::isShown)
                .flatMap(bar -> bar.row().stream())
                .toList();
        return Axes.ratios(
                rows.stream()
                        .mapToDouble(RatioRow::low)
                        .filter(RatioBars::isDrawable)
                        .min()
                        .orElse(1),
                rows.stream()
                        .mapToDouble(RatioRow::high)
                        .filter(RatioBars::isDrawable)
                        .max()
                        .orElse(1));
    }

    private static boolean isDrawable(double ratio) {
        return ratio > 0 && Double.isFinite(ratio);
    }

    private static void ticks(Markup page, Axis axis) {
        page.open("div", "class", "ticks", "aria-hidden", "true").open("div");
        for (Axis.Tick tick : axis.ticks()) {
            String kind = tick.minor() ? "minor" : "major";
            page.element("span", tick.label(), "class", kind, "style", "left:" + Markup.percent(axis.at(tick)));
        }
        page.close("div").close("div");
    }

    private static void write(Markup page, Axis axis, Bar bar) {
        Verdict verdict = bar.isShown() ? Verdict.of(bar.row().orElseThrow()) : Verdict.NONE;
        page.open("li", "class", verdict.style());
        page.open("div", "class", "what").element("b", bar.label());
        if (!bar.hint().isEmpty()) {
            page.element("small", bar.hint());
        }
        page.close("div");
        page.open("div", "class", "track");
        track(page, axis, bar);
        page.close("div");
        page.open("div", "class", "value");
        if (bar.isShown()) {
            value(page, bar.row().orElseThrow());
        } else {
            page.element("small", bar.reason());
        }
        page.close("div").close("li");
    }

    private static void value(Markup page, RatioRow row) {
        page.open("span");
        verdict(page, row);
        page.close("span");
        String values = Ratios.median(row, row.a()) + " against " + Ratios.median(row, row.b());
        page.element("small", ReportPage.pretty(Ratios.spread(row) + "; " + values));
        if (!row.note().isEmpty()) {
            page.element("small", row.note());
        }
    }

    /** The ratio and whether it is good, within an element of the verdict's class. */
    static void verdict(Markup page, RatioRow row) {
        page.element("b", Ratios.median(row)).text(" ");
        page.element("span", Ratios.verdict(row), "class", "verdict");
    }

    private static void track(Markup page, Axis axis, Bar bar) {
        StringBuilder grid = new StringBuilder();
        axis.ticks().forEach(tick -> grid.append("M")
                .append(right(axis, tick.value()))
                .append(" 0V")
                .append(HEIGHT));
        drawing(page, "back");
        page.empty("path", "class", "grid", "d", grid.toString());
        page.empty("path", "class", "one", "d", "M" + right(axis, 1) + " 0V" + HEIGHT)
                .close("svg");
        if (bar.isShown()) {
            RatioRow row = bar.row().orElseThrow();
            double from = Math.min(axis.at(1), axis.at(row.median()));
            double to = Math.max(axis.at(1), axis.at(row.median()));
            drawing(page, "bar");
            page.empty("path", "class", "fill", "d", box(from, to));
            page.empty("path", "class", "whisker", "d", whisker(right(axis, row.low()), right(axis, row.high())));
            page.close("svg");
        }
    }

    private static void drawing(Markup page, String kind) {
        String box = "0 0 " + WIDTH + " " + HEIGHT;
        page.open("svg", "class", kind, "viewBox", box, "preserveAspectRatio", "none", "aria-hidden", "true");
    }

    private static String box(double from, double to) {
        return String.format(Locale.ROOT, "M%.1f 5H%.1fV21H%.1fZ", from * WIDTH, to * WIDTH, from * WIDTH);
    }

    private static String whisker(String low, String high) {
        return "M" + low + " 13H" + high + "M" + low + " 9V17M" + high + " 9V17";
    }

    private static String right(Axis axis, double value) {
        return String.format(Locale.ROOT, "%.1f", axis.at(value) * WIDTH);
    }
}
