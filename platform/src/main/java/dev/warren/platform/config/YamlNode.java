package dev.warren.platform.config;

import java.util.List;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/** A value in a YAML file, and the line that it (or its key) stands on, counted from 1. */
sealed interface YamlNode {
    int line();

    /** What a value without parts is, as YAML reads it when it is not quoted. */
    enum Kind {
        TEXT,
        WHOLE,
        NUMBER,
        TRUTH,
        NOTHING
    }

    /**
     * A value without parts.
     *
     * @param text as it stands in the file, without quotes: 010 stays 010
     */
    record Scalar(String text, Kind kind, int line) implements YamlNode {
        @Override
        public String toString() {
            return kind == Kind.TEXT ? "\"" + text + "\"" : kind == Kind.NOTHING ? "nothing" : text;
        }
    }

    /** A list. */
    record Items(List<YamlNode> items, int line) implements YamlNode {
        @Override
        public String toString() {
            return items.stream().map(YamlNode::toString).collect(Collectors.joining(",", "[", "]"));
        }
    }

    /** A map, in the file's order. */
    record Keys(SequencedMap<String, YamlNode> keys, int line) implements YamlNode {
        @Override
        public String toString() {
            return keys.entrySet().stream()
                    .map(entry -> entry.getKey() + ": " + entry.getValue())
                    .collect(Collectors.joining(", ", "{", "}"));
        }
    }
}
