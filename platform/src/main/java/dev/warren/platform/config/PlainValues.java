package dev.warren.platform.config;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.TypeConversionException;

/** Numbers, yes and no, and names of enums as option values; what is none of them is refused in words, not in Java's types. */
final class PlainValues {
    private static final String NUMBER = "[+-]?[0-9]+";

    private PlainValues() {}

    /** Has {@code line} and its subcommands understand them. */
    static void understand(CommandLine line) {
        line.registerConverter(int.class, number(Integer::valueOf));
        line.registerConverter(Integer.class, number(Integer::valueOf));
        line.registerConverter(long.class, number(Long::valueOf));
        line.registerConverter(Long.class, number(Long::valueOf));
        line.registerConverter(boolean.class, PlainValues::truth);
        line.registerConverter(Boolean.class, PlainValues::truth);
        understandNames(line);
    }

    private static void understandNames(CommandLine line) {
        for (ArgSpec argument : line.getCommandSpec().args()) {
            for (Class<?> type : argument.auxiliaryTypes()) {
                if (type.isEnum()) {
                    registerNames(line, type);
                }
            }
        }
        line.getSubcommands().values().forEach(PlainValues::understandNames);
    }

    private static <T> void registerNames(CommandLine line, Class<T> type) {
        line.registerConverter(type, text -> Arrays.stream(type.getEnumConstants())
                .filter(constant -> name(constant).equalsIgnoreCase(text))
                .findFirst()
                .orElseThrow(() -> new TypeConversionException("\"" + text + "\" is none of "
                        + Arrays.stream(type.getEnumConstants())
                                .map(constant -> name(constant).toLowerCase(Locale.ROOT))
                                .collect(Collectors.joining(", ")))));
    }

    private static String name(Object constant) {
        return ((Enum<?>) constant).name();
    }

    private static <T> ITypeConverter<T> number(Function<String, T> parse) {
        return text -> {
            try {
                return parse.apply(text);
            } catch (NumberFormatException wrong) {
                String what = text.matches(NUMBER) ? "\" is too far from 0" : "\" is no whole number";
                throw new TypeConversionException("\"" + text + what);
            }
        };
    }

    private static boolean truth(String text) {
        if (text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false")) {
            return Boolean.parseBoolean(text);
        }
        throw new TypeConversionException("\"" + text + "\" is neither true nor false");
    }
}
