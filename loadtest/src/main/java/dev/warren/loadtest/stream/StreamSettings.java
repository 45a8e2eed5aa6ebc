package dev.warren.loadtest.stream;

import dev.warren.loadtest.relay.wire.Target;
import dev.warren.platform.config.UserError;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is measured.
 *
 * @param target the relay; of its host nothing is used, as it is reached under an address that it is given
 * @param pid the relay's process, in whose network the cables to both ends are laid
 * @param ends who sends and receives
 * @param udpRelayKey the file with the relay's key, when its UDP port is to carry the stream; otherwise DERP does
 * @param seconds of the stream that counts
 * @param warmUpSeconds of one before it, which does not
 */
record StreamSettings(Target target, long pid, Ends ends, @Nullable Path udpRelayKey, int seconds, int warmUpSeconds) {
    /** Who the two ends are. */
    enum Ends {
        /** Two agents of ours, whole programs. */
        WARREN("warren"),
        /** Two newest wireguard-go, whose datagrams an adapter of ours carries to the relay and back. */
        WIREGUARD_GO("wireguard-go-newest");

        private final String word;

        Ends(String word) {
            this.word = word;
        }

        /** As options and results call them. */
        String word() {
            return word;
        }

        static Ends parse(String text) {
            return Arrays.stream(values())
                    .filter(ends -> ends.word.equals(text))
                    .findFirst()
                    .orElseThrow(() -> new UserError("\"" + text + "\" cannot be at the ends of a stream; impl is "
                            + Arrays.stream(values()).map(Ends::word).collect(Collectors.joining(" or "))));
        }
    }

    private static final Set<String> KEYS = Set.of("target", "pid", "impl", "udp-relay", "duration", "warmup");
    private static final Pattern DURATION = Pattern.compile("(\\d{1,4})s");
    private static final Pattern PROCESS = Pattern.compile("[1-9]\\d{0,9}");
    private static final int MOST_SECONDS = 3600;

    StreamSettings {
        if (seconds < 1 || seconds > MOST_SECONDS || warmUpSeconds > MOST_SECONDS) {
            throw new UserError("a stream takes 1 to " + MOST_SECONDS + " s and its warm-up at most as long, not "
                    + seconds + " s and " + warmUpSeconds + " s");
        }
        if (udpRelayKey != null && ends != Ends.WARREN) {
            throw new UserError("only our agents know UDP relays: udp-relay goes with impl " + Ends.WARREN.word());
        }
    }

    /**
     * Reads settings by their names: target, pid, impl (warren, wireguard-go-newest), udp-relay (the
     * relay's key file), duration (5s), warmup. The
     * UserError names what is unknown, missing or wrong.
     */
    static StreamSettings parse(Map<String, String> settings) {
        for (String key : settings.keySet()) {
            if (!KEYS.contains(key)) {
                throw new UserError("a stream has no setting \"" + key + "\"; there are " + new TreeSet<>(KEYS));
            }
        }
        return new StreamSettings(
                Target.parse(
                        needed(settings, "target", "the relay, as http://localhost:PORT or https://localhost:PORT")),
                process(needed(settings, "pid", "the relay's process, in whose network the ends are connected to it")),
                Ends.parse(settings.getOrDefault("impl", Ends.WARREN.word())),
                settings.containsKey("udp-relay") ? Path.of(settings.get("udp-relay")) : null,
                seconds("duration", settings.getOrDefault("duration", "5s")),
                seconds("warmup", settings.getOrDefault("warmup", "3s")));
    }

    private static String needed(Map<String, String> settings, String key, String what) {
        String value = settings.get(key);
        if (value == null) {
            throw new UserError("a stream needs the setting \"" + key + "\": " + what);
        }
        return value;
    }

    private static long process(String text) {
        if (!PROCESS.matcher(text).matches()) {
            throw new UserError("pid must be the number of the relay's process, not \"" + text + "\"");
        }
        return Long.parseLong(text);
    }

    private static int seconds(String key, String text) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            throw new UserError(key + " must be whole seconds such as 5s, not \"" + text + "\"");
        }
        return Integer.parseInt(matcher.group(1));
    }
}
