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
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of joined packets that the kernel does not take. */
@Timeout(30)
class TunOutputTest {
    private static final int PAYLOAD = 100;
    private static final int PACKET = 40 + PAYLOAD;

    private final MemorySegment memory = Arena.ofAuto().allocate(4 * PACKET, 64);
    private final DatapathCounters counters = new DatapathCounters();
    private final OffloadSwitches switches = new OffloadSwitches(Offloads.ALL, Offloads.ALL);
    private final List<Integer> written = new ArrayList<>();
    private int errorForJoined;

    TunOutputTest() {
        for (int i = 0; i < 4; i++) {
            MemorySegment.copy(tcpSegment(i), 0, memory, ValueLayout.JAVA_BYTE, (long) i * PACKET, PACKET);
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

    private TunOutput output() {
        return new TunOutput(this::take, VirtioHeader.BYTES, counters, switches);
    }

    private void write(TunOutput output) {
        for (int i = 0; i < 4; i++) {
            output.add(memory, (long) i * PACKET, PACKET);
        }
        output.flush();
    }

    private int take(GatherWrite packet) {
        boolean isJoined = packet.count() > 2;
        if (isJoined && errorForJoined != 0) {
            return errorForJoined;
        }
        written.add(packet.lengthBytes());
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

    private static int sum(ByteBuffer packet, int from, int end, int start) {
        int sum = start;
        for (int at = from; at < end; at += 2) {
            sum += packet.getShort(at) & 0xffff;
        }
        return sum % 0xffff;
    }
}
