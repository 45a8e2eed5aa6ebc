package dev.warren.platform.linux;

import static dev.warren.platform.linux.TrainRoom.NONE_REFUSED;
import static dev.warren.platform.linux.TrainRoom.at;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class GsoBatchTest {
    private static final UdpFeatures GRO = new UdpFeatures(true, false, false);

    @ParameterizedTest
    @CsvSource({"127.0.0.1, true", "127.0.0.1, false", "::1, true", "::1, false"})
    void shouldReachAPlainReceiverAsSingleDatagramsInOrder(String ip, boolean isGso) throws LinuxException {
        try (TrainRoom room = new TrainRoom(ip, ip, UdpFeatures.NONE)) {
            GsoBatch batch = new GsoBatch(64, 0, isGso);
            for (int i = 0; i < 40; i++) {
                assertTrue(batch.add(room.destination, null, 0, room.memory, i * 1000L, i == 39 ? 300 : 1000));
            }
            assertEquals(isGso ? 1 : 40, batch.size());
            assertTrue(room.sender.send(batch, NONE_REFUSED));
            assertEquals(0, batch.size());

            List<Integer> lengths = room.receivePattern(40, 0);
            assertEquals(Collections.nCopies(39, 1000), lengths.subList(0, 39));
            assertEquals(300, lengths.getLast());
            assertEquals(at(ip, room.sender.port()), room.received.source(0));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void shouldReachAReceiverOfTrainsAsOneMessage(String ip) throws LinuxException {
        try (TrainRoom room = new TrainRoom(ip, ip, GRO)) {
            GsoBatch batch = new GsoBatch(8, 0, true);
            for (int i = 0; i < 10; i++) {
                batch.add(room.destination, null, 0, room.memory, i * 1200L, i == 9 ? 7 : 1200);
            }
            assertTrue(room.sender.send(batch, NONE_REFUSED));
            assertEquals(1, room.receive());
            assertEquals(9 * 1200 + 7, room.received.length(0));
            assertEquals(1200, room.received.segmentBytes(0));
            assertEquals(at(ip, room.sender.port()), room.received.source(0));

            // Alone again, it is a datagram as any other.
            batch.add(room.destination, null, 0, room.memory, 0, 99);
            assertTrue(room.sender.send(batch, NONE_REFUSED));
            assertEquals(List.of(99), room.receivePattern(1, 0));
            assertEquals(99, room.received.segmentBytes(0));
        }
    }

    @Test
    void shouldBeginAnotherTrainWhereOneEnds() throws LinuxException {
        try (TrainRoom room = new TrainRoom("127.0.0.1", "127.0.0.1", UdpFeatures.NONE)) {
            InetSocketAddress other = at("127.0.0.1", 9);
            LocalSource source = new LocalSource(InetAddress.ofLiteral("127.0.0.1"), 0);
            GsoBatch batch = new GsoBatch(64, 0, true);
            // Each line: datagrams, and how many messages there are afterwards.
            add(batch, room, room.destination, null, 0, 100, 1);
            add(batch, room, room.destination, null, 0, 100, 1);
            add(batch, room, room.destination, null, 0, 101, 2); // longer
            add(batch, room, room.destination, null, 0, 99, 2); // shorter: the last
            add(batch, room, room.destination, null, 0, 99, 3);
            add(batch, room, room.destination, null, 0, 0, 4); // nothing can not be a part of a train
            add(batch, room, room.destination, null, 0, 0, 5);
            add(batch, room, other, null, 0, 99, 6);
            add(batch, room, other, source, 0, 99, 7);
            add(batch, room, other, new LocalSource(source.address(), 0), 0, 99, 7);
            add(batch, room, other, new LocalSource(source.address(), 1), 0, 99, 8);
            add(batch, room, other, new LocalSource(source.address(), 1), 1, 99, 9);
            add(batch, room, room.destination, null, 0, 99, 10);
            batch.clear();
            assertEquals(0, batch.size());
            assertTrue(room.sender.send(batch, NONE_REFUSED));
        }
    }

    private static void add(
            GsoBatch batch,
            TrainRoom room,
            InetSocketAddress to,
            @Nullable LocalSource source,
            int trafficClass,
            int length,
            int messages) {
        assertTrue(batch.add(to, source, trafficClass, room.memory, 0, length));
        assertEquals(messages, batch.size());
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1, 65507", "::1, 65527"})
    void shouldEndATrainAtSixtyFourDatagramsAndAtTheLongestMessage(String ip, int maxBytes) throws LinuxException {
        try (TrainRoom room = new TrainRoom(ip, ip, GRO)) {
            GsoBatch batch = new GsoBatch(8, 0, true);
            for (int i = 0; i < 65; i++) {
                batch.add(room.destination, null, 0, room.memory, i * 10L, 10);
            }
            assertEquals(2, batch.size());
            assertEquals(65, batch.datagrams());
            assertTrue(room.sender.send(batch, NONE_REFUSED));
            assertEquals(0, batch.datagrams());
            assertEquals(Collections.nCopies(65, 10), room.receivePattern(65, 0));

            // The rest that fills the message up, and one byte more.
            int rest = maxBytes - 6 * 10_000;
            for (int more = 0; more < 2; more++) {
                for (int i = 0; i < 6; i++) {
                    batch.add(room.destination, null, 0, room.memory, i * 10_000L, 10_000);
                }
                batch.add(room.destination, null, 0, room.memory, 60_000, rest + more);
                assertEquals(1 + more, batch.size());
                assertTrue(room.sender.send(batch, NONE_REFUSED));
                assertEquals(rest + more, room.receivePattern(7, 0).getLast());
            }
        }
    }

    @Test
    void shouldJoinWhatLiesApart() throws LinuxException {
        try (TrainRoom room = new TrainRoom("127.0.0.1", "127.0.0.1", GRO)) {
            GsoBatch batch = new GsoBatch(8, 100, true);
            MemorySegment spread = Arena.ofAuto().allocate(10_000);
            for (int i = 0; i < 4; i++) {
                MemorySegment.copy(room.memory, i * 500L, spread, i * 2000L, 500);
                assertTrue(batch.add(room.destination, null, 0, spread, i * 2000L, 500));
            }
            assertTrue(batch.addCopy(room.destination, null, 0, room.memory, 2000, 100));
            assertEquals(1, batch.size());
            assertTrue(room.sender.send(batch, NONE_REFUSED));
            assertEquals(List.of(500, 500, 500, 500, 100), room.receivePattern(5, 0));
        }
    }

    @Test
    void shouldSendCopiesOfAnyMemoryAsTheyWere() throws LinuxException {
        try (TrainRoom room = new TrainRoom("127.0.0.1", "127.0.0.1", UdpFeatures.NONE)) {
            byte[] bytes = room.memory.asSlice(0, 300).toArray(ValueLayout.JAVA_BYTE);
            GsoBatch batch = new GsoBatch(8, 300, true);
            assertTrue(batch.addCopy(room.destination, null, 0, bytes, 0, 100));
            assertTrue(batch.addCopy(room.destination, null, 0, room.memory, 100, 100));
            assertTrue(batch.addCopy(room.destination, null, 0, MemorySegment.ofArray(bytes), 200, 100));
            assertEquals(1, batch.size());
            assertFalse(batch.addCopy(room.destination, null, 0, bytes, 0, 1), "there is no room for one more byte");
            assertFalse(batch.addCopy(room.destination, null, 0, room.memory, 0, 1));
            assertFalse(batch.addCopy(room.destination, null, 0, 1L, room.memory, 0, 0));
            Arrays.fill(bytes, (byte) 0);
            assertTrue(room.sender.send(batch, NONE_REFUSED));
            assertEquals(List.of(100, 100, 100), room.receivePattern(3, 0));

            long header = room.memory.get(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN), 5);
            assertTrue(batch.addCopy(room.destination, null, 0, header, room.memory, 13, 20), "all room is free again");
            assertTrue(room.sender.send(batch, NONE_REFUSED));
            assertEquals(List.of(28), room.receivePattern(1, 5));
        }
    }

    @Test
    void shouldTakeNothingWhenThereIsNoRoom() throws LinuxException {
        try (TrainRoom room = new TrainRoom("127.0.0.1", "127.0.0.1", UdpFeatures.NONE)) {
            GsoBatch batch = new GsoBatch(2, 10, true);
            assertTrue(batch.add(room.destination, null, 0, room.memory, 0, 100));
            assertTrue(batch.add(room.destination, null, 1, room.memory, 100, 100));
            assertFalse(batch.add(room.destination, null, 0, room.memory, 0, 100), "a third message");
            assertFalse(batch.addCopy(room.destination, null, 0, new byte[10], 0, 10));
            // Two messages have eight pieces: six more make the train, a seventh has no room.
            for (int i = 0; i < 6; i++) {
                assertTrue(batch.add(room.destination, null, 1, room.memory, 201 + i * 101L, 100));
            }
            assertFalse(batch.add(room.destination, null, 1, room.memory, 2000, 100));
            assertTrue(room.sender.send(batch, NONE_REFUSED));
            int arrived = 0;
            while (arrived < 8) {
                arrived += room.receive();
            }
            assertTrue(batch.addCopy(room.destination, null, 0, new byte[10], 0, 10));
        }
    }

    @Test
    void shouldRefuseMemoryThatTheKernelCanNotRead() throws LinuxException {
        try (TrainRoom room = new TrainRoom("127.0.0.1", "127.0.0.1", UdpFeatures.NONE)) {
            GsoBatch batch = new GsoBatch(2, 10, true);
            MemorySegment heap = MemorySegment.ofArray(new byte[100]);
            assertThrows(IllegalArgumentException.class, () -> batch.add(room.destination, null, 0, heap, 0, 10));
            for (long offset : new long[] {-1, TrainRoom.MEMORY_BYTES - 9, Long.MAX_VALUE}) {
                assertThrows(
                        IndexOutOfBoundsException.class,
                        () -> batch.add(room.destination, null, 0, room.memory, offset, 10));
            }
            assertThrows(
                    IndexOutOfBoundsException.class, () -> batch.add(room.destination, null, 0, room.memory, 0, -1));
            assertEquals(0, batch.size());
        }
    }
}
