package dev.warren.loadtest.tunnel;

import dev.warren.platform.config.UserError;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** What can be measured of a tunnel. */
enum Part {
    /** iperf3 over TCP, one and four streams, both ways, and what the daemons' CPUs paid for it. */
    TCP,
    /** iperf3 over UDP: paced, judged by loss; and overload, judged by what arrives. */
    UDP,
    /** Round trips of a steady stream of pings. */
    PING,
    /** Resident memory: idle, after load, with many peers, with many sessions. */
    MEMORY,
    /** How long handshakes take: the first of a process, and a thousand others. */
    HANDSHAKE,
    /** What a flood of handshakes from false addresses leaves of a stream, and how long new peers then take. */
    FLOOD;

    /** What is measured when nothing is said: all but the flood, beside which nothing is quiet. */
    static Set<Part> usual() {
        return EnumSet.complementOf(EnumSet.of(FLOOD));
    }

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Reads a list such as {@code tcp,ping}; the UserError names what is unknown. */
    static Set<Part> parse(String list) {
        Set<Part> parts = EnumSet.noneOf(Part.class);
        for (String word : list.split(",", -1)) {
            parts.add(Arrays.stream(values())
                    .filter(part -> part.word().equals(word.strip().toLowerCase(Locale.ROOT)))
                    .findFirst()
                    .orElseThrow(() -> new UserError("\"" + word.strip() + "\" is nothing that can be measured of a"
                            + " tunnel: give some of " + words(EnumSet.allOf(Part.class)))));
        }
        return parts;
    }

    static String words(Set<Part> parts) {
        return parts.stream().map(Part::word).collect(Collectors.joining(","));
    }
}
