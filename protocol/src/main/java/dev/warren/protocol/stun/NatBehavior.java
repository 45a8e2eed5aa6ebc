package dev.warren.protocol.stun;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How the NAT or firewall in front of a host treats UDP, in the words of RFC 4787. Everything is as far as it has been
 * found out.
 *
 * @param mapping which destinations see the same mapped address
 * @param filtering who may send to a mapped address
 * @param hairpinning whether datagrams to one's own mapped address come back; null when unknown. A NAT that filters and
 *     has a mapping for each destination cannot show it, and counts as false
 * @param lifetime the longest of the silences tried after which answers came in still; zero when none was short enough;
 *     null when unknown
 * @param mappedByServer the mapped address that each server saw, in the order of asking; of those that answered
 */
public record NatBehavior(
        Mapping mapping,
        Filtering filtering,
        @Nullable Boolean hairpinning,
        @Nullable Duration lifetime,
        Map<InetSocketAddress, InetSocketAddress> mappedByServer) {
    /** RFC 4787 section 4.1. */
    public enum Mapping {
        /** Fewer than two addresses have answered. */
        UNKNOWN,
        /** One for all destinations. */
        ENDPOINT_INDEPENDENT,
        /** One for each destination address. */
        ADDRESS_DEPENDENT,
        /** One for each destination address and port. */
        ADDRESS_AND_PORT_DEPENDENT,
        /** Not one for all; of what it depends cannot be told without a server of RFC 5780. */
        DESTINATION_DEPENDENT
    }

    /** RFC 4787 section 5. */
    public enum Filtering {
        /** No server with a second address has answered. */
        UNKNOWN,
        /** Anybody. */
        ENDPOINT_INDEPENDENT,
        /** Any port of an address that was sent to. */
        ADDRESS_DEPENDENT,
        /** An address and port that was sent to. */
        ADDRESS_AND_PORT_DEPENDENT
    }

    /** Copies the map and keeps its order. */
    public NatBehavior {
        mappedByServer = Collections.unmodifiableMap(new LinkedHashMap<>(mappedByServer));
    }

    /** The mapped addresses, each once, in the order of asking. */
    public List<InetSocketAddress> mappedAddresses() {
        return mappedByServer.values().stream().distinct().toList();
    }

    /** Whether the mapped address varies by destination, which defeats hole punching; null when unknown. */
    public @Nullable Boolean mappingVaries() {
        return mapping == Mapping.UNKNOWN ? null : mapping != Mapping.ENDPOINT_INDEPENDENT;
    }
}
