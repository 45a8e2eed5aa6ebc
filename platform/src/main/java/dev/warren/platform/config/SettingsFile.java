package dev.warren.platform.config;

import dev.warren.platform.config.YamlNode.Keys;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** A configuration file: one flat map whose keys are the options' names without their dashes in front. */
record SettingsFile(String name, SequencedMap<String, YamlNode> keys) {
    /** Reads {@code path}; a file without keys is one that changes nothing. Throws {@link UserError}. */
    static SettingsFile read(Path path) {
        String name = path.toString();
        try {
            return switch (YamlReader.read(name, TextFile.read(path, "a YAML file"))
                    .orElse(null)) {
                case null -> new SettingsFile(name, new LinkedHashMap<>());
                case Keys map -> new SettingsFile(name, map.keys());
                case YamlNode other ->
                    throw new UserError(
                            name + ":" + other.line() + ": here must be lines such as \"listen: :443\", not " + other);
            };
        } catch (IOException unreadable) {
            throw new UserError(Sentences.describe(unreadable), unreadable);
        }
    }

    @Nullable
    YamlNode node(String key) {
        return keys.get(key);
    }

    /** A sentence for each key that is not among {@code options}, with the nearest one that is. */
    List<String> unknown(Collection<String> options) {
        List<String> known = options.stream().map(option -> option.substring(2)).toList();
        List<String> sentences = new ArrayList<>();
        keys.forEach((key, node) -> {
            if (!known.contains(key)) {
                Optional<String> near = Nearest.to(key, known);
                sentences.add(name + ":" + node.line() + ": there is no key \"" + key + "\""
                        + near.map(one -> ", did you mean " + one + "?").orElse(""));
            }
        });
        return sentences;
    }
}
