package dev.warren.loadtest.report;

import dev.warren.loadtest.measure.Report;
import dev.warren.loadtest.measure.Result;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;

/**
 * A report as one HTML page that needs nothing else: no script, no font, no picture from anywhere. Light or dark as the
 * reader's system is, from 360 pixels wide.
 */
public final class ReportPage {
    /** Fewer groups of results than this are shown unfolded. */
    private static final int UNFOLDED = 4;

    private final Report report;
    private final List<ResultGroup> groups;
    private final Markup page = new Markup();

    private ReportPage(Report report) {
        this.report = report;
        this.groups = ResultGroup.of(report.results());
    }

    /** The whole page. */
    public static String html(Report report) {
        return new ReportPage(report).html();
    }

    /** A formatted value with the signs that a terminal may not have. */
    static String pretty(String value) {
        return value.replace(" us", " µs").replaceAll("(?<=\\d)-(?=\\d)", "–").replaceAll("^-$", "–");
    }

    /** A list of sentences beneath a heading, each with who it is about; nothing if there are none. */
    static void sentences(Markup page, String heading, SequencedMap<String, String> sentences) {
        if (sentences.isEmpty()) {
            return;
        }
        page.element("h4", heading).open("ul", "class", "sentences");
        sentences.forEach((sentence, who) -> {
            page.open("li");
            if (!who.isEmpty()) {
                page.element("b", who + ": ");
            }
            page.text(sentence).close("li");
        });
        page.close("ul");
    }

    private String html() {
        page.verbatim("<!DOCTYPE html>\n").open("html", "lang", "en").open("head");
        page.empty("meta", "charset", "utf-8");
        page.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
        page.empty("meta", "name", "color-scheme", "content", "light dark");
        page.element("title", report.title());
        page.open("style")
                .verbatim(style())
                .close("style")
                .close("head")
                .open("body")
                .open("main");
        header();
        unclean();
        ComparisonSection.of(report.comparisons()).forEach(section -> section.write(page));
        results();
        page.close("main").close("body").close("html");
        return page.toString();
    }

    private void header() {
        page.open("header").element("h1", report.title());
        page.element(
                "p", ReportTable.time(report.at()) + " · " + report.machine().text());
        command();
        page.close("header");
        if (report.results().isEmpty() && report.comparisons().isEmpty()) {
            page.element("p", "Nothing was measured.");
        }
    }

    /** Each argument in a box of its own: a line may end between two, not after the hyphens of an option. */
    private void command() {
        page.open("pre");
        for (String line : report.command().lines().toList()) {
            for (String word : line.split(" ", -1)) {
                page.element("span", word).text(" ");
            }
            page.text("\n");
        }
        page.close("pre");
    }

    private void unclean() {
        long unclean =
                report.results().stream().filter(result -> !result.isClean()).count();
        if (unclean == 0) {
            return;
        }
        page.open("aside");
        page.element("h2", unclean + " of " + report.results().size() + " runs not clean, not to be compared");
        for (ResultGroup kind : ResultGroup.ofKinds(report.results())) {
            sentences(page, kind.title(), kind.sentences(Result::unclean));
        }
        page.close("aside");
    }

    private void results() {
        boolean folded = groups.size() >= UNFOLDED || (!report.comparisons().isEmpty() && groups.size() > 1);
        if (folded) {
            page.open("section").element("h2", "Every run");
        }
        for (ResultGroup group : groups) {
            page.open(folded ? "details" : "section");
            page.element(folded ? "summary" : "h2", group.title(), "class", "kind");
            new ResultSection(group).write(page);
            page.close(folded ? "details" : "section");
        }
        if (folded) {
            page.close("section");
        }
    }

    private static String style() {
        try (InputStream in = Objects.requireNonNull(ReportPage.class.getResourceAsStream("page.css"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
