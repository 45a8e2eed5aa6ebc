package dev.warren.loadtest.stun;

import dev.warren.platform.config.HostPort;
import dev.warren.platform.config.UserError;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What one run of the STUN load is told.
 *
 * @param targets the servers; the sockets are shared out among them
 * @param pids the servers' processes, for their CPU time; may be empty
 * @param warmup how long the load runs before it counts
 * @param duration how long it counts
 * @param allowRemote whether targets may be other machines
 */
public record StunSettings(
        List<HostPort> targets,
        List<Long> pids,
        LoadShape shape,
        Duration warmup,
        Duration duration,
        boolean allowRemote) {
    /** The names of all settings with their defaults, those of the command's options. */
    public static final Map<String, String> DEFAULTS = defaults();

    private static final Duration LONGEST = Duration.ofHours(1);
    private static final Duration SHORTEST = Duration.ofMillis(100);
    private static final int MOST_SOCKETS = 10_000;
    private static final int MOST_IN_FLIGHT = 100_000;
    private static final int MOST_PER_SECOND = 2_000_000;
    private static final int MOST_IN_BATCH = 64;
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,3})?)(ms|s|m)");

    public StunSettings {
        targets = List.copyOf(targets);
        pids = List.copyOf(pids);
    }

    /**
     * Reads settings by their names, those of the options without the dashes; what is missing has its default. Several
     * targets or pids are separated by spaces or commas.
     *
     * @throws UserError for a name or a value that can't be, in one sentence
     */
    public static StunSettings parse(Map<String, String> settings) {
        settings.keySet().stream()
                .filter(name -> !DEFAULTS.containsKey(name))
                .findFirst()
                .ifPresent(name -> {
                    throw new UserError("a STUN load has no setting \"" + name + "\"; it has "
                            + String.join(", ", DEFAULTS.keySet()));
                });
        Map<String, String> all = new LinkedHashMap<>(DEFAULTS);
        all.putAll(settings);
        LoadShape shape = new LoadShape(
                form(value(all, "form")),
                (int) number(all, "window", 1, MOST_IN_FLIGHT),
                number(all, "rate", 0, MOST_PER_SECOND),
                (int) number(all, "sockets", 1, MOST_SOCKETS),
                (int) number(all, "batch", 1, MOST_IN_BATCH),
                yes(all, "trains"),
                yes(all, "spin"));
        return new StunSettings(
                targets(value(all, "target")),
                pids(value(all, "pid")),
                shape,
                duration(all, "warmup", Duration.ZERO),
                duration(all, "duration", SHORTEST),
                yes(all, "allow-remote"));
    }

    /** How many sockets there are for {@code targets}: never fewer than one each, never more than are in use at once. */
    int socketCount() {
        int useful = shape.isOpen() ? shape.sockets() : Math.min(shape.sockets(), shape.window());
        return Math.max(targets.size(), useful);
    }

    private static Map<String, String> defaults() {
        Map<String, String> defaults = new LinkedHashMap<>();
        defaults.put("target", "");
        defaults.put("pid", "");
        defaults.put("form", "tailscale");
        defaults.put("window", "64");
        defaults.put("rate", "0");
        defaults.put("sockets", "16");
        defaults.put("batch", "64");
        defaults.put("trains", "true");
        defaults.put("spin", "true");
        defaults.put("warmup", "2s");
        defaults.put("duration", "10s");
        defaults.put("allow-remote", "false");
        return Collections.unmodifiableMap(defaults);
    }

    private static String value(Map<String, String> settings, String name) {
        return settings.getOrDefault(name, "").strip();
    }

    private static List<String> several(String text) {
        return Arrays.stream(text.split("[ ,]+", -1))
                .filter(part -> !part.isEmpty())
                .toList();
    }

    private static List<HostPort> targets(String text) {
        List<HostPort> targets =
                several(text).stream().map(StunSettings::target).toList();
        if (targets.isEmpty()) {
            throw new UserError("a target is missing; give the server's address as --target HOST:PORT");
        }
        return targets;
    }

    private static HostPort target(String text) {
        HostPort parsed;
        try {
            parsed = HostPort.parse(text.startsWith("stun:") ? text.substring("stun:".length()) : text);
        } catch (IllegalArgumentException wrong) {
            throw new UserError("target " + wrong.getMessage(), wrong);
        }
        if (parsed.host().isEmpty() || parsed.port() == 0) {
            throw new UserError("target \"" + text + "\" needs a host and a port above 0, such as 127.0.0.1:3478");
        }
        return parsed;
    }

    private static List<Long> pids(String text) {
        return several(text).stream()
                .map(pid -> number("pid", pid, 1, Integer.MAX_VALUE))
                .toList();
    }

    private static RequestForm form(String text) {
        return Arrays.stream(RequestForm.values())
                .filter(form -> form.word().equals(text))
                .findFirst()
                .orElseThrow(() -> new UserError("form \"" + text + "\" is not known; use tailscale or plain"));
    }

    private static boolean yes(Map<String, String> settings, String name) {
        String text = value(settings, name);
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new UserError(name + " \"" + text + "\" is neither true nor false");
        };
    }

    private static long number(Map<String, String> settings, String name, long least, long most) {
        return number(name, value(settings, name), least, most);
    }

    private static long number(String name, String text, long least, long most) {
        try {
            long number = Long.parseLong(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException wrong) {
            // Told below, with what would be right.
        }
        throw new UserError(name + " \"" + text + "\" is no whole number from " + least + " to " + most);
    }

    private static Duration duration(Map<String, String> settings, String name, Duration least) {
        String text = value(settings, name);
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            throw new UserError(name + " \"" + text + "\" is no duration; write it like 500ms, 10s or 2m");
        }
        double unitNanos =
                switch (matcher.group(2)) {
                    case "ms" -> 1e6;
                    case "s" -> 1e9;
                    default -> 60e9;
                };
        Duration duration = Duration.ofNanos((long) (Double.parseDouble(matcher.group(1)) * unitNanos));
        if (duration.compareTo(least) < 0 || duration.compareTo(LONGEST) > 0) {
            throw new UserError(name + " " + text + " is outside " + least.toMillis() + "ms to 60m");
        }
        return duration;
    }
}
