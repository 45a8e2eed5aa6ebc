package dev.warren.loadtest.measure;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * What one run found.
 *
 * @param kind what was driven: {@code relay}, {@code stun} or {@code tunnel}
 * @param subject who was driven: a target or an implementation
 * @param settings what was asked of it, in the order to be shown
 * @param notes what a reader should know beside the figures
 * @param unclean why the run must not be compared with another, one sentence each; empty when it may
 */
public record Result(
        String kind,
        String subject,
        SequencedMap<String, String> settings,
        List<Figure> figures,
        List<LatencyCurve> curves,
        List<Timeline> timelines,
        List<String> notes,
        List<String> unclean) {

    public Result {
        settings = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(settings));
        figures = List.copyOf(figures);
        curves = List.copyOf(curves);
        timelines = List.copyOf(timelines);
        notes = List.copyOf(notes);
        unclean = List.copyOf(unclean);
    }

    /** The figure of that name, if the run found it. */
    public Optional<Figure> figure(String name) {
        return figures.stream().filter(figure -> figure.name().equals(name)).findFirst();
    }

    /** Whether the run may be compared. */
    public boolean isClean() {
        return unclean.isEmpty();
    }

    /** A result to be put together. */
    public static Builder builder(String kind, String subject) {
        return new Builder(kind, subject);
    }

    /** Collects the parts of a result; not for several threads. */
    public static final class Builder {
        private final String kind;
        private final String subject;
        private final SequencedMap<String, String> settings = new LinkedHashMap<>();
        private final List<Figure> figures = new ArrayList<>();
        private final List<LatencyCurve> curves = new ArrayList<>();
        private final List<Timeline> timelines = new ArrayList<>();
        private final List<String> notes = new ArrayList<>();
        private final List<String> unclean = new ArrayList<>();

        private Builder(String kind, String subject) {
            this.kind = kind;
            this.subject = subject;
        }

        /** Adds what was asked of the run. */
        public Builder setting(String name, Object value) {
            settings.put(name, String.valueOf(value));
            return this;
        }

        /** Adds a figure. */
        public Builder figure(String name, double value, Unit unit, Better better) {
            return figure(new Figure(name, value, unit, better));
        }

        /** Adds a figure. */
        public Builder figure(Figure figure) {
            figures.add(figure);
            return this;
        }

        /** Adds figures, in order. */
        public Builder figures(List<Figure> more) {
            figures.addAll(more);
            return this;
        }

        /** Adds a latency curve. */
        public Builder curve(LatencyCurve curve) {
            curves.add(curve);
            return this;
        }

        /** Adds a quantity over time. */
        public Builder timeline(Timeline timeline) {
            timelines.add(timeline);
            return this;
        }

        /** Adds a sentence that a reader should know. */
        public Builder note(String sentence) {
            notes.add(sentence);
            return this;
        }

        /** Adds a reason why the run must not be compared. */
        public Builder unclean(String reason) {
            unclean.add(reason);
            return this;
        }

        /** Adds reasons why the run must not be compared. */
        public Builder unclean(List<String> reasons) {
            unclean.addAll(reasons);
            return this;
        }

        /** The result. */
        public Result build() {
            return new Result(kind, subject, settings, figures, curves, timelines, notes, unclean);
        }
    }
}
