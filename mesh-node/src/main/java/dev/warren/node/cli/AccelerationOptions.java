package dev.warren.node.cli;

import dev.warren.node.tunnel.Acceleration;
import dev.warren.platform.crypto.CipherPreference;
import dev.warren.platform.linux.Offloads;
import picocli.CommandLine.Option;

/** The flags of {@code warren up} and {@code warren wireguard} that say what may make them fast. */
final class AccelerationOptions {
    @Option(
            names = "--cipher",
            paramLabel = "NAME",
            defaultValue = "auto",
            description = "Whose ChaCha20-Poly1305 seals the packets: auto, libcrypto, vector or jdk.")
    private CipherPreference cipher = CipherPreference.AUTO;

    @Option(names = "--no-tun-tcp", description = "TCP passes the TUN device in single packets, both ways.")
    private boolean noTunTcp;

    @Option(names = "--no-tun-udp", description = "UDP passes the TUN device in single packets, both ways.")
    private boolean noTunUdp;

    @Option(names = "--no-udp-gso", description = "WireGuard's datagrams are sent one by one.")
    private boolean noUdpGso;

    @Option(names = "--no-udp-gro", description = "WireGuard's datagrams are received one by one.")
    private boolean noUdpGro;

    /** What they say. */
    Acceleration acceleration() {
        return new Acceleration(cipher, new Offloads(!noTunTcp, !noTunUdp, !noUdpGso, !noUdpGro));
    }
}
