package dev.warren.loadtest.tunnel;

import dev.warren.platform.config.UserError;
import dev.warren.protocol.wireguard.IpPrefix;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is measured of a tunnel.
 *
 * @param ends what is connected, and how
 * @param seconds of each run of iperf3 and of the pings
 * @param warmUpSeconds of TCP each way before anything is measured under load
 * @param only what is measured
 * @param passes how often all of it is measured
 * @param crowd how many peers there are
 * @param flood of handshakes
 */
record TunnelSettings(
        Ends ends, int seconds, int warmUpSeconds, Set<Part> only, Passes passes, Crowd crowd, Flood flood) {

    /**
     * What is connected.
     *
     * @param near at the end that starts
     * @param far at the other end, and alone in the measurements of memory and handshakes
     * @param offloads whether the veth pair may hand over packets that are not cut up yet, as it does by itself
     * @param cores what the ends are held to
     */
    record Ends(Implementation near, Implementation far, boolean offloads, Cores cores) {
        /** What both ends are called together. */
        String subject() {
            return near.equals(far) ? near.name() : near.name() + " to " + far.name();
        }
    }

    /**
     * How often all of it is measured.
     *
     * @param rounds in which the machine was quiet
     * @param retries how many more rounds may replace those in which it was not
     */
    record Passes(int rounds, int retries) {
        private static final int MOST = 100;

        Passes {
            require("rounds", rounds, 1, MOST);
            require("retries", retries, 0, MOST);
        }
    }

    /**
     * Peers where many are measured.
     *
     * @param sessions peers that are configured and shake hands
     * @param configured peers that are only configured
     */
    record Crowd(int sessions, int configured) {
        static final Crowd USUAL = new Crowd(1_000, 10_000);
        /** What fits into the network 10.128.0.0/9, and no more than anybody needs. */
        private static final int MOST = 100_000;

        Crowd {
            if (sessions < 2 || sessions > MOST || configured < 1 || configured > MOST) {
                throw new UserError("sessions must be 2 to " + MOST + " and peers 1 to " + MOST + ", not " + sessions
                        + " and " + configured);
            }
        }
    }

    /**
     * A flood of handshakes.
     *
     * @param from the block of its false addresses
     * @param perSecond how many handshakes a second, or 0 for as many as one thread can send
     */
    record Flood(IpPrefix from, int perSecond) {
        /** One 256th of the Internet. */
        static final String USUAL_FROM = "11.0.0.0/8";

        private static final int MOST = 10_000_000;

        Flood {
            require("flood-rate", perSecond, 0, MOST);
        }

        /** As fast as one thread can, or at a rate; the UserError says what is wrong with the text of the block. */
        static Flood parse(String from, int perSecond) {
            IpPrefix block;
            try {
                block = IpPrefix.parse(from);
            } catch (IllegalArgumentException unreadable) {
                throw new UserError("\"" + from + "\" is no block of addresses such as " + USUAL_FROM + ": "
                        + unreadable.getMessage());
            }
            if (Siege.overlaps(block)) {
                throw new UserError(
                        "the flood can't come from " + from + ", as the test bed has its own addresses there");
            }
            return new Flood(block, perSecond);
        }
    }

    private static final Set<String> KEYS = Set.of(
            "impl",
            "against",
            "offloads",
            "duration",
            "warmup",
            "only",
            "rounds",
            "retries",
            "cores",
            "sessions",
            "peers",
            "flood",
            "flood-rate");
    private static final Pattern DURATION = Pattern.compile("(\\d{1,4})s?");
    private static final int MOST_SECONDS = 3600;

    TunnelSettings {
        only = EnumSet.copyOf(only);
        require("duration", seconds, 1, MOST_SECONDS);
        require("warmup", warmUpSeconds, 0, MOST_SECONDS);
    }

    /**
     * Reads settings by their names: impl, against, offloads (on, off), duration (5s), warmup, only (tcp,udp,ping,
     * memory,handshake,flood), rounds, retries, cores (LEFT:RIGHT), sessions, peers, flood (11.0.0.0/8), flood-rate
     * (handshakes a second). The UserError names what is unknown or wrong.
     *
     * @param environment where WARREN_LAUNCHER, WARREN_PEERS and PATH are looked up
     */
    static TunnelSettings parse(Map<String, String> settings, Map<String, String> environment) {
        for (String key : settings.keySet()) {
            if (!KEYS.contains(key)) {
                throw new UserError("a tunnel has no setting \"" + key + "\"; there are " + new TreeSet<>(KEYS));
            }
        }
        String impl = settings.get("impl");
        if (impl == null) {
            throw new UserError("a tunnel needs the setting \"impl\": which implementation of WireGuard to measure");
        }
        Implementation near = Implementation.parse(impl, environment);
        String against = settings.get("against");
        Ends ends = new Ends(
                near,
                against == null ? near : Implementation.parse(against, environment),
                offloads(settings.getOrDefault("offloads", "on")),
                settings.containsKey("cores") ? Cores.parse(settings.get("cores")) : Cores.ANY);
        return new TunnelSettings(
                ends,
                seconds("duration", settings.getOrDefault("duration", "5s")),
                seconds("warmup", settings.getOrDefault("warmup", "2s")),
                settings.containsKey("only") ? Part.parse(settings.get("only")) : Part.usual(),
                new Passes(
                        number("rounds", settings.getOrDefault("rounds", "1")),
                        number("retries", settings.getOrDefault("retries", "0"))),
                new Crowd(
                        number("sessions", settings.getOrDefault("sessions", "1000")),
                        number("peers", settings.getOrDefault("peers", "10000"))),
                Flood.parse(
                        settings.getOrDefault("flood", Flood.USUAL_FROM),
                        number("flood-rate", settings.getOrDefault("flood-rate", "0"))));
    }

    private static boolean offloads(String text) {
        return switch (text) {
            case "on", "true" -> true;
            case "off", "false" -> false;
            default -> throw new UserError("offloads must be on or off, not \"" + text + "\"");
        };
    }

    private static int seconds(String key, String text) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            throw new UserError(key + " must be whole seconds such as 5s, not \"" + text + "\"");
        }
        return Integer.parseInt(matcher.group(1));
    }

    private static int number(String key, String text) {
        if (!text.matches("\\d{1,8}")) {
            throw new UserError(key + " must be a number, not \"" + text + "\"");
        }
        return Integer.parseInt(text);
    }

    private static void require(String key, int value, int least, int most) {
        if (value < least || value > most) {
            throw new UserError(key + " must be " + least + " to " + most + ", not " + value);
        }
    }
}
