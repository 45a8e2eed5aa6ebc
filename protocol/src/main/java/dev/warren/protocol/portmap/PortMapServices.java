package dev.warren.protocol.portmap;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * Which port-mapping services a gateway has.
 *
 * @param gateway the router that was asked
 * @param natPmp NAT-PMP
 * @param pcp PCP
 * @param upnp UPnP's InternetGatewayDevice, on the gateway or elsewhere on the link
 * @param external the gateway's external address by NAT-PMP; null when it told none
 * @param upnpLocation URL of the description of the device that answered; null when none did
 */
public record PortMapServices(
        InetAddress gateway,
        Service natPmp,
        Service pcp,
        Service upnp,
        @Nullable InetAddress external,
        @Nullable String upnpLocation) {
    /**
     * How far one service is there.
     *
     * @param state whether it answers, and how
     * @param why the reason of a refusal in a few words; null for anything else
     */
    public record Service(State state, @Nullable String why) {
        static final Service OFFERED = new Service(State.OFFERED, null);
        static final Service SILENT = new Service(State.SILENT, null);

        static Service refused(String why) {
            return new Service(State.REFUSED, why);
        }

        boolean isSilent() {
            return state == State.SILENT;
        }
    }

    /** Whether a service answers. */
    public enum State {
        /** It answered, and would serve. */
        OFFERED,
        /** It answered that it will not serve this machine, or cannot serve anybody. */
        REFUSED,
        /** Nothing answered. */
        SILENT
    }
}
