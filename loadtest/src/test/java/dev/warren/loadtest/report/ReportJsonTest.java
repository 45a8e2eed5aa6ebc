package dev.warren.loadtest.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.loadtest.measure.Better;
import dev.warren.loadtest.measure.Report;
import dev.warren.loadtest.measure.Result;
import dev.warren.loadtest.measure.Unit;
import dev.warren.platform.config.UserError;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class ReportJsonTest {
    @Test
    void shouldReadBackWhatItWrote() {
        Report report = Reports.of(
                List.of(
                        Reports.relay("ours", 912e3),
                        Reports.builder("derper", 496e3)
                                .unclean("busy")
                                .note("a note")
                                .build()),
                List.of(Reports.comparison("20 pairs", 1.84), Reports.refused("200 pairs")));

        assertEquals(report, ReportJson.read("x.json", ReportJson.write(report)));
    }

    @Test
    void shouldReadBackAnEmptyReport() {
        Report report = Reports.of(List.of(), List.of());

        assertEquals(report, ReportJson.read("x.json", ReportJson.write(report)));
    }

    @Test
    void shouldReadBackNamesWithAnyCharacters() {
        Report report = Reports.of(List.of(Reports.relay(Reports.HOSTILE, 1e3)), List.of());

        assertEquals(report, ReportJson.read("x.json", ReportJson.write(report)));
    }

    @Test
    void shouldWriteNoNumberAsNullAndReadItAsNoNumber() {
        Result result = Result.builder("stun", "s")
                .figure("loss", Double.NaN, Unit.PERCENT, Better.LOWER)
                .figure("gain", Double.POSITIVE_INFINITY, Unit.COUNT, Better.HIGHER)
                .build();

        String json = ReportJson.write(Reports.of(List.of(result), List.of()));

        assertTrue(json.contains("\"value\" : null"), json);
        Report back = ReportJson.read("x.json", json);
        assertEquals(Double.NaN, back.results().getFirst().figures().getFirst().value());
        assertEquals(Double.NaN, back.results().getFirst().figures().getLast().value());
    }

    /** The names that a reader of the file relies on: a change here is a new schema version. */
    @Test
    void shouldKeepItsFieldNames() {
        Result result = Result.builder("relay", "ours")
                .setting("pairs", 20)
                .figure("delivered", 912000, Unit.PACKETS_PER_SECOND, Better.HIGHER)
                .note("n")
                .unclean("u")
                .build();

        String json = ReportJson.write(Reports.of(List.of(result), List.of()));

        assertEquals(
                """
                {
                  "schema" : 1,
                  "title" : "Relay under load",
                  "command" : "warren loadtest relay --target <ours> --seconds 20",
                  "at" : "2026-11-22T06:37:12Z",
                  "machine" : {
                    "cpu" : "Abacus 3",
                    "cores" : 2,
                    "memoryBytes" : 8589934592,
                    "kernel" : "6.18.0",
                    "java" : "25.0.1",
                    "fileLimit" : 20000
                  },
                  "results" : [ {
                    "kind" : "relay",
                    "subject" : "ours",
                    "settings" : {
                      "pairs" : "20"
                    },
                    "figures" : [ {
                      "name" : "delivered",
                      "value" : 912000.0,
                      "unit" : "PACKETS_PER_SECOND",
                      "better" : "HIGHER"
                    } ],
                    "curves" : [ ],
                    "timelines" : [ ],
                    "notes" : [ "n" ],
                    "unclean" : [ "u" ]
                  } ],
                  "comparisons" : [ ]
                }
                """,
                json);
    }

    @Test
    void shouldKeepTheFieldNamesOfCurvesTimelinesAndRatios() {
        String json = ReportJson.write(
                Reports.of(List.of(Reports.relay("ours", 1e3)), List.of(Reports.comparison("20 pairs", 2))));

        for (String name : List.of(
                "count",
                "points",
                "percentile",
                "nanos",
                "perInterval",
                "intervalSeconds",
                "a",
                "b",
                "rows",
                "refused",
                "figure",
                "median",
                "low",
                "high",
                "note")) {
            assertTrue(json.contains("\"" + name + "\" : "), name);
        }
    }

    @Test
    void shouldIgnoreFieldsOfALaterProgram() {
        Report report = Reports.of(List.of(Reports.relay("ours", 1e3)), List.of());
        String json = ReportJson.write(report).replace("\"kind\"", "\"mood\" : \"fair\", \"kind\"");

        assertEquals(report, ReportJson.read("x.json", json));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "| x.json is no report of a load test",
                "not json | x.json is not JSON: Unrecognized token 'not'",
                "{\"schema\": 1 | x.json is not JSON: Unexpected end-of-input",
                "{} | x.json is no report of a load test: it has no number in \"schema\"",
                "[] | x.json is no report of a load test",
                "{\"schema\": \"one\"} | x.json is no report of a load test",
                "{\"schema\": 2} | x.json has version 2 of the report format and this program reads version 1",
                "{\"schema\": 1} | x.json is no whole report: it has no \"title\"",
                "{\"schema\": 1, \"title\": [1]} | x.json is no whole report: "
            })
    void shouldSayInOneSentenceWhyAFileIsNoReport(String json, String sentence) {
        UserError error = assertThrows(UserError.class, () -> ReportJson.read("x.json", json == null ? "" : json));

        String message = String.valueOf(error.getMessage());
        assertTrue(message.startsWith(sentence), message);
        assertEquals(1, message.lines().count(), message);
    }

    @ParameterizedTest
    @CsvSource({"2026-11-22T06:37:12Z, yesterday", "PACKETS_PER_SECOND, FURLONGS", "912000.0, []"})
    void shouldRefuseAWrongValue(String right, String wrong) {
        String json = ReportJson.write(Reports.of(List.of(Reports.relay("ours", 912e3)), List.of()));

        UserError error = assertThrows(UserError.class, () -> ReportJson.read("x.json", json.replace(right, wrong)));

        assertTrue(String.valueOf(error.getMessage()).startsWith("x.json is no whole report: "), error.getMessage());
    }
}
