package dev.warren.loadtest.report;

import dev.warren.loadtest.measure.Result;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Results that are shown side by side.
 *
 * @param title what was driven, and with what if there are several groups of it
 * @param common settings that all results share
 * @param differing names of the settings that they don't
 * @param results at least one
 */
record ResultGroup(String title, SequencedMap<String, String> common, List<String> differing, List<Result> results) {
    /** Settings that say where a result is from; they never part results. */
    static final Set<String> ORIGIN = Set.of("file", "machine");

    /** As many results of a kind stand side by side whatever their settings. */
    private static final int SIDE_BY_SIDE = 6;

    private static final int NAMED_ONE_BY_ONE = 2;

    /** The results in groups: those of one kind together, or when they are many those of one kind under one load. */
    static List<ResultGroup> of(Collection<Result> results) {
        List<ResultGroup> groups = new ArrayList<>();
        byKey(results, Result::kind).forEach((kind, same) -> {
            if (same.size() <= SIDE_BY_SIDE) {
                groups.add(group(kind, same));
                return;
            }
            Set<String> load = loadSettings(same);
            byKey(same, result -> load(result, load))
                    .forEach((name, under) -> groups.add(group(name.isEmpty() ? kind : kind + ": " + name, under)));
        });
        return groups;
    }

    /** The results of each kind together, however many they are. */
    static List<ResultGroup> ofKinds(Collection<Result> results) {
        List<ResultGroup> groups = new ArrayList<>();
        byKey(results, Result::kind).forEach((kind, same) -> groups.add(group(kind, same)));
        return groups;
    }

    /** The title of each result's column: its subject, with a number if the subject was driven several times. */
    List<String> columns() {
        Map<String, Integer> times = new HashMap<>();
        results.forEach(result -> times.merge(result.subject(), 1, Integer::sum));
        Map<String, Integer> seen = new HashMap<>();
        return results.stream()
                .map(result -> {
                    int run = seen.merge(result.subject(), 1, Integer::sum);
                    boolean once = times.getOrDefault(result.subject(), 1) == 1;
                    return once ? result.subject() : result.subject() + " #" + run;
                })
                .toList();
    }

    /** The names of all figures, each after the one that it follows in the first result that has it. */
    List<String> figures() {
        List<String> names = new ArrayList<>();
        for (Result result : results) {
            int after = 0;
            for (var figure : result.figures()) {
                int place = names.indexOf(figure.name());
                if (place < 0) {
                    names.add(after, figure.name());
                    place = after;
                }
                after = place + 1;
            }
        }
        return names;
    }

    /** Each sentence with who it is about; what is true of all results about nobody. Those that are alike are one. */
    SequencedMap<String, String> sentences(Function<Result, List<String>> of) {
        Alike<Integer> alike = new Alike<>();
        for (int i = 0; i < results.size(); i++) {
            for (String sentence : new LinkedHashSet<>(of.apply(results.get(i)))) {
                alike.add(sentence, i);
            }
        }
        SequencedMap<String, String> sentences = new LinkedHashMap<>();
        alike.sentences().forEach((sentence, about) -> sentences.put(sentence, who(new TreeSet<>(about))));
        return sentences;
    }

    private String who(Set<Integer> about) {
        if (about.size() == results.size()) {
            return "";
        }
        List<String> columns = columns();
        Map<String, List<Integer>> bySubject = about.stream()
                .collect(Collectors.groupingBy(i -> results.get(i).subject(), LinkedHashMap::new, Collectors.toList()));
        List<String> names = new ArrayList<>();
        bySubject.forEach((subject, runs) -> {
            long all = results.stream()
                    .filter(result -> result.subject().equals(subject))
                    .count();
            if (runs.size() <= NAMED_ONE_BY_ONE) {
                runs.forEach(run -> names.add(columns.get(run)));
            } else {
                names.add(subject + (runs.size() == all ? " (" : " (" + runs.size() + " of ") + all + " runs)");
            }
        });
        return String.join(", ", names);
    }

    private static <T> Map<T, List<Result>> byKey(Collection<Result> results, Function<Result, T> key) {
        return results.stream().collect(Collectors.groupingBy(key, LinkedHashMap::new, Collectors.toList()));
    }

    private static ResultGroup group(String title, List<Result> results) {
        SequencedMap<String, String> common =
                new LinkedHashMap<>(results.getFirst().settings());
        Set<String> all = new LinkedHashSet<>();
        for (Result result : results) {
            common.entrySet().removeIf(setting -> !setting.getValue()
                    .equals(result.settings().get(setting.getKey())));
            all.addAll(result.settings().keySet());
        }
        all.removeAll(common.keySet());
        return new ResultGroup(title, common, List.copyOf(all), List.copyOf(results));
    }

    /**
     * The settings that tell loads apart: those that are not the same in all runs of one subject; only one if that is
     * enough.
     */
    private static Set<String> loadSettings(List<Result> results) {
        Set<String> differing = new LinkedHashSet<>();
        byKey(results, Result::subject)
                .values()
                .forEach(runs -> differing.addAll(group("", runs).differing()));
        // What differs in each single run, such as a port of the moment, is no load either.
        differing.removeIf(
                name -> ORIGIN.contains(name) || values(results, name).allMatch(new HashSet<>()::add));
        return differing.stream()
                .filter(name -> results.stream()
                                .map(result -> load(result, differing))
                                .distinct()
                                .count()
                        == values(results, name).distinct().count())
                .findFirst()
                .map(Set::of)
                .orElse(differing);
    }

    private static Stream<String> values(List<Result> results, String setting) {
        return results.stream().map(result -> result.settings().getOrDefault(setting, ""));
    }

    private static String load(Result result, Set<String> settings) {
        return settings.stream()
                .filter(result.settings()::containsKey)
                .map(name -> name + " " + result.settings().get(name))
                .collect(Collectors.joining(", "));
    }
}
