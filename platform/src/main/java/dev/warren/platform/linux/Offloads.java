package dev.warren.platform.linux;

/**
 * The four ways to move many packets at once, each of which can be switched off by itself: kernels have had faults in
 * every one of them.
 *
 * @param tunTcp TCP super-packets through the TUN device, both ways
 * @param tunUdp UDP super-packets through the TUN device, both ways
 * @param socketGso trains of datagrams to the UDP socket
 * @param socketGro trains of datagrams from the UDP socket
 */
public record Offloads(boolean tunTcp, boolean tunUdp, boolean socketGso, boolean socketGro) {
    /** All of them. */
    public static final Offloads ALL = new Offloads(true, true, true, true);

    /** One packet at a time. */
    public static final Offloads NONE = new Offloads(false, false, false, false);

    /** What both have. */
    public Offloads and(Offloads other) {
        return new Offloads(
                tunTcp && other.tunTcp,
                tunUdp && other.tunUdp,
                socketGso && other.socketGso,
                socketGro && other.socketGro);
    }
}
