package dev.warren.node.tunnel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.linux.GsoBatch;
import dev.warren.platform.linux.Offloads;
import dev.warren.platform.linux.UdpOptions;
import dev.warren.platform.linux.UdpSocket;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The ways into a batch with room for two messages, on a real socket. */
@Timeout(30)
class UdpOutputTest {
    private static final int COPIED_BYTES = 4096;
    private static final int LENGTH = 100;
    private static final int TOO_LONG = 5000;
    private static final int OFFSET = 7;
    private static final long HEADER = 0x0102030405060708L;

    /** How a datagram comes. */
    enum Way {
        BYTES,
        BEHIND_A_HEADER,
        MEMORY,
        MEMORY_THAT_STAYS
    }

    private final DatapathCounters counters = new DatapathCounters();
    private final MemorySegment memory = Arena.ofAuto().allocate(8 * TOO_LONG, 64);
    private final DatagramSocket receiver;
    private final InetSocketAddress destination;
    private final UdpSocket socket;
    private final UdpOutput output;

    UdpOutputTest() throws IOException {
        InetAddress here = InetAddress.ofLiteral("127.0.0.1");
        receiver = new DatagramSocket(0, here);
        destination = new InetSocketAddress(here, receiver.getLocalPort());
        socket = UdpSocket.bind(new InetSocketAddress(here, 0), UdpOptions.DEFAULT);
        output = new UdpOutput(
                socket,
                new GsoBatch(2, COPIED_BYTES, false),
                counters,
                new OffloadSwitches(Offloads.NONE, Offloads.NONE),
                new LinkedHashSet<>(),
                new HashMap<>());
    }

    @AfterEach
    void close() {
        socket.close();
        receiver.close();
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void shouldSendWhatIsThereWhenThereIsNoRoomForMore(Way way) throws IOException {
        for (int i = 0; i < 5; i++) {
            add(way, i, LENGTH);
            assertFalse(output.isEmpty());
        }
        assertEquals(5, counters.value(DatapathCounter.UDP_SENT));
        output.flush();
        assertTrue(output.isEmpty());
        output.flush();
        for (int i = 0; i < 5; i++) {
            assertArrayEquals(expected(way, i), received());
        }
        assertEquals(0, counters.value(DatapathCounter.UDP_OVERFLOW));
        assertFalse(output.isBlocked());
    }

    @ParameterizedTest
    @EnumSource(value = Way.class, names = "MEMORY_THAT_STAYS", mode = EnumSource.Mode.EXCLUDE)
    void shouldCountWhatIsLongerThanTheRoomForCopies(Way way) throws IOException {
        add(way, 0, LENGTH);
        add(way, 1, TOO_LONG);
        assertEquals(1, counters.value(DatapathCounter.UDP_SENT));
        assertEquals(1, counters.value(DatapathCounter.UDP_OVERFLOW));
        assertArrayEquals(expected(way, 0), received());
    }

    @Test
    void shouldHaveNothingToSendAtFirst() throws IOException {
        assertTrue(output.isEmpty());
        output.flush();
        assertFalse(output.isBlocked());
        assertEquals(0, counters.value(DatapathCounter.UDP_SENT));
    }

    private void add(Way way, int number, int length) throws IOException {
        byte[] bytes = new byte[OFFSET + length];
        Arrays.fill(bytes, OFFSET, bytes.length, (byte) (1 + number));
        long at = (long) number * TOO_LONG;
        MemorySegment.copy(bytes, OFFSET, memory, ValueLayout.JAVA_BYTE, at, length);
        switch (way) {
            case BYTES -> output.addCopy(destination, bytes, OFFSET, length);
            case BEHIND_A_HEADER -> output.addCopy(destination, HEADER, memory, at, length);
            case MEMORY -> output.addCopy(destination, null, 0, memory, at, length);
            case MEMORY_THAT_STAYS -> output.add(destination, null, 0, memory, at, length);
        }
    }

    private static byte[] expected(Way way, int number) {
        byte[] bytes = new byte[LENGTH];
        Arrays.fill(bytes, (byte) (1 + number));
        return way == Way.BEHIND_A_HEADER
                ? ByteBuffer.allocate(8 + LENGTH).putLong(HEADER).put(bytes).array()
                : bytes;
    }

    private byte[] received() throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[TOO_LONG], TOO_LONG);
        receiver.receive(packet);
        return Arrays.copyOf(packet.getData(), packet.getLength());
    }
}
