package dev.warren.node.tunnel;

/** The ways to move many packets at once, each of which is switched off by itself. */
public enum Offload {
    /** TCP super-packets through the TUN device, both ways. */
    TUN_TCP("tun-tcp"),
    /** UDP super-packets through the TUN device, both ways. */
    TUN_UDP("tun-udp"),
    /** Trains of datagrams to the UDP socket (UDP_SEGMENT). */
    UDP_GSO("udp-gso"),
    /** Trains of datagrams from the UDP socket (UDP_GRO). */
    UDP_GRO("udp-gro");

    private final String text;

    Offload(String text) {
        this.text = text;
    }

    /** The word for users; {@code --no-} in front of it is the flag that switches it off. */
    @Override
    public String toString() {
        return text;
    }
}
