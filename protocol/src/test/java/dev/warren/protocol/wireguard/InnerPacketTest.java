package dev.warren.protocol.wireguard;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What comes out of an authentic message: the packet that its own header states, or nothing. */
@Timeout(30)
class InnerPacketTest {
    private static final long NOW = 1_000_000_000L;
    private static final int IPV4_HEADER = 20;
    private static final int IPV6_HEADER = 40;

    private final TestNode a = new TestNode(1);
    private final TestNode b = new TestNode(2);
    private final Peer bAtA = a.add(b, "10.0.0.2/32", "fd00::2/128");

    @BeforeEach
    void connect() {
        b.add(a, "10.0.0.1/32", "fd00::1/128");
        a.device.initiate(bAtA, NOW);
        TestNode.exchange(a, b, NOW);
    }

    @Test
    void shouldDeliverWhatTheHeaderStatesWithoutThePadding() {
        byte[] ipv4 = Packets.ipv4("10.0.0.1", "10.0.0.2", 50);
        byte[] ipv6 = Packets.ipv6("fd00::1", "fd00::2", 50);
        for (byte[] packet : List.of(ipv4, ipv6)) {
            receive(Arrays.copyOf(packet, 64));
            assertArrayEquals(packet, b.delivered.removeLast());
            receive(Arrays.copyOf(packet, 1008));
            assertArrayEquals(packet, b.delivered.removeLast());
        }
        assertEquals(List.of(), b.dropped);
    }

    @Test
    void shouldDropWhatStatesMoreThanWasReceived() {
        receive(Arrays.copyOf(Packets.ipv4("10.0.0.1", "10.0.0.2", 65), 64));
        receive(Arrays.copyOf(Packets.ipv6("fd00::1", "fd00::2", 65), 64));
        assertEquals(List.of(DropReason.BAD_INNER_PACKET, DropReason.BAD_INNER_PACKET), b.dropped);
        receive(Packets.ipv4("10.0.0.1", "10.0.0.2", 64));
        receive(Packets.ipv6("fd00::1", "fd00::2", 64));
        assertEquals(2, b.delivered.size());
    }

    @Test
    void shouldDropWhatStatesLessThanAHeader() {
        byte[] packet = Packets.ipv4("10.0.0.1", "10.0.0.2", 64);
        packet[3] = IPV4_HEADER - 1;
        receive(packet);
        assertEquals(List.of(DropReason.BAD_INNER_PACKET), b.dropped);
        packet[3] = IPV4_HEADER;
        receive(packet);
        assertEquals(IPV4_HEADER, b.delivered.getLast().length);
        receive(Packets.ipv6("fd00::1", "fd00::2", IPV6_HEADER));
        assertEquals(IPV6_HEADER, b.delivered.getLast().length);
    }

    @Test
    void shouldDropWhatIsNeitherIpv4NorIpv6() {
        byte[] packet = Packets.ipv4("10.0.0.1", "10.0.0.2", 64);
        for (int version = 0; version < 16; version++) {
            if (version != 4 && version != 6) {
                packet[0] = (byte) (version << 4 | 5);
                receive(packet);
                assertEquals(DropReason.BAD_INNER_PACKET, b.dropped.removeLast(), "version " + version);
            }
        }
        assertEquals(List.of(), b.delivered);
    }

    @Test
    void shouldDropWhatIsTooShortForAHeader() {
        receive(Arrays.copyOf(Packets.ipv4("10.0.0.1", "10.0.0.2", IPV4_HEADER), 16));
        receive(Arrays.copyOf(Packets.ipv6("fd00::1", "fd00::2", IPV6_HEADER), 32));
        assertEquals(List.of(DropReason.BAD_INNER_PACKET, DropReason.BAD_INNER_PACKET), b.dropped);
        assertEquals(List.of(), b.delivered);
    }

    /** Has b receive {@code packet} as it is, whatever an honest sender would make of it. */
    private void receive(byte[] packet) {
        Session session = bAtA.keypairs().current();
        assertNotNull(session);
        byte[] message = new byte[DataMessage.encodedLength(packet.length)];
        System.arraycopy(packet, 0, message, DataMessage.HEADER_LENGTH, packet.length);
        assertEquals(message.length, session.seal(MemorySegment.ofArray(message), 0, packet.length));
        b.receive(message, a, NOW);
    }
}
