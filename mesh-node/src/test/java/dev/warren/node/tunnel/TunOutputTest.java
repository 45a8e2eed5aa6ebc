package dev.warren.node.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.warren.node.offload.VirtioHeader;
import dev.warren.platform.linux.Errno;
import dev.warren.platform.linux.GatherWrite;
import dev.warren.platform.linux.Offloads;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of joined packets that the kernel does not take. */
@Timeout(30)
class TunOutputTest {
    private static final int PAYLOAD = 100;
    private static final int PACKET = 40 + PAYLOAD;
    private static final int DATAGRAM = 28 + PAYLOAD;

    private final MemorySegment memory = Arena.ofAuto().allocate(4 * PACKET, 64);
    private final DatapathCounters counters = new DatapathCounters();
    private final MemorySegment datagrams = Arena.ofAuto().allocate(4 * DATAGRAM, 64);
    private OffloadSwitches switches = new OffloadSwitches(Offloads.ALL, Offloads.ALL);
    private final List<Integer> written = new ArrayList<>();
    private final List<Integer> pieces = new ArrayList<>();
    private int errorForJoined;
    private int errorForSingle;

    TunOutputTest() {
        for (int i = 0; i < 4; i++) {
            MemorySegment.copy(tcpSegment(i), 0, memory, ValueLayout.JAVA_BYTE, (long) i * PACKET, PACKET);
            MemorySegment.copy(datagram(i), 0, datagrams, ValueLayout.JAVA_BYTE, (long) i * DATAGRAM, DATAGRAM);
        }
    }

    @Test
    void shouldWriteASegmentSinglyWhenTheKernelCallsTheJoinedOneInvalid() {
        errorForJoined = Errno.EINVAL.number();
        write(output());

        assertEquals(List.of(single(), single(), single(), single()), written);
        assertEquals(4, counters.value(DatapathCounter.TUN_WRITTEN));
        assertEquals(1, counters.value(DatapathCounter.TUN_JOINED_REFUSED));
        assertEquals(0, counters.value(DatapathCounter.TUN_REFUSED));
        assertEquals(OffloadState.REFUSED, switches.states().get(Offload.TUN_TCP));
        assertEquals(OffloadState.ON, switches.states().get(Offload.TUN_UDP));
    }

    @Test
    void shouldJoinNoneAfterThat() {
        errorForJoined = Errno.EINVAL.number();
        TunOutput output = output();
        write(output);
        errorForJoined = 0;
        written.clear();
        write(output);

        assertEquals(List.of(single(), single(), single(), single()), written);
        assertEquals(8, counters.value(DatapathCounter.TUN_WRITTEN));
        assertEquals(1, counters.value(DatapathCounter.TUN_JOINED_REFUSED));
    }

    @Test
    void shouldGoOnJoiningWhenThereIsAnotherReason() {
        errorForJoined = Errno.EIO.number(); // what an interface says that is down
        TunOutput output = output();
        write(output);
        assertEquals(4, counters.value(DatapathCounter.TUN_REFUSED));
        assertEquals(List.of(), written);

        errorForJoined = 0;
        write(output);
        assertEquals(List.of(VirtioHeader.BYTES + 40 + 4 * PAYLOAD), written);
        assertEquals(0, counters.value(DatapathCounter.TUN_JOINED_REFUSED));
        assertEquals(OffloadState.ON, switches.states().get(Offload.TUN_TCP));
    }

    @Test
    void shouldDoTheSameWithDatagrams() {
        errorForJoined = Errno.EINVAL.number();
        TunOutput output = output();
        write(output, datagrams, DATAGRAM, 4);
        assertEquals(Collections.nCopies(4, VirtioHeader.BYTES + DATAGRAM), written);
        assertEquals(OffloadState.REFUSED, switches.states().get(Offload.TUN_UDP));
        assertEquals(OffloadState.ON, switches.states().get(Offload.TUN_TCP));
        errorForJoined = 0;
        written.clear();
        write(output);
        assertEquals(1, written.size(), "segments are joined still");
    }

    @Test
    void shouldWriteTwoSinglyToo() {
        errorForJoined = Errno.EINVAL.number();
        write(output(), memory, PACKET, 2);
        assertEquals(List.of(single(), single()), written);
    }

    /** It is not its being joined that the kernel minds. */
    @Test
    void shouldDropWhatIsRefusedByItself() {
        errorForSingle = Errno.EINVAL.number();
        write(output(), memory, PACKET, 1);
        assertEquals(1, counters.value(DatapathCounter.TUN_REFUSED));
        assertEquals(0, counters.value(DatapathCounter.TUN_JOINED_REFUSED));
        assertEquals(OffloadState.ON, switches.states().get(Offload.TUN_TCP));
    }

    @ParameterizedTest
    @CsvSource({"true, false", "false, true"})
    void shouldJoinOnlyWhatIsOn(boolean tcp, boolean udp) {
        switches = new OffloadSwitches(new Offloads(tcp, udp, true, true), Offloads.ALL);
        write(output());
        assertEquals(tcp ? 1 : 4, written.size());
        written.clear();
        write(output(), datagrams, DATAGRAM, 4);
        assertEquals(udp ? 1 : 4, written.size());
        assertEquals(0, counters.value(DatapathCounter.TUN_JOINED_REFUSED));
    }

    @Test
    void shouldLeaveOutTheHeaderThatADeviceWithoutOffloadsDoesNotHave() {
        switches = new OffloadSwitches(Offloads.NONE, Offloads.ALL);
        write(new TunOutput(this::take, 0, counters, switches));
        assertEquals(Collections.nCopies(4, PACKET), written);
        assertEquals(Collections.nCopies(4, 1), pieces);
    }

    private TunOutput output() {
        return new TunOutput(this::take, VirtioHeader.BYTES, counters, switches);
    }

    private void write(TunOutput output) {
        write(output, memory, PACKET, 4);
    }

    private static void write(TunOutput output, MemorySegment packets, int length, int count) {
        for (int i = 0; i < count; i++) {
            output.add(packets, (long) i * length, length);
        }
        output.flush();
    }

    private int take(GatherWrite packet) {
        boolean isJoined = packet.count() > 2;
        int error = isJoined ? errorForJoined : errorForSingle;
        if (error != 0) {
            return error;
        }
        written.add(packet.lengthBytes());
        pieces.add(packet.count());
        return 0;
    }

    private static int single() {
        return VirtioHeader.BYTES + PACKET;
    }

    /** The n-th of a connection: IPv4 (RFC 791 3.1) and TCP (RFC 9293 3.1), with right sums. */
    private static byte[] tcpSegment(int n) {
        ByteBuffer packet = ByteBuffer.allocate(PACKET);
        packet.putShort((short) 0x4500)
                .putShort((short) PACKET)
                .putShort((short) n)
                .putShort((short) 0x4000);
        packet.putShort((short) (64 << 8 | 6)).putShort((short) 0);
        packet.put(new byte[] {10, 0, 0, 1}).put(new byte[] {10, 0, 0, 2});
        packet.putShort((short) 1234)
                .putShort((short) 80)
                .putInt(1 + n * PAYLOAD)
                .putInt(77);
        packet.putShort((short) 0x5010).putShort((short) 500).putInt(0);
        packet.putShort(10, (short) ~sum(packet, 0, 20, 0));
        packet.putShort(36, (short) ~sum(packet, 12, PACKET, 6 + PACKET - 20));
        return packet.array();
    }

    /** The n-th of a flow: IPv4 and UDP (RFC 768), with right sums. */
    private static byte[] datagram(int n) {
        ByteBuffer packet = ByteBuffer.allocate(DATAGRAM);
        packet.putShort((short) 0x4500)
                .putShort((short) DATAGRAM)
                .putShort((short) n)
                .putShort((short) 0x4000);
        packet.putShort((short) (64 << 8 | 17)).putShort((short) 0);
        packet.put(new byte[] {10, 0, 0, 1}).put(new byte[] {10, 0, 0, 2});
        packet.putShort((short) 1234).putShort((short) 53).putShort((short) (DATAGRAM - 20));
        packet.putShort(10, (short) ~sum(packet, 0, 20, 0));
        packet.putShort(26, (short) ~sum(packet, 12, DATAGRAM, 17 + DATAGRAM - 20));
        return packet.array();
    }

    private static int sum(ByteBuffer packet, int from, int end, int start) {
        int sum = start;
        for (int at = from; at < end; at += 2) {
            sum += packet.getShort(at) & 0xffff;
        }
        return sum % 0xffff;
    }
}
