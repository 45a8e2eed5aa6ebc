package dev.warren.node.tunnel;

import dev.warren.protocol.key.NodePublicKey;
import java.net.InetSocketAddress;

/**
 * What a {@link Datapath} drives, always on its own thread: pure code that answers through {@link Datapath#sendUdp(InetSocketAddress, byte[], int, int)},
 * {@link Datapath#deliver} and whatever else it was given. Times are CLOCK_BOOTTIME nanoseconds. The buffers may be
 * changed in place and are valid during the call.
 */
public interface PacketEngine {
    /** Room in front of a packet from the TUN device: the header of a WireGuard data message. */
    int HEADROOM_BYTES = 16;

    /** Room behind it: padding to 16 bytes and the tag. */
    int TAILROOM_BYTES = 32;

    /** An IP packet that the machine sends into the tunnel, with head- and tailroom around it. */
    void onTun(byte[] buffer, int offset, int length, long nowNanos);

    /** A datagram. */
    void onUdp(InetSocketAddress source, byte[] buffer, int offset, int length, long nowNanos);

    /** A packet that a relay forwarded. */
    void onRelay(int region, NodePublicKey source, byte[] buffer, int offset, int length, long nowNanos);

    /** The kernel refused a datagram to {@code destination}: no route, a firewall. Told once a batch and address. */
    void onSendFailed(InetSocketAddress destination, long nowNanos);

    /** Does what is due. */
    void poll(long nowNanos);

    /** When {@link #poll} wants to be called next; {@code Long.MAX_VALUE} for never. */
    long nextDeadlineNanos();
}
