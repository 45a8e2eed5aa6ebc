package dev.warren.node.tunnel;

import dev.warren.platform.linux.Offloads;
import dev.warren.platform.linux.TunOffloads;
import java.util.EnumMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The four switches of one interface: what is on after the user, the probe and the kernel have had their say. What is off
 * stays off, but for trains to the socket, which get a new chance with new sockets and with a new network. Any thread
 * may look.
 */
final class OffloadSwitches {
    private static final Logger LOG = LoggerFactory.getLogger(OffloadSwitches.class);

    private final Map<Offload, OffloadState> states = new EnumMap<>(Offload.class); // guarded by this
    private String interfaceName = ""; // guarded by this

    /**
     * @param allowed by the user
     * @param working according to the probe
     */
    OffloadSwitches(Offloads allowed, Offloads working) {
        states.put(Offload.TUN_TCP, state(allowed.tunTcp(), working.tunTcp()));
        states.put(Offload.TUN_UDP, state(allowed.tunUdp(), working.tunUdp()));
        states.put(Offload.UDP_GSO, state(allowed.socketGso(), working.socketGso()));
        states.put(Offload.UDP_GRO, state(allowed.socketGro(), working.socketGro()));
    }

    private static OffloadState state(boolean allowed, boolean working) {
        if (!allowed) {
            return OffloadState.SWITCHED_OFF;
        }
        return working ? OffloadState.ON : OffloadState.UNUSABLE;
    }

    synchronized boolean isOn(Offload offload) {
        return states.get(offload) == OffloadState.ON;
    }

    synchronized SortedMap<Offload, OffloadState> states() {
        return new TreeMap<>(states);
    }

    /** What to ask the TUN device for. */
    TunOffloads forTun() {
        boolean tcp = isOn(Offload.TUN_TCP);
        boolean udp = isOn(Offload.TUN_UDP);
        return new TunOffloads(tcp || udp, tcp, udp);
    }

    /** The TUN device is open, with these. */
    synchronized void opened(String name, TunOffloads offloads) {
        interfaceName = name;
        granted(Offload.TUN_TCP, offloads.tcp());
        granted(Offload.TUN_UDP, offloads.udp());
    }

    /** What is on and was not granted is off. */
    synchronized void granted(Offload offload, boolean isGranted) {
        if (!isGranted && states.get(offload) == OffloadState.ON) {
            states.put(offload, OffloadState.UNUSABLE);
        }
    }

    /** The kernel does not take it any more. */
    synchronized void refused(Offload offload) {
        if (states.get(offload) == OffloadState.ON) {
            states.put(offload, OffloadState.REFUSED);
            LOG.warn(
                    "the kernel refuses {} on {}: its packets go one by one from now on, which is slower",
                    offload,
                    interfaceName);
        }
    }

    /** The sockets are new ones or the network is, so there may be another way out. */
    synchronized void waysChanged() {
        states.replace(Offload.UDP_GSO, OffloadState.REFUSED, OffloadState.ON);
    }
}
