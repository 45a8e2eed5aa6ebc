package dev.warren.loadtest.relay;

import dev.warren.platform.config.UserError;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The options of {@code warren loadtest relay}; {@link RelaySettings#parse} takes the same names without dashes. */
enum RelayOption {
    TARGET(
            "target",
            "URL",
            null,
            "The relay: http://HOST:PORT, or https://HOST:PORT for TLS. Several get the same load" + " in turn."),
    PID("pid", "PID", null, "The relay's process, for its CPU time and memory; in the order of the targets."),
    CLIENTS("clients", "N", null, "Clients that are logged in. Default: those that the pairs need."),
    PAIRS("pairs", "M", "20", "Clients that send, each to another one."),
    SIZE("size", "BYTES", null, "Bytes of a packet, 32 to 65536. Default: 100."),
    MIX("mix", "SIZE:WEIGHT,..", null, "Several sizes, such as 100:50,1400:50."),
    BURST("burst", "B", "1", "Packets of one write."),
    WINDOW("window", "W", "16", "Packets in flight for each pair. derper drops from 32 on."),
    RATE("rate", "R", null, "Packets a second over all pairs, sent at their times whatever comes back (open loop)."),
    FAN_IN("fan-in", "K", "1", "Senders to each receiver."),
    DISCO("disco", "PERCENT", "0", "How many packets look like disco."),
    SLOW_RECEIVERS("slow-receivers", "K", "0", "Receivers that read slowly; the others' figures are shown apart."),
    SLOW_RATE("slow-rate", "BYTES/s", "10000", "How fast they read."),
    CONNECT_STORM(
            "connect-storm",
            "R",
            null,
            "Instead of packets: R new connections and logins a second, each closed"
                    + " at once; 0: as many as go with --parallel at a time."),
    PARALLEL("parallel", "P", "16", "Connections at a time in a storm of rate 0."),
    IDLE("idle", "N", null, "Instead of packets: N clients that do nothing, and what they cost the relay (--pid)."),
    DURATION("duration", "TIME", "10s", "How long is measured, such as 500ms, 10s, 2m."),
    WARMUP("warmup", "TIME", "3s", "How long before that is not."),
    THREADS("threads", "N", "1", "Threads of the generator."),
    INSECURE("insecure", null, "false", "Accepts any certificate."),
    PIN("pin", "PIN", null, "Accepts the certificate sha256-raw:HEX only."),
    ALLOW_REMOTE("allow-remote", null, "false", "Lets the target be another machine.");

    private final String title;
    private final @Nullable String label;
    private final @Nullable String usual;
    private final String description;

    RelayOption(String title, @Nullable String label, @Nullable String usual, String description) {
        this.title = title;
        this.label = label;
        this.usual = usual;
        this.description = description;
    }

    /** Its name without dashes. */
    String title() {
        return title;
    }

    /** What its value is called; null for a flag. */
    @Nullable
    String label() {
        return label;
    }

    /** The value when it is not given; null for none. */
    @Nullable
    String usual() {
        return usual;
    }

    String description() {
        return description;
    }

    /** The option of that name; throws {@link UserError}. */
    static RelayOption of(String title) {
        return Arrays.stream(values())
                .filter(option -> option.title.equals(title))
                .findFirst()
                .orElseThrow(() -> new UserError("a relay's load has no setting \"" + title + "\"; it has "
                        + String.join(
                                ", ",
                                Arrays.stream(values()).map(RelayOption::title).toList())));
    }
}
