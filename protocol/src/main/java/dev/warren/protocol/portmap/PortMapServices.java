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
    /** How far one service is there. */
    public enum Service {
        /** It answered, and would serve. */
        OFFERED,
        /** It answered that it will not serve this machine, or is switched off. */
        REFUSED,
        /** Nothing answered. */
        SILENT
    }
}
