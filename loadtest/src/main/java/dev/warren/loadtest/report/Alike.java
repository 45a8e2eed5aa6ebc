package dev.warren.loadtest.report;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sentences of which those that differ in nothing but numbers are one, with the numbers' ranges: ten runs that say how
 * busy the machine was need one line.
 *
 * @param <T> who sentences are about
 */
final class Alike<T> {
    /** Not the parts of addresses, ports, versions and names. */
    private static final Pattern NUMBER =
            Pattern.compile("(?<![\\w.,:-])\\d{1,3}(?:(?:,\\d{3})+|\\d{0,12})(?:\\.\\d{1,12})?(?![\\w-]|[.,:]\\w)");

    private static final Comparator<String> BY_VALUE =
            Comparator.comparing(number -> new BigDecimal(number.replace(",", "")));
    private static final String PLACE = "\0";

    private final SequencedMap<String, Said<T>> byPattern = new LinkedHashMap<>();

    /** What was said in one pattern: the numbers of each sentence, and who it is about. */
    private record Said<T>(List<List<String>> numbers, List<T> about) {
        Said() {
            this(new ArrayList<>(), new ArrayList<>());
        }
    }

    /** Adds a sentence and who it is about. */
    void add(String sentence, T about) {
        String clean = sentence.replace(PLACE, " ");
        Said<T> said = byPattern.computeIfAbsent(NUMBER.matcher(clean).replaceAll(PLACE), _ -> new Said<>());
        said.numbers()
                .add(NUMBER.matcher(clean).results().map(MatchResult::group).toList());
        said.about().add(about);
    }

    /** The sentences in the order of their first appearance, each with all that it is about. */
    SequencedMap<String, List<T>> sentences() {
        SequencedMap<String, List<T>> sentences = new LinkedHashMap<>();
        byPattern.forEach((pattern, said) -> sentences.put(withRanges(pattern, said.numbers()), said.about()));
        return sentences;
    }

    /** The given sentences, those that are alike as one. */
    static List<String> of(List<String> sentences) {
        Alike<String> alike = new Alike<>();
        sentences.forEach(sentence -> alike.add(sentence, sentence));
        return List.copyOf(alike.sentences().keySet());
    }

    private static String withRanges(String pattern, List<List<String>> numbers) {
        StringBuilder text = new StringBuilder();
        Matcher places = Pattern.compile(PLACE).matcher(pattern);
        for (int i = 0; places.find(); i++) {
            int place = i;
            List<String> values = numbers.stream()
                    .map(each -> each.get(place))
                    .sorted(BY_VALUE)
                    .toList();
            String low = values.getFirst();
            String high = values.getLast();
            places.appendReplacement(text, low.equals(high) ? low : low + " to " + high);
        }
        places.appendTail(text);
        return text.toString();
    }
}
