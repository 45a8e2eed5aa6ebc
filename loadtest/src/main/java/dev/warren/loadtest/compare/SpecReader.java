package dev.warren.loadtest.compare;

import dev.warren.loadtest.compare.ComparisonSpec.Load;
import dev.warren.loadtest.compare.Subject.ServerPlan;
import dev.warren.platform.config.UserError;
import dev.warren.platform.config.YamlMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads spec files. Unknown keys, missing keys and wrong types are one sentence that names the key and the file. */
final class SpecReader {
    private static final Pattern DURATION = Pattern.compile("\\d+(\\.\\d+)?(ms|s|m)");
    private static final Pattern PERCENT = Pattern.compile("(\\d+(?:\\.\\d+)?) ?%");

    private SpecReader() {}

    /** Reads a spec from {@code text}, the content of {@code file}. */
    static ComparisonSpec read(String file, String text) {
        YamlMap root = YamlMap.parse(file, text)
                .only(
                        "title",
                        "workload",
                        "subjects",
                        "cores",
                        "settings",
                        "matrix",
                        "cells",
                        "practice",
                        "rounds",
                        "duration",
                        "warmup",
                        "fresh",
                        "allow-loss",
                        "retries");
        Load load = load(root);
        YamlMap subjects = root.map("subjects").only("a", "b");
        Subject a = subject(subjects.map("a"), load);
        Subject b = subject(subjects.map("b"), load);
        if (a.name().equals(b.name())) {
            throw subjects.map("b").mustBe("name", "another name than the first subject's");
        }
        return new ComparisonSpec(
                new ComparisonSpec.Source(file, root.text("title"), load),
                a,
                b,
                cores(root),
                root.settings("settings"),
                Cell.product(cells(root), root.lists("matrix")),
                plan(root));
    }

    /** Whether {@code text} is a duration as specs and workloads write it: {@code 500ms}, {@code 5s}, {@code 1m}. */
    static boolean isDuration(String text) {
        return DURATION.matcher(text).matches();
    }

    private static Load load(YamlMap root) {
        String word = root.text("workload");
        return Arrays.stream(Load.values())
                .filter(load -> load.word().equals(word))
                .findFirst()
                .orElseThrow(() -> root.mustBe(
                        "workload", Arrays.stream(Load.values()).map(Load::word).collect(Collectors.joining(" or "))));
    }

    private static Subject subject(YamlMap map, Load load) {
        SequencedMap<String, String> settings = map.settings("settings");
        if (load == Load.TUNNEL) {
            map.only("name", "settings");
            return new Subject(map.text("name"), null, settings);
        }
        map.only("name", "prepare", "start", "target", "ready", "environment", "settings");
        List<String> start = map.texts("start");
        if (start.isEmpty()) {
            throw map.mustBe("start", "the list of a program and its arguments");
        }
        Readiness ready = Readiness.parse(map.text("ready"))
                .orElseThrow(() -> map.mustBe("ready", "\"tcp {port}\" or \"udp-stun {port}\""));
        if (load.wantsOwnNetwork()) {
            if (ready.kind() != Readiness.Kind.TCP) {
                throw map.mustBe("ready", "\"tcp {port}\", as the server is in a network of its own");
            }
            ready = ready.inOwnNetwork();
        }
        ServerPlan server =
                new ServerPlan(map.texts("prepare"), start, map.text("target"), ready, map.settings("environment"));
        return new Subject(map.text("name"), server, settings);
    }

    private static CorePlan cores(YamlMap root) {
        if (!root.has("cores")) {
            return CorePlan.UNPINNED;
        }
        YamlMap map = root.map("cores").only("server", "load");
        return new CorePlan(coreList(map, "server"), coreList(map, "load"));
    }

    private static @Nullable String coreList(YamlMap map, String key) {
        Optional<String> list = map.optionalText(key);
        try {
            list.ifPresent(CorePlan::numbers);
        } catch (IllegalArgumentException noList) {
            throw map.mustBe(key, "a list of cores such as \"0\" or \"0,2-3\"");
        }
        return list.orElse(null);
    }

    private static List<Cell> cells(YamlMap root) {
        List<Cell> cells = new ArrayList<>();
        for (YamlMap map : root.maps("cells")) {
            SequencedMap<String, String> settings = map.settings();
            String name = settings.remove("name");
            cells.add(name == null ? Cell.named(settings) : new Cell(name, settings));
        }
        return cells;
    }

    private static Plan plan(YamlMap root) {
        return new Plan(
                root.whole("practice", 0, 0),
                root.whole("rounds", 1, 5),
                duration(root, "duration", "5s"),
                duration(root, "warmup", "2s"),
                root.flag("fresh", false),
                percent(root, "allow-loss", 1),
                root.whole("retries", 0, 2));
    }

    private static String duration(YamlMap root, String key, String otherwise) {
        String text = root.optionalText(key).orElse(otherwise);
        if (!isDuration(text)) {
            throw root.mustBe(key, "a duration such as 5s or 500ms");
        }
        return text;
    }

    private static double percent(YamlMap root, String key, double otherwise) {
        Optional<String> text = root.optionalText(key);
        if (text.isEmpty()) {
            return otherwise;
        }
        var match = PERCENT.matcher(text.get());
        if (!match.matches()) {
            throw root.mustBe(key, "a percentage such as 1%");
        }
        return Double.parseDouble(match.group(1));
    }

    /** Keeps the cells whose name contains {@code pattern}, where {@code *} stands for anything. */
    static List<Cell> only(List<Cell> cells, String pattern) {
        String[] parts = pattern.split("\\*", -1);
        Pattern wanted = Pattern.compile(
                Arrays.stream(parts).map(Pattern::quote).collect(Collectors.joining(".*")), Pattern.CASE_INSENSITIVE);
        List<Cell> kept = cells.stream()
                .filter(cell -> wanted.matcher(cell.name()).find())
                .toList();
        if (kept.isEmpty()) {
            throw new UserError("--only " + pattern + " fits no cell; there are "
                    + cells.stream().map(Cell::name).collect(Collectors.joining("; ")));
        }
        return kept;
    }
}
