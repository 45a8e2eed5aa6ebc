package dev.warren.loadtest.report;

import dev.warren.loadtest.measure.Figure;
import dev.warren.loadtest.measure.LatencyCurve;
import dev.warren.loadtest.measure.Result;
import dev.warren.loadtest.measure.Timeline;
import dev.warren.loadtest.measure.Unit;
import dev.warren.loadtest.report.LinePlot.Line;
import dev.warren.loadtest.report.LinePlot.Point;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** The part of the page that shows results side by side: plots first, the numbers below. */
final class ResultSection {
    private static final double[] MARKED = {50, 90, 99, 99.9, 99.99};
    /** So many columns of a table fit beside each other on a desk, if their titles are short. */
    private static final int COLUMNS = 6;

    private static final int COLUMNS_OF_LONG_TITLES = 4;
    private static final int LONG_TITLE = 16;

    private static final int MARKS_OF_A_TIMELINE = 6;

    private final ResultGroup group;
    private final List<String> subjects;

    ResultSection(ResultGroup group) {
        this.group = group;
        this.subjects = group.results().stream().map(Result::subject).distinct().toList();
    }

    /** Writes everything about the group but its title. */
    void write(Markup page) {
        if (!group.common().isEmpty()) {
            page.open("dl", "class", "settings");
            group.common().forEach((name, value) -> page.open("div")
                    .element("dt", name)
                    .element("dd", value)
                    .close("div"));
            page.close("dl");
        }
        plots(page);
        tables(page);
        ReportPage.sentences(page, "Not clean, not to be compared", group.sentences(Result::unclean));
        ReportPage.sentences(page, "Notes", group.sentences(Result::notes));
    }

    private void plots(Markup page) {
        boolean alone = group.results().size() == 1;
        for (List<Curve> together : together(alone ? _ -> "" : LatencyCurve::name)) {
            latencyPlot(alone ? "Latency" : together.getFirst().curve().name(), together)
                    .write(page);
        }
        List<String> names = group.results().stream()
                .flatMap(result -> result.timelines().stream())
                .map(Timeline::name)
                .distinct()
                .toList();
        names.forEach(name -> timelinePlot(name).write(page));
    }

    /** A curve and how it is drawn. */
    private record Curve(LatencyCurve curve, String label, int colour) {}

    private List<List<Curve>> together(Function<LatencyCurve, String> key) {
        var plots = new LinkedHashMap<String, List<Curve>>();
        for (Result result : group.results()) {
            int colour = subjects.indexOf(result.subject());
            for (LatencyCurve curve : result.curves()) {
                List<Curve> plot = plots.computeIfAbsent(key.apply(curve), _ -> new ArrayList<>());
                boolean alone = group.results().size() == 1;
                if (!curve.points().isEmpty()) {
                    plot.add(new Curve(curve, alone ? curve.name() : result.subject(), alone ? plot.size() : colour));
                }
            }
        }
        return plots.values().stream().filter(plot -> !plot.isEmpty()).toList();
    }

    private static LinePlot latencyPlot(String title, List<Curve> curves) {
        long most =
                curves.stream().mapToLong(curve -> curve.curve().count()).max().orElse(1);
        Axis x = Axes.percentiles(most);
        List<LatencyCurve.Point> points = curves.stream()
                .flatMap(curve -> curve.curve().points().stream())
                .toList();
        Axis y = Axes.durations(
                points.stream().mapToDouble(LatencyCurve.Point::nanos).min().orElse(1),
                points.stream().mapToDouble(LatencyCurve.Point::nanos).max().orElse(1));
        Set<String> seen = new HashSet<>();
        List<Line> lines = curves.stream()
                .map(curve -> line(curve, x.to(), seen.add(curve.label())))
                .toList();
        return new LinePlot(title, "by percentile, on logarithmic axes", x, y, lines);
    }

    private static Line line(Curve curve, double furthest, boolean marked) {
        double end = Math.min(furthest, 100 - 100.0 / Math.max(1, curve.curve().count()));
        List<Point> points = curve.curve().points().stream()
                .map(point -> new Point(Math.min(point.percentile(), end), Math.max(1, point.nanos())))
                .toList();
        List<Point> marks = new ArrayList<>();
        for (double percentile : MARKED) {
            if (marked && percentile <= end) {
                marks.add(new Point(percentile, curve.curve().at(percentile)));
            }
        }
        return new Line(curve.label(), curve.colour(), points, marks);
    }

    private LinePlot timelinePlot(String name) {
        List<Line> lines = new ArrayList<>();
        List<Timeline> timelines = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (Result result : group.results()) {
            for (Timeline timeline : result.timelines()) {
                if (timeline.name().equals(name)) {
                    timelines.add(timeline);
                    lines.add(line(timeline, result.subject(), seen.add(result.subject())));
                }
            }
        }
        Unit unit = timelines.getFirst().unit();
        double end = timelines.stream()
                .mapToDouble(timeline -> timeline.perInterval().size() * timeline.intervalSeconds())
                .max()
                .orElse(0);
        double high =
                timelines.stream().mapToDouble(ResultSection::highest).max().orElse(0);
        String explanation = unit.symbol().isEmpty() ? "over time" : unit.symbol() + " over time";
        return new LinePlot(name, explanation, Axes.seconds(end), Axes.fromZero(high, unit), lines);
    }

    private Line line(Timeline timeline, String subject, boolean marked) {
        List<Point> points = new ArrayList<>();
        List<Point> marks = new ArrayList<>();
        int every = Math.max(1, timeline.perInterval().size() / MARKS_OF_A_TIMELINE);
        for (int i = 0; i < timeline.perInterval().size(); i++) {
            Point point = new Point(
                    (i + 0.5) * timeline.intervalSeconds(),
                    timeline.perInterval().get(i));
            points.add(point);
            if (marked && i % every == every / 2 && Double.isFinite(point.y())) {
                marks.add(point);
            }
        }
        return new Line(subject, subjects.indexOf(subject), points, marks);
    }

    private static double highest(Timeline timeline) {
        return timeline.perInterval().stream()
                .mapToDouble(Double::doubleValue)
                .filter(Double::isFinite)
                .max()
                .orElse(0);
    }

    private void tables(Markup page) {
        List<String> columns = group.columns();
        int most = columns.stream().anyMatch(title -> title.length() > LONG_TITLE) ? COLUMNS_OF_LONG_TITLES : COLUMNS;
        for (int from = 0; from < columns.size(); from += most) {
            int to = Math.min(columns.size(), from + most);
            table(page, columns.subList(from, to), group.results().subList(from, to));
        }
    }

    private void table(Markup page, List<String> columns, List<Result> results) {
        page.open("div", "class", "scroll")
                .open("table")
                .open("thead")
                .open("tr")
                .element("th", "");
        columns.forEach(column -> page.element("th", column, "scope", "col"));
        page.close("tr").close("thead").open("tbody");
        for (String name : group.differing()) {
            row(page, name, "setting", results, result -> result.settings().getOrDefault(name, "–"));
        }
        for (String name : group.figures()) {
            row(page, name, "figure", results, result -> result.figure(name)
                    .map(Figure::text)
                    .map(ReportPage::pretty)
                    .orElse("–"));
        }
        page.close("tbody").close("table").close("div");
    }

    private static void row(
            Markup page, String name, String kind, List<Result> results, Function<Result, String> cell) {
        page.open("tr", "class", kind).element("th", name, "scope", "row");
        results.forEach(result -> page.element("td", cell.apply(result)));
        page.close("tr");
    }
}
