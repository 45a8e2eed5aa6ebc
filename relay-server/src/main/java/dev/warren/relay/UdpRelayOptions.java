package dev.warren.relay;

import dev.warren.platform.config.HostPort;
import dev.warren.platform.config.UserError;
import dev.warren.protocol.udprelay.UdpRelayLimits;
import dev.warren.relay.udp.UdpRelayConfig;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options about the UDP relay. */
final class UdpRelayOptions {
    private static final long MOST_BYTES = 1_000_000_000L;

    @Option(
            names = "--udp-relay-listen",
            paramLabel = "HOST:PORT",
            description = "UDP address on which clients that find no direct path are forwarded to each other. Without a"
                    + " host: all addresses. None: they have the relay over TCP only.")
    private @Nullable HostPort listen;

    @Option(
            names = "--udp-relay-address",
            paramLabel = "HOST:PORT",
            description = "Where clients reach that port, if not at --hostname's addresses; may be repeated. Port 0:"
                    + " the one that is listened on.")
    private List<HostPort> addresses = List.of();

    @Option(
            names = "--udp-relay-rate",
            paramLabel = "BYTES_PER_SECOND",
            defaultValue = "0",
            description = "How much each pair of clients may send, both ways together; what is more is dropped."
                    + " 0: no limit.")
    private long rate;

    @Option(
            names = "--udp-relay-sessions",
            paramLabel = "PAIRS",
            defaultValue = "16384",
            description = "How many pairs of clients are forwarded at once.")
    private int sessions = UdpRelayLimits.DEFAULT.sessions();

    @Option(
            names = "--udp-relay-sessions-per-client",
            paramLabel = "PAIRS",
            defaultValue = "256",
            description = "Of these, how many one client may have asked for.")
    private int sessionsPerClient = UdpRelayLimits.DEFAULT.sessionsPerClient();

    @Option(
            names = "--udp-relay-ends-per-address",
            paramLabel = "ENDS",
            defaultValue = "4096",
            description = "How many clients' ends may be at one IP address, such as a large NAT's.")
    private int endsPerAddress = UdpRelayLimits.DEFAULT.legsPerAddress();

    /** The options as a whole, null for no UDP relay; throws {@link UserError} when they do not fit together. */
    @Nullable
    UdpRelayConfig config() {
        UdpRelayLimits limits = new UdpRelayLimits(
                checked("--udp-relay-sessions", sessions, 1, UdpRelayLimits.MOST_SESSIONS),
                checked("--udp-relay-sessions-per-client", sessionsPerClient, 1, UdpRelayLimits.MOST_SESSIONS),
                checked("--udp-relay-ends-per-address", endsPerAddress, 1, Integer.MAX_VALUE),
                rate());
        if (listen == null) {
            if (!addresses.isEmpty() || rate != 0) {
                String given = addresses.isEmpty() ? "--udp-relay-rate" : "--udp-relay-address";
                throw new UserError(given + " is about --udp-relay-listen: give that too, or leave it out");
            }
            return null;
        }
        List<InetSocketAddress> told =
                addresses.stream().map(UdpRelayOptions::told).toList();
        return new UdpRelayConfig(listen.listenAddress(), told, limits);
    }

    private static InetSocketAddress told(HostPort address) {
        if (address.host().isEmpty()) {
            throw new UserError("--udp-relay-address " + address + " needs a host: clients must know where to send");
        }
        return address.resolve();
    }

    private long rate() {
        if (rate < 0 || rate > MOST_BYTES) {
            throw new UserError("--udp-relay-rate " + rate + " is no rate: give bytes a second up to " + MOST_BYTES
                    + ", or 0 for no limit");
        }
        return rate;
    }

    private static int checked(String option, int value, int least, int most) {
        if (value < least || value > most) {
            throw new UserError(option + " " + value + " is out of range: give " + least + " to " + most);
        }
        return value;
    }
}
