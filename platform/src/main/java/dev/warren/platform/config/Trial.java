package dev.warren.platform.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.IGetter;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/**
 * Gives options values that did not come from the command line, by parsing them there on a copy: so they are understood
 * in the same way, and what is wrong with one keeps none of the others from being looked at.
 *
 * @param converters tells a command line about the types that it has to understand
 */
record Trial(Consumer<CommandLine> converters) {
    /**
     * Gives {@code option} the values (none: an empty list, of a repeatable option); when they cannot be used, what is
     * wrong with them, and nothing is changed.
     */
    Optional<String> set(OptionSpec option, List<String> texts) {
        if (texts.isEmpty()) {
            option.setValue(new ArrayList<>());
            return Optional.empty();
        }
        Holder holder = new Holder();
        CommandSpec scratch = CommandSpec.create()
                .addOption(OptionSpec.builder(option)
                        .getter(holder)
                        .setter(holder)
                        .initialValue(null)
                        .defaultValue(null)
                        .required(false)
                        .build());
        CommandLine line = new CommandLine(scratch);
        converters.accept(line);
        try {
            line.parseArgs(texts.stream()
                    .map(text -> option.longestName() + "=" + text)
                    .toArray(String[]::new));
            option.setValue(holder.value);
            return Optional.empty();
        } catch (ParameterException wrong) {
            return Optional.of(reason(option, String.valueOf(wrong.getMessage())));
        }
    }

    /** What picocli says, without the name of the option in front. */
    private static String reason(OptionSpec option, String message) {
        String prefix = "Invalid value for option '" + option.longestName() + "'";
        int colon = message.indexOf(": ", Math.min(prefix.length(), message.length()));
        return message.startsWith(prefix) && colon >= 0 ? message.substring(colon + 2) : message;
    }

    /** Where the copy keeps its value. */
    private static final class Holder implements IGetter, ISetter {
        private @Nullable Object value;

        @Override
        @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
        public <T> @Nullable T get() {
            return (T) value;
        }

        @Override
        @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
        public <T> @Nullable T set(T next) {
            T before = (T) value;
            value = next;
            return before;
        }
    }
}
