package dev.warren.loadtest.report;

import dev.warren.loadtest.measure.Comparison;
import dev.warren.loadtest.measure.RatioRow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Collectors;

/** The part of the page that shows who is faster. */
final class ComparisonSection {
    /** More comparisons of the same two than this are summed up, each in full behind its name. */
    private static final int IN_FULL = 3;

    private final List<Comparison> comparisons;

    private ComparisonSection(List<Comparison> comparisons) {
        this.comparisons = comparisons;
    }

    /** Sections for the comparisons, one for each two that are compared. */
    static List<ComparisonSection> of(List<Comparison> comparisons) {
        List<ComparisonSection> sections = new ArrayList<>();
        comparisons.stream()
                .collect(Collectors.groupingBy(
                        comparison -> List.of(comparison.a(), comparison.b()), LinkedHashMap::new, Collectors.toList()))
                .values()
                .forEach(same -> sections.add(new ComparisonSection(same)));
        return sections;
    }

    /** Writes the section. */
    void write(Markup page) {
        Comparison first = comparisons.getFirst();
        page.open("section").element("h2", first.a() + " beside " + first.b());
        page.open("p", "class", "how")
                .text("Ratios are ")
                .element("b", first.a() + " / " + first.b())
                .text(", run in turn, pair by pair: the bar ends at the median of the pairs, the whiskers at the least"
                        + " and the greatest. Better and worse are said of " + first.a() + ".")
                .close("p");
        if (comparisons.size() <= IN_FULL) {
            for (Comparison comparison : comparisons) {
                page.element("h3", comparison.name());
                full(page, comparison);
            }
        } else {
            overview(page);
            KeyFigures.of(comparisons)
                    .forEach(figure -> RatioBars.of(figure, comparisons).write(page));
            for (Comparison comparison : comparisons) {
                page.open("details").element("summary", comparison.name());
                full(page, comparison);
                page.close("details");
            }
        }
        page.close("section");
    }

    private void overview(Markup page) {
        List<String> figures = KeyFigures.of(comparisons);
        page.open("div", "class", "scroll")
                .open("table", "class", "overview")
                .open("thead")
                .open("tr");
        page.element("th", "load");
        figures.forEach(figure -> page.element("th", figure, "scope", "col"));
        page.close("tr").close("thead").open("tbody");
        for (Comparison comparison : comparisons) {
            page.open("tr").element("th", comparison.name(), "scope", "row");
            if (comparison.refused().isEmpty()) {
                figures.forEach(figure -> cell(page, comparison, figure));
            } else {
                String columns = String.valueOf(Math.max(1, figures.size()));
                page.open("td", "class", "words why", "colspan", columns);
                page.text(Ratios.refusal(comparison)).close("td");
            }
            page.close("tr");
        }
        page.close("tbody").close("table").close("div");
    }

    private static void cell(Markup page, Comparison comparison, String figure) {
        KeyFigures.row(comparison, figure)
                .filter(row -> Ratios.isShown(comparison, row))
                .ifPresentOrElse(row -> cell(page, row), () -> page.element("td", "no ratio", "class", "words"));
    }

    private static void cell(Markup page, RatioRow row) {
        page.open("td", "class", "words " + Verdict.of(row).style());
        RatioBars.verdict(page, row);
        page.close("td");
    }

    private static void full(Markup page, Comparison comparison) {
        if (!comparison.refused().isEmpty()) {
            page.open("div", "class", "refused").element("b", "No ratio").open("ul", "class", "sentences");
            Alike.of(comparison.refused()).forEach(reason -> page.element("li", reason));
            page.close("ul").close("div");
        }
        if (comparison.rows().isEmpty()) {
            return;
        }
        RatioBars.of(comparison).write(page);
        page.open("div", "class", "scroll")
                .open("table")
                .open("thead")
                .open("tr")
                .element("th", "medians");
        for (String title : List.of(comparison.a(), comparison.b(), "ratio", "least", "greatest", "pairs", "")) {
            page.element("th", title, "scope", "col");
        }
        page.close("tr").close("thead").open("tbody");
        comparison.rows().forEach(row -> row(page, comparison, row));
        page.close("tbody").close("table").close("div");
    }

    private static void row(Markup page, Comparison comparison, RatioRow row) {
        boolean shown = Ratios.isShown(comparison, row);
        page.open("tr").element("th", row.figure(), "scope", "row");
        page.element("td", ReportPage.pretty(Ratios.median(row, row.a())));
        page.element("td", ReportPage.pretty(Ratios.median(row, row.b())));
        page.element("td", shown ? Ratios.median(row) : "–");
        page.element("td", shown ? Ratios.text(row.low()) : "–");
        page.element("td", shown ? Ratios.text(row.high()) : "–");
        page.element("td", String.valueOf(Math.min(row.a().size(), row.b().size())));
        page.element("td", shown ? Ratios.verdict(row) : "no ratio", "class", "words");
        page.close("tr");
    }
}
