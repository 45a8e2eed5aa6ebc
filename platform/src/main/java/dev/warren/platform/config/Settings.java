package dev.warren.platform.config;

import dev.warren.platform.config.YamlNode.Items;
import dev.warren.platform.config.YamlNode.Kind;
import dev.warren.platform.config.YamlNode.Scalar;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * The values of one command's options and where each is from: the command line before {@code WARREN_<COMMAND>_<OPTION>}
 * before the file before the default. Options that the command line left out are set here, so that every value that
 * cannot be used is found and not just the first. A repeatable option takes one value from its variable, or several
 * where it declares a separator; from the file a list.
 */
final class Settings {
    /** Options whose value is a secret itself (not the name of a file that holds one). */
    private static final Set<String> SECRETS = Set.of("--token", "--psk", "--private-key");

    /** What one option has, as it was written; empty when there is neither a value nor a default. */
    private record Value(List<String> texts, Source source) {}

    private final SequencedMap<String, Value> values = new LinkedHashMap<>();
    private final List<String> problems = new ArrayList<>();

    private Settings() {}

    /** Nothing known: of a command that was made by hand. */
    static Settings none() {
        return new Settings();
    }

    /**
     * Sets the options of {@code result}'s command that the command line left out, and notes what could not be used.
     */
    static Settings resolve(
            ParseResult result, Map<String, String> environment, Optional<SettingsFile> file, Trial trial) {
        Settings settings = new Settings();
        CommandSpec command = result.commandSpec();
        for (OptionSpec option : command.options()) {
            if (!Program.isOwn(option)) {
                settings.values.put(
                        option.longestName(), settings.value(option, result, environment, file.orElse(null), trial));
            }
        }
        file.ifPresent(known -> settings.problems.addAll(known.unknown(settings.values.keySet())));
        return settings;
    }

    /** The variable for {@code option}: {@code WARREN_RELAY_OPS_LISTEN} for the relay's {@code --ops-listen}. */
    static String variable(OptionSpec option) {
        String command = option.command().qualifiedName(" ");
        String path = command.startsWith("warren ") ? command : "warren " + command;
        return (path + option.longestName().substring(1))
                .replace("--", "-")
                .replace('-', '_')
                .replace(' ', '_')
                .toUpperCase(Locale.ROOT);
    }

    /** A sentence for each value that cannot be used. */
    List<String> problems() {
        return List.copyOf(problems);
    }

    /** Whether {@code option} has a value that nobody could do without. */
    boolean isGiven(OptionSpec option) {
        Value value = values.get(option.longestName());
        return value != null && !(value.source() instanceof Source.BuiltIn);
    }

    /** The option with its value as its author wrote it: {@code --region 0}, or {@code relay.yaml:3: region: 0}. */
    String named(String option) {
        Value value = values.get(option);
        if (value == null) {
            return option;
        }
        String text = SECRETS.contains(option) ? "(not shown)" : String.join(" ", value.texts());
        return switch (value.source()) {
            case Source.Flag _, Source.BuiltIn _ -> text.isEmpty() ? option : option + " " + text;
            case Source.Variable variable -> variable.name() + "=" + text;
            case Source.Line line -> line + ": " + option.substring(2) + ": " + text;
        };
    }

    /** What is in force, as a file that could be read again; of secrets the name only. */
    List<String> print() {
        List<String> lines = new ArrayList<>();
        values.forEach((option, value) -> {
            String key = option.substring(2);
            if (SECRETS.contains(option)) {
                lines.add("# " + key + ": (" + (value.texts().isEmpty() ? "not set" : "not shown") + ")    # "
                        + value.source());
            } else if (value.texts().isEmpty()) {
                lines.add("# " + key + ": (not set)");
            } else if (value.texts().size() == 1) {
                lines.add(key + ": " + YamlText.of(value.texts().getFirst()) + "    # " + value.source());
            } else {
                List<String> items = value.texts().stream().map(YamlText::of).toList();
                lines.add(key + ": [" + String.join(", ", items) + "]    # " + value.source());
            }
        });
        return lines;
    }

    private Value value(
            OptionSpec option,
            ParseResult result,
            Map<String, String> environment,
            @Nullable SettingsFile file,
            Trial trial) {
        if (result.hasMatchedOption(option)) {
            return new Value(matched(option), new Source.Flag());
        }
        String variable = variable(option);
        String fromEnvironment = environment.get(variable);
        if (fromEnvironment != null) {
            return set(option, List.of(fromEnvironment), new Source.Variable(variable), trial);
        }
        String key = option.longestName().substring(2);
        YamlNode node = file == null ? null : file.node(key);
        if (file == null || node == null) {
            String written = option.defaultValue();
            return new Value(written == null ? inForce(option) : List.of(written), new Source.BuiltIn());
        }
        Source line = new Source.Line(file.name(), node.line());
        Optional<List<String>> texts = texts(key, node, option.isMultiValue(), line);
        return texts.isPresent() ? set(option, texts.get(), line, trial) : new Value(List.of(), line);
    }

    private Value set(OptionSpec option, List<String> texts, Source source, Trial trial) {
        boolean secret = SECRETS.contains(option.longestName());
        String shown = secret ? "" : " = " + String.join(", ", texts);
        trial.set(option, texts)
                .ifPresent(problem -> problems.add(
                        switch (source) {
                            case Source.Line line ->
                                line + ": " + option.longestName().substring(2) + shown + ": " + problem;
                            default -> source + shown + ": " + problem;
                        }));
        return new Value(texts, source);
    }

    private Optional<List<String>> texts(String key, YamlNode node, boolean repeatable, Source line) {
        List<YamlNode> nodes = node instanceof Items items ? items.items() : List.of(node);
        List<String> texts = new ArrayList<>();
        for (YamlNode item : nodes) {
            if (item instanceof Scalar scalar && scalar.kind() != Kind.NOTHING) {
                texts.add(scalar.text());
            } else {
                String what = repeatable ? "a value or a list of values" : "a value";
                problems.add(line + ": " + key + " must be " + what + ", not " + item);
                return Optional.empty();
            }
        }
        if (node instanceof Items && !repeatable) {
            problems.add(line + ": " + key + " takes one value, not a list");
            return Optional.empty();
        }
        return Optional.of(texts);
    }

    private static List<String> matched(OptionSpec option) {
        List<String> written = option.originalStringValues();
        return written.stream().allMatch(String::isEmpty) ? inForce(option) : written;
    }

    private static List<String> inForce(OptionSpec option) {
        Object value = option.getValue();
        return switch (value) {
            case null -> List.of();
            case Iterable<?> several -> {
                List<String> texts = new ArrayList<>();
                several.forEach(item -> texts.add(Objects.toString(item)));
                yield texts;
            }
            case Enum<?> constant -> List.of(constant.toString().toLowerCase(Locale.ROOT));
            default -> List.of(value.toString());
        };
    }
}
