package dev.warren.node.netcheck;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was found; also the form of {@code warren netcheck --json}. Where something is null it could not be told.
 *
 * @param udp whether any STUN server answered
 * @param ipv4 UDP over IPv4
 * @param ipv6 UDP over IPv6
 * @param nat what is between this machine and the servers
 * @param portMapping one entry a router that was asked
 * @param captivePortal whether something answers in the place of relays
 * @param preferredRegion where an agent here would make its home; 0 when it would have none
 * @param regions all of the map, by id
 * @param stunServers those that were named beside the map
 * @param problems what kept servers from being asked, a sentence each
 * @param seconds how long it took
 */
public record NetcheckReport(
        boolean udp,
        Family ipv4,
        Family ipv6,
        Nat nat,
        List<PortMapping> portMapping,
        Portal captivePortal,
        int preferredRegion,
        List<Region> regions,
        List<Server> stunServers,
        List<String> problems,
        double seconds) {
    /** How far UDP gets with one family. */
    public enum Reach {
        /** A server answered. */
        YES("yes"),
        /** Requests were sent, and none was answered. */
        SILENT("no answer"),
        /** This machine has no route for the family, or may not send. */
        CANNOT_SEND("cannot send"),
        /** No server has an address of this family. */
        NOT_ASKED("not asked");

        private final String text;

        Reach(String text) {
            this.text = text;
        }

        /** As in JSON. */
        @JsonValue
        public String text() {
            return text;
        }
    }

    /**
     * UDP over one family.
     *
     * @param reach how far it gets
     * @param mapped where servers see this machine, as {@code ip:port}
     */
    public record Family(Reach reach, List<String> mapped) {}

    /**
     * What is between this machine and the servers, in the words of RFC 4787: "endpoint-independent",
     * "address-dependent", "address-and-port-dependent", and for a mapping "destination-dependent" when it could not be
     * told which of the latter two.
     *
     * @param present false when servers see an address of this machine itself
     * @param mappingVaries whether different destinations see different addresses of one socket
     * @param mapping which destinations see the same address of one socket
     * @param filtering who may send to that address
     * @param hairpinning whether datagrams to one's own address as seen from outside come back
     */
    public record Nat(
            @Nullable Boolean present,
            @Nullable Boolean mappingVaries,
            @Nullable String mapping,
            @Nullable String filtering,
            @Nullable Boolean hairpinning) {}

    /**
     * A router's port-mapping services.
     *
     * @param router its address
     * @param natPmp NAT-PMP
     * @param pcp PCP
     * @param upnp UPnP
     * @param externalAddress the router's own address outside, when it told
     * @param upnpLocation URL of the description of the UPnP device that answered
     */
    public record PortMapping(
            String router,
            Service natPmp,
            Service pcp,
            Service upnp,
            @Nullable String externalAddress,
            @Nullable String upnpLocation) {}

    /**
     * One port-mapping service.
     *
     * @param state "offered", "refused" or "silent"
     * @param why the reason of a refusal
     */
    public record Service(String state, @Nullable String why) {}

    /**
     * Whether something answers in the place of relays.
     *
     * @param found null when no relay could be asked
     * @param reason a few words more
     */
    public record Portal(@Nullable Boolean found, String reason) {}

    /**
     * One region.
     *
     * @param id its number
     * @param code its short name
     * @param latencyMillis the shortest round trip that was seen; null when nothing answered
     * @param by "stun" or "https"; null when nothing answered
     * @param ipv4Millis the shortest over IPv4
     * @param ipv6Millis the shortest over IPv6
     * @param why what went wrong with its relays, when they were asked and did not answer
     */
    public record Region(
            int id,
            String code,
            @Nullable Double latencyMillis,
            @Nullable String by,
            @Nullable Double ipv4Millis,
            @Nullable Double ipv6Millis,
            @Nullable String why) {}

    /**
     * One STUN server.
     *
     * @param name as it was given
     * @param address where it is
     * @param latencyMillis the shortest round trip; null when it did not answer
     * @param mapped where it sees this machine; null when it did not answer
     */
    public record Server(String name, String address, @Nullable Double latencyMillis, @Nullable String mapped) {}

    /** Whether anything at all answered: a relay or a STUN server. */
    public boolean reachedAnything() {
        return udp || regions.stream().anyMatch(region -> region.latencyMillis() != null);
    }
}
