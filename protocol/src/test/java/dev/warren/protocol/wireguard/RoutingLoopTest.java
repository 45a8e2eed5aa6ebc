package dev.warren.protocol.wireguard;

import static dev.warren.protocol.wireguard.VirtualLink.SECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A device whose messages for a peer come back to it, as the peer's endpoint is behind the peer. */
class RoutingLoopTest {
    private static final long DELAY = 20_000_000L;

    private final TestNode a = new TestNode(1);
    private final TestNode b = new TestNode(2);
    private final VirtualLink link = new VirtualLink(a, b, DELAY, SECOND);

    RoutingLoopTest() {
        a.add(b, "10.0.0.2/32", "fd00::2/128");
        b.add(a, "10.0.0.1/32", "fd00::1/128");
    }

    private static byte[] datagram(boolean isIpv6, byte[] payload) {
        int headerLength = isIpv6 ? 40 : 20;
        int length = headerLength + 8 + payload.length;
        byte[] packet =
                isIpv6 ? Packets.ipv6("fd00::1", "fd00::2", length) : Packets.ipv4("10.0.0.1", "10.0.0.2", length);
        packet[isIpv6 ? 6 : 9] = 17;
        System.arraycopy(payload, 0, packet, headerLength + 8, payload.length);
        return packet;
    }

    private byte[] sent() {
        return Objects.requireNonNull(a.transmitted.poll());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldDropWhatItHasSealedForThatPeer(boolean isIpv6) {
        a.send(datagram(isIpv6, new byte[30]), link.nowNanos);
        link.run(SECOND);
        a.send(datagram(isIpv6, new byte[30]), link.nowNanos);
        byte[] sealed = sent();
        a.send(datagram(isIpv6, sealed), link.nowNanos);
        assertEquals(List.of(DropReason.ROUTING_LOOP), a.dropped);
        assertTrue(a.transmitted.isEmpty());

        // The first fragment of such a message is enough.
        byte[] fragment = datagram(isIpv6, sealed);
        if (!isIpv6) {
            fragment[6] = 0x20;
            a.send(fragment, link.nowNanos);
            assertEquals(2, a.dropped.size());
        }
    }

    @Test
    void shouldDropItsOwnHandshake() {
        a.send(datagram(false, new byte[30]), link.nowNanos);
        a.send(datagram(false, sent()), link.nowNanos);
        assertEquals(List.of(DropReason.ROUTING_LOOP), a.dropped);
    }

    @Test
    void shouldCarryAnotherDevicesMessages() {
        a.send(datagram(false, new byte[30]), link.nowNanos);
        link.run(SECOND);
        a.send(datagram(false, new byte[30]), link.nowNanos);
        byte[] others = sent();
        others[4] ^= 1; // another index
        a.send(datagram(false, others), link.nowNanos);
        a.transmitted.clear();
        others[4] ^= 1; // its own again, but no whole header
        a.send(datagram(false, Arrays.copyOf(others, DataMessage.HEADER_LENGTH - 1)), link.nowNanos);
        assertEquals(1, a.transmitted.size());
        byte[] handshake = new byte[InitiationMessage.LENGTH];
        handshake[0] = 1;
        a.send(datagram(false, handshake), link.nowNanos);
        assertEquals(2, a.transmitted.size());
        assertTrue(a.dropped.isEmpty());
    }
}
