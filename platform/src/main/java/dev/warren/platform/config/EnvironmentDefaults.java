package dev.warren.platform.config;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Takes an option's default from the environment: {@code --ops-listen} of {@code warren relay} from
 * {@code WARREN_RELAY_OPS_LISTEN}. A repeatable option takes one value, or several where it declares a separator.
 */
record EnvironmentDefaults(Map<String, String> environment) implements IDefaultValueProvider {
    @Override
    public @Nullable String defaultValue(ArgSpec argument) {
        return argument instanceof OptionSpec option && !Program.isOwn(option) ? environment.get(name(option)) : null;
    }

    /** The variable for {@code option}. */
    static String name(OptionSpec option) {
        String command = option.command().qualifiedName(" ");
        String path = command.startsWith("warren ") ? command : "warren " + command;
        return (path + option.longestName().substring(1))
                .replace("--", "-")
                .replace('-', '_')
                .replace(' ', '_')
                .toUpperCase(Locale.ROOT);
    }
}
