package dev.warren.relay;

import dev.warren.platform.config.UserError;
import dev.warren.relay.limit.Limits;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options about limits. */
final class LimitOptions {
    /** What a client may send at once when nothing is said: so many parts of a second. */
    private static final int DEFAULT_BURST_PART = 10;

    @Option(
            names = "--client-rate",
            paramLabel = "BYTES_PER_SECOND",
            defaultValue = "0",
            description = "How fast one client may send; who is faster is read more slowly, nothing is dropped."
                    + " 0: no limit.")
    private long clientRate;

    @Option(
            names = "--client-burst",
            paramLabel = "BYTES",
            description = "How much of --client-rate at once, at least 65568. None: a tenth of a second's.")
    private @Nullable Long clientBurst;

    @Option(
            names = "--accept-limit",
            paramLabel = "CONNECTIONS",
            defaultValue = "0",
            description = "How many connections at once, of all clients. 0: any number.")
    private int acceptLimit;

    @Option(
            names = "--accept-rate",
            paramLabel = "PER_SECOND",
            defaultValue = "0",
            description = "How many new connections a second, of all clients. 0: any number.")
    private int acceptRate;

    @Option(
            names = "--source-limit",
            paramLabel = "CONNECTIONS",
            defaultValue = "0",
            description = "As --accept-limit, for each IPv4 address and each IPv6 /64.")
    private int sourceLimit;

    @Option(
            names = "--source-rate",
            paramLabel = "PER_SECOND",
            defaultValue = "0",
            description = "As --accept-rate, for each IPv4 address and each IPv6 /64.")
    private int sourceRate;

    @Option(
            names = "--key-limit",
            paramLabel = "CONNECTIONS",
            defaultValue = "0",
            description = "How many connections at once that are logged in with one key. 0: any number.")
    private int keyLimit;

    @Option(
            names = "--key-rate",
            paramLabel = "PER_SECOND",
            defaultValue = "0",
            description = "How many logins a second with one key. 0: any number.")
    private int keyRate;

    @Option(
            names = "--login-limit",
            paramLabel = "CONNECTIONS",
            defaultValue = "8192",
            description = "How many connections may be on their way to a login; the oldest makes room. 0: any number.")
    private int loginLimit = 8192;

    /** The options as a whole; throws {@link UserError} when they do not fit together. */
    Limits limits() {
        return new Limits(
                clientRate(),
                bound("--accept", acceptLimit, acceptRate),
                bound("--source", sourceLimit, sourceRate),
                bound("--key", keyLimit, keyRate),
                checked("--login-limit", loginLimit));
    }

    private static Limits.Bound bound(String option, int limit, int rate) {
        return new Limits.Bound(checked(option + "-limit", limit), checked(option + "-rate", rate));
    }

    private static int checked(String option, int connections) {
        if (connections < 0) {
            throw new UserError(option + " " + connections + " is no number of connections: give 1 or more, or 0 for"
                    + " no limit");
        }
        return connections;
    }

    private Limits.Rate clientRate() {
        if (clientRate < 0) {
            throw new UserError("--client-rate " + clientRate + " is no rate: give bytes a second, 0 for no limit");
        }
        if (clientBurst == null) {
            return new Limits.Rate(clientRate, clientRate / DEFAULT_BURST_PART);
        }
        if (clientBurst < 0) {
            throw new UserError("--client-burst " + clientBurst + " is no burst: give bytes, or leave it out");
        }
        if (clientRate == 0) {
            throw new UserError("--client-burst is about --client-rate: give that too, or leave it out");
        }
        return new Limits.Rate(clientRate, clientBurst);
    }
}
