package dev.warren.platform.config;

import dev.warren.platform.config.YamlNode.Items;
import dev.warren.platform.config.YamlNode.Keys;
import dev.warren.platform.config.YamlNode.Kind;
import dev.warren.platform.config.YamlNode.Scalar;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A map in a YAML file, read key by key. Whatever is not as asked for is a {@link UserError} of one sentence that names
 * the file, the line and the key, with the keys of the maps around it.
 */
public final class YamlMap {
    private final String file;
    private final String path;
    private final Keys node;

    private YamlMap(String file, String path, Keys node) {
        this.file = file;
        this.path = path;
        this.node = node;
    }

    /** The map that {@code text}, what is in the file, holds; it has at least one key. */
    public static YamlMap parse(String file, String text) {
        if (YamlReader.read(file, text).orElse(null) instanceof Keys keys) {
            return new YamlMap(file, "", keys);
        }
        throw new UserError(file + " holds no keys: it must have lines such as \"key: value\"");
    }

    /** Refuses every key that is not one of {@code known}. */
    public YamlMap only(String... known) {
        Set<String> allowed = new TreeSet<>(List.of(known));
        for (Map.Entry<String, YamlNode> entry : node.keys().entrySet()) {
            if (!allowed.contains(entry.getKey())) {
                throw new UserError(at(entry.getValue()) + name(entry.getKey()) + " is not known; known here are "
                        + String.join(", ", allowed));
            }
        }
        return this;
    }

    /** Whether there is a value at {@code key}. */
    public boolean has(String key) {
        return value(key) != null;
    }

    /** The text, number or truth value at {@code key}, as text. */
    public String text(String key) {
        return scalar(key, need(key, "a text"), "a text");
    }

    /** Like {@link #text}; empty when the key is absent. */
    public Optional<String> optionalText(String key) {
        return has(key) ? Optional.of(text(key)) : Optional.empty();
    }

    /** A whole number from {@code least} on; {@code otherwise} when the key is absent. */
    public int whole(String key, int least, int otherwise) {
        YamlNode value = value(key);
        if (value == null) {
            return otherwise;
        }
        try {
            if (value instanceof Scalar scalar && scalar.kind() == Kind.WHOLE) {
                int number = Integer.parseInt(scalar.text());
                if (number >= least) {
                    return number;
                }
            }
        } catch (NumberFormatException tooLarge) {
            throw wrong(key, "a whole number from " + least + " to " + Integer.MAX_VALUE, value);
        }
        throw wrong(key, "a whole number from " + least + " on", value);
    }

    /** True or false; {@code otherwise} when the key is absent. */
    public boolean flag(String key, boolean otherwise) {
        YamlNode value = value(key);
        if (value == null) {
            return otherwise;
        }
        if (value instanceof Scalar scalar && scalar.kind() == Kind.TRUTH) {
            return Boolean.parseBoolean(scalar.text());
        }
        throw wrong(key, "true or false", value);
    }

    /** The map at {@code key}. */
    public YamlMap map(String key) {
        YamlNode value = need(key, "a map");
        if (value instanceof Keys keys) {
            return new YamlMap(file, pathTo(key), keys);
        }
        throw wrong(key, "a map", value);
    }

    /** The list of texts at {@code key}; empty when absent. */
    public List<String> texts(String key) {
        List<String> all = new ArrayList<>();
        for (YamlNode item : items(key, "a list")) {
            all.add(scalar(key, item, "a list of texts"));
        }
        return List.copyOf(all);
    }

    /** The list of maps at {@code key}; empty when absent. */
    public List<YamlMap> maps(String key) {
        List<YamlMap> all = new ArrayList<>();
        for (YamlNode item : items(key, "a list of maps")) {
            if (!(item instanceof Keys keys)) {
                throw wrong(key, "a list of maps", item);
            }
            all.add(new YamlMap(file, pathTo(key) + "[" + all.size() + "]", keys));
        }
        return all;
    }

    /** Every key of this map with its text. */
    public SequencedMap<String, String> settings() {
        SequencedMap<String, String> all = new LinkedHashMap<>();
        node.keys().forEach((key, value) -> all.put(key, scalar(key, value, "a text")));
        return all;
    }

    /** The settings at {@code key}; none when absent. */
    public SequencedMap<String, String> settings(String key) {
        return has(key) ? map(key).settings() : new LinkedHashMap<>();
    }

    /** Every key of the map at {@code key} with its list of texts; none when absent. */
    public SequencedMap<String, List<String>> lists(String key) {
        SequencedMap<String, List<String>> all = new LinkedHashMap<>();
        if (has(key)) {
            YamlMap lists = map(key);
            lists.node.keys().forEach((name, value) -> {
                List<String> values = lists.texts(name);
                if (values.isEmpty()) {
                    throw lists.wrong(name, "a list with something in it", value);
                }
                all.put(name, values);
            });
        }
        return all;
    }

    /** The error that the value at {@code key} is not what it must be. */
    public UserError mustBe(String key, String what) {
        return wrong(key, what, need(key, what));
    }

    private List<YamlNode> items(String key, String what) {
        YamlNode value = value(key);
        if (value == null) {
            return List.of();
        }
        if (value instanceof Items items) {
            return items.items();
        }
        throw wrong(key, what, value);
    }

    private String scalar(String key, YamlNode value, String what) {
        if (value instanceof Scalar scalar && scalar.kind() != Kind.NOTHING) {
            return scalar.text();
        }
        throw wrong(key, what, value);
    }

    /** The value at {@code key}; null when there is none, or only the key. */
    private @Nullable YamlNode value(String key) {
        YamlNode value = node.keys().get(key);
        return value instanceof Scalar scalar && scalar.kind() == Kind.NOTHING ? null : value;
    }

    private YamlNode need(String key, String what) {
        YamlNode value = value(key);
        if (value == null) {
            throw new UserError(at(node) + name(key) + " is missing; it must be " + what);
        }
        return value;
    }

    private UserError wrong(String key, String what, YamlNode value) {
        return new UserError(at(value) + name(key) + " must be " + what + ", not " + value);
    }

    private String at(YamlNode value) {
        return file + ":" + value.line() + ": ";
    }

    private String name(String key) {
        return "\"" + pathTo(key) + "\"";
    }

    private String pathTo(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }
}
