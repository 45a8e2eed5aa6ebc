package dev.warren.protocol.disco;

import dev.warren.protocol.key.DiscoPublicKey;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * What a UDP relay has set aside for two clients (derp.md section 9).
 *
 * @param server the relay's disco key
 * @param clients who may use it
 * @param lamportId higher for what the same relay allocated later
 * @param vni the number in the Geneve header, 1 to {@link #HIGHEST_VNI}
 * @param bindLifetimeNanos how long from the allocation on both may take to bind
 * @param steadyLifetimeNanos how long either may be silent after that
 * @param addresses where the relay listens; at least one
 */
public record RelaySession(
        DiscoPublicKey server,
        DiscoPair clients,
        long lamportId,
        int vni,
        long bindLifetimeNanos,
        long steadyLifetimeNanos,
        List<InetSocketAddress> addresses) {
    /** 24 bits. */
    public static final int HIGHEST_VNI = 0xff_ffff;

    /** Copies the list; throws IllegalArgumentException when it is empty or has a host name. */
    public RelaySession {
        addresses = List.copyOf(addresses);
        if (addresses.isEmpty()) {
            throw new IllegalArgumentException("a relay session needs an address");
        }
        addresses.forEach(DiscoMessage::requireAddress);
    }

    /** Whether the number can stand in a Geneve header and means a session. */
    public static boolean isVni(int vni) {
        return vni >= 1 && vni <= HIGHEST_VNI;
    }
}
