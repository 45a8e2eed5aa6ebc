package dev.warren.node.tunnel;

import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.wireguard.SourceAddress;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.Set;
import org.jspecify.annotations.Nullable;

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
    void onTun(MemorySegment memory, long offset, int length, long nowNanos);

    /**
     * A datagram.
     *
     * @param local which of our addresses it came to, null where that is not known
     * @param ecn the outer header's ECN bits
     */
    void onUdp(
            InetSocketAddress source,
            @Nullable SourceAddress local,
            int ecn,
            MemorySegment memory,
            long offset,
            int length,
            long nowNanos);

    /** A packet that a relay forwarded. */
    void onRelay(int region, NodePublicKey source, MemorySegment memory, long offset, int length, long nowNanos);

    /** The kernel refused datagrams to these destinations: no route, a firewall. Told once a turn. */
    void onSendFailed(Set<InetSocketAddress> destinations, long nowNanos);

    /** The way to {@code destination} does not begin at {@code source} any more: it went from another address. */
    default void onSourceRefused(InetSocketAddress destination, SourceAddress source) {}

    /** Handshake messages wait until they have their turn. */
    default HandshakeWork handshakes() {
        return HandshakeWork.NONE;
    }

    /** Does what is due. */
    void poll(long nowNanos);

    /** When {@link #poll} wants to be called next; {@code Long.MAX_VALUE} for never. */
    long nextDeadlineNanos();
}
