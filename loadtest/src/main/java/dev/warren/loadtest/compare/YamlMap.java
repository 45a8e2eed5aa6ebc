package dev.warren.loadtest.compare;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.warren.platform.config.UserError;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;

/**
 * A map in a YAML file, read key by key. Whatever is not as asked for is a {@link UserError} of one sentence that names
 * the file and the key, with the keys of the maps around it.
 */
final class YamlMap {
    private static final ObjectMapper MAPPER = new ObjectMapper(YAMLFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build());

    private final String file;
    private final String path;
    private final JsonNode node;

    private YamlMap(String file, String path, JsonNode node) {
        this.file = file;
        this.path = path;
        this.node = node;
    }

    /** The map that {@code text}, what is in the file, holds. */
    static YamlMap parse(String file, String text) {
        JsonNode node;
        try {
            node = MAPPER.readTree(text);
        } catch (JsonProcessingException broken) {
            long line = broken.getLocation() == null ? 0 : broken.getLocation().getLineNr();
            String said = broken.getOriginalMessage().lines().findFirst().orElse("");
            throw new UserError(file + " is no YAML: line " + line + ": " + said, broken);
        }
        if (node == null || !node.isObject()) {
            throw new UserError(file + " holds no keys: a spec starts with lines such as \"title: ...\"");
        }
        return new YamlMap(file, "", node);
    }

    /** Refuses every key that is not one of {@code known}. */
    YamlMap only(String... known) {
        Set<String> allowed = new TreeSet<>(List.of(known));
        node.fieldNames().forEachRemaining(key -> {
            if (!allowed.contains(key)) {
                throw new UserError(
                        file + ": " + name(key) + " is not known; known here are " + String.join(", ", allowed));
            }
        });
        return this;
    }

    boolean has(String key) {
        return node.hasNonNull(key);
    }

    /** The text, number or truth value at {@code key}, as text. */
    String text(String key) {
        return scalar(key, need(key, "a text"), "a text");
    }

    Optional<String> optionalText(String key) {
        return has(key) ? Optional.of(text(key)) : Optional.empty();
    }

    /** A whole number from {@code least} on; {@code otherwise} when the key is absent. */
    int whole(String key, int least, int otherwise) {
        if (!has(key)) {
            return otherwise;
        }
        JsonNode value = node.path(key);
        if (!value.isInt() || value.intValue() < least) {
            throw wrong(key, "a whole number from " + least + " on", value);
        }
        return value.intValue();
    }

    /** True or false; {@code otherwise} when the key is absent. */
    boolean flag(String key, boolean otherwise) {
        if (!has(key)) {
            return otherwise;
        }
        JsonNode value = node.path(key);
        if (!value.isBoolean()) {
            throw wrong(key, "true or false", value);
        }
        return value.booleanValue();
    }

    /** The map at {@code key}. */
    YamlMap map(String key) {
        JsonNode value = need(key, "a map");
        if (!value.isObject()) {
            throw wrong(key, "a map", value);
        }
        return new YamlMap(file, pathTo(key), value);
    }

    /** The list of texts at {@code key}; empty when absent. */
    List<String> texts(String key) {
        JsonNode value = node.path(key);
        if (value.isMissingNode() || value.isNull()) {
            return List.of();
        }
        if (!value.isArray()) {
            throw wrong(key, "a list", value);
        }
        List<String> all = new ArrayList<>();
        value.forEach(item -> all.add(scalar(key, item, "a list of texts")));
        return List.copyOf(all);
    }

    /** The list of maps at {@code key}; empty when absent. */
    List<YamlMap> maps(String key) {
        JsonNode value = node.path(key);
        if (value.isMissingNode() || value.isNull()) {
            return List.of();
        }
        if (!value.isArray()) {
            throw wrong(key, "a list of maps", value);
        }
        List<YamlMap> all = new ArrayList<>();
        for (JsonNode item : value) {
            if (!item.isObject()) {
                throw wrong(key, "a list of maps", item);
            }
            all.add(new YamlMap(file, pathTo(key) + "[" + all.size() + "]", item));
        }
        return all;
    }

    /** Every key of this map with its text. */
    SequencedMap<String, String> settings() {
        SequencedMap<String, String> all = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
            all.put(entry.getKey(), scalar(entry.getKey(), entry.getValue(), "a text"));
        }
        return all;
    }

    /** The settings at {@code key}; none when absent. */
    SequencedMap<String, String> settings(String key) {
        return has(key) ? map(key).settings() : new LinkedHashMap<>();
    }

    /** Every key of the map at {@code key} with its list of texts; none when absent. */
    SequencedMap<String, List<String>> lists(String key) {
        SequencedMap<String, List<String>> all = new LinkedHashMap<>();
        if (has(key)) {
            YamlMap lists = map(key);
            for (Map.Entry<String, JsonNode> entry : lists.node.properties()) {
                List<String> values = lists.texts(entry.getKey());
                if (values.isEmpty()) {
                    throw lists.wrong(entry.getKey(), "a list with something in it", entry.getValue());
                }
                all.put(entry.getKey(), values);
            }
        }
        return all;
    }

    /** The error that the value at {@code key} is not what it must be. */
    UserError mustBe(String key, String what) {
        return wrong(key, what, node.path(key));
    }

    private String scalar(String key, JsonNode value, String what) {
        if (!value.isValueNode() || value.isNull()) {
            throw wrong(key, what, value);
        }
        return value.asText();
    }

    private JsonNode need(String key, String what) {
        JsonNode value = node.path(key);
        if (value.isMissingNode() || value.isNull()) {
            throw new UserError(file + ": " + name(key) + " is missing; it must be " + what);
        }
        return value;
    }

    private UserError wrong(String key, String what, JsonNode value) {
        return new UserError(file + ": " + name(key) + " must be " + what + ", not " + value);
    }

    private String name(String key) {
        return "\"" + pathTo(key) + "\"";
    }

    private String pathTo(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }
}
