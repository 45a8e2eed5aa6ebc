package dev.warren.loadtest.bench;

import dev.warren.platform.config.UserError;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** Which benchmarks there are, in the order in which they are shown. */
final class Catalogue {
    private static final List<Class<?>> CLASSES = List.of(
            FrameBench.class,
            RelayBench.class,
            LookupBench.class,
            CipherBench.class,
            PacketCipherBench.class,
            TunnelBench.class,
            ReplayBench.class,
            AllowedIpsBench.class,
            OffloadBench.class,
            AgentBench.class,
            KeyAgreementBench.class,
            HandshakeBench.class,
            StunBench.class,
            DiscoBench.class);

    private Catalogue() {}

    /**
     * One benchmark.
     *
     * @param section what its class is about
     * @param name class and method, without the package
     * @param title what one operation is
     * @param variants how many combinations of parameters it runs with
     */
    record Entry(String section, String name, String title, int variants) {
        /** What JMH calls it. */
        String fullName() {
            return Catalogue.class.getPackageName() + "." + name;
        }
    }

    /** All benchmarks. */
    static List<Entry> all() {
        List<Entry> entries = new ArrayList<>();
        for (Class<?> type : CLASSES) {
            Arrays.stream(type.getMethods())
                    .filter(method -> method.isAnnotationPresent(Benchmark.class))
                    .map(method -> entry(type, method))
                    .sorted(Comparator.comparing(Entry::title))
                    .forEach(entries::add);
        }
        return entries;
    }

    /** Those whose name has {@code pattern}, a regular expression, somewhere in it. */
    static List<Entry> matching(String pattern) {
        Pattern wanted = compile(pattern);
        List<Entry> found = all().stream()
                .filter(entry -> wanted.matcher(entry.name()).find())
                .toList();
        if (found.isEmpty()) {
            String names = all().stream().map(Entry::name).collect(Collectors.joining(", "));
            throw new UserError("no benchmark's name matches '" + pattern + "'; there are " + names);
        }
        return found;
    }

    /** The benchmark that JMH calls {@code fullName}. */
    static Entry named(String fullName) {
        return all().stream()
                .filter(entry -> entry.fullName().equals(fullName))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the catalogue lacks " + fullName));
    }

    private static Pattern compile(String pattern) {
        try {
            return Pattern.compile(pattern, Pattern.CASE_INSENSITIVE);
        } catch (PatternSyntaxException wrong) {
            throw new UserError(
                    "'" + pattern + "' is no regular expression (" + wrong.getDescription()
                            + "); a part of a name will do",
                    wrong);
        }
    }

    private static Entry entry(Class<?> type, Method method) {
        int variants = variants(type);
        for (Class<?> state : method.getParameterTypes()) {
            variants *= variants(state);
        }
        String section = Objects.requireNonNull(type.getAnnotation(Title.class), type::getName)
                .value();
        String title = Objects.requireNonNull(method.getAnnotation(Title.class), method::getName)
                .value();
        return new Entry(section, type.getSimpleName() + "." + method.getName(), title, variants);
    }

    private static int variants(Class<?> state) {
        int variants = 1;
        for (Field field : state.getDeclaredFields()) {
            Param values = field.getAnnotation(Param.class);
            variants *= values == null ? 1 : values.value().length;
        }
        return variants;
    }
}
