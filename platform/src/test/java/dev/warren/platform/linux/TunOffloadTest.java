package dev.warren.platform.linux;

import static dev.warren.platform.linux.TrainRoom.NONE_REFUSED;
import static dev.warren.platform.linux.TrainRoom.at;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.testing.Requirements;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A TUN device that gives back to the kernel what the kernel sends, with the two addresses swapped. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class TunOffloadTest {
    private static final int MTU = 1280;
    private static final int ROOM_BYTES = 1 << 17;
    private static final int HEADER_BYTES = 10;

    /** virtio_net_hdr: flags u8, kind of super-packet u8, length of all headers u16, of a segment's data u16 ... */
    private static final int KIND = 1;

    private static final int SEGMENT = 4;
    private static final int UDP = 5;

    private final NetworkNamespace namespace;
    private final Netlink netlink;
    private final MemorySegment memory = Arena.ofAuto().allocate(ROOM_BYTES, 64);
    private final MemorySegment other = Arena.ofAuto().allocate(ROOM_BYTES, 64);
    private final GatherWrite pieces = new GatherWrite(4);

    TunOffloadTest() throws IOException {
        Requirements.tun();
        namespace = NetworkNamespace.create();
        netlink = namespace.call(Netlink::open);
    }

    @AfterEach
    void close() {
        netlink.close();
        namespace.close();
    }

    @ParameterizedTest
    @CsvSource({"100.64.0.1, 100.64.0.2, 24, 1", "fd00::1, fd00::2, 64, 4"})
    void shouldMoveTcpInSuperPacketsBothWays(String own, String far, int prefix, int kind) throws Exception {
        byte[] sent = new byte[4 << 20];
        new Random(7).nextBytes(sent);
        try (TunDevice tun = open(TunOffloads.ALL, own, prefix);
                ServerSocketChannel server =
                        namespace.call(() -> ServerSocketChannel.open().bind(at(own, 0)));
                SocketChannel client = namespace.call(SocketChannel::open)) {
            InetSocketAddress where = at(far, ((InetSocketAddress) server.getLocalAddress()).getPort());
            CompletableFuture<byte[]> arrived = onThread(() -> {
                try (SocketChannel accepted = server.accept()) {
                    return Channels.newInputStream(accepted).readNBytes(sent.length);
                }
            });
            CompletableFuture<Boolean> writing = onThread(() -> {
                client.connect(where);
                OutputStream out = Channels.newOutputStream(client);
                out.write(sent);
                return true;
            });
            int longest = 0;
            int longestKind = 0;
            try (Poller poller = Poller.open()) {
                poller.add(tun.descriptor(), 0, true, false);
                while (!arrived.isDone()) {
                    int length = tun.read(memory, 0, ROOM_BYTES);
                    if (length == TunDevice.EMPTY) {
                        poller.await(Clock.bootTimeNanos() + 10_000_000);
                    } else {
                        if (length > longest) {
                            longest = length;
                            longestKind = memory.get(ValueLayout.JAVA_BYTE, KIND) & 0x7f;
                        }
                        giveBack(tun, length);
                    }
                }
            }
            assertArrayEquals(sent, arrived.get());
            assertTrue(writing.get());
            assertTrue(longest > 4 * MTU, longest + " bytes at most");
            assertEquals(kind, longestKind);
        }
    }

    @ParameterizedTest
    @CsvSource({"100.64.0.1, 100.64.0.2, 24, 20", "fd00::1, fd00::2, 64, 40"})
    void shouldMoveATrainOfUdpAsOneSuperPacketBothWays(String own, String far, int prefix, int ipHeader)
            throws Exception {
        try (TunDevice tun = open(TunOffloads.ALL, own, prefix);
                TrainRoom room = namespace.call(() -> new TrainRoom(own, own, UdpFeatures.ALL))) {
            GsoBatch batch = new GsoBatch(8, 0, true);
            InetSocketAddress where = at(far, room.receiver.port());
            for (int i = 0; i < 10; i++) {
                batch.add(where, null, 1, room.memory, i * 1000L, i == 9 ? 400 : 1000);
            }
            assertTrue(room.sender.send(batch, NONE_REFUSED));
            int length = readKind(tun, UDP);
            assertEquals(HEADER_BYTES + ipHeader + 8 + 9400, length);
            assertEquals(1000, Short.toUnsignedInt(memory.get(ValueLayout.JAVA_SHORT_UNALIGNED, SEGMENT)));

            giveBack(tun, length);
            awaitBack(tun, room);
            assertEquals(9400, room.received.length(0));
            assertEquals(1000, room.received.segmentBytes(0));
            assertEquals(1, room.received.ecn(0));
            assertEquals(at(far, room.sender.port()), room.received.source(0));
            assertEquals(
                    -1,
                    room.memory
                            .asSlice(0, 9400)
                            .mismatch(room.received.memory().asSlice(room.received.offset(0), 9400)));

            // The same super-packet in one piece.
            while (room.receiver.receive(room.received) > 0) {}
            assertTrue(tun.write(memory, 0, length));
            assertEquals(1, room.receive());
            assertEquals(9400, room.received.length(0));
        }
    }

    @Test
    void shouldLetTheKernelCutWhatWasNotGranted() throws Exception {
        try (TunDevice tun = open(new TunOffloads(true, true, false), "100.64.0.1", 24);
                TrainRoom room = namespace.call(() -> new TrainRoom("100.64.0.1", "100.64.0.1", UdpFeatures.ALL))) {
            GsoBatch batch = new GsoBatch(8, 0, true);
            batch.add(at("100.64.0.2", 9), null, 0, room.memory, 0, 1000);
            assertTrue(room.sender.send(batch, NONE_REFUSED));
            InetSocketAddress where = at("100.64.0.2", 9);
            for (int i = 0; i < 3; i++) {
                batch.add(where, null, 0, room.memory, i * 100L, 100);
            }
            assertEquals(1, batch.size());
            assertTrue(room.sender.send(batch, NONE_REFUSED));
            assertEquals(HEADER_BYTES + 28 + 1000, readKind(tun, 0));
            for (int i = 0; i < 3; i++) {
                assertEquals(HEADER_BYTES + 28 + 100, readKind(tun, 0));
            }
        }
    }

    @Test
    void shouldTellWhatWasGranted() throws IOException {
        List<TunOffloads> choices = List.of(
                TunOffloads.ALL,
                new TunOffloads(true, true, false),
                new TunOffloads(true, false, true),
                new TunOffloads(true, false, false));
        for (TunOffloads wanted : choices) {
            try (TunDevice tun = namespace.call(() -> TunDevice.open("wtest0", wanted))) {
                assertEquals(wanted, tun.offloads());
                assertEquals(HEADER_BYTES, tun.headerBytes());
            }
        }
        for (String name : List.of("wtest0", "wtest%d")) {
            try (TunDevice tun = namespace.call(() -> TunDevice.open(name, TunOffloads.NONE))) {
                assertEquals(TunOffloads.NONE, tun.offloads());
                assertEquals(0, tun.headerBytes());
                assertEquals("wtest0", tun.name());
            }
        }
        assertThrows(IllegalArgumentException.class, () -> new TunOffloads(false, true, false));
    }

    @Test
    void shouldRefuseHeadersThatAreWrong() throws Exception {
        try (TunDevice tun = open(TunOffloads.ALL, "100.64.0.1", 24)) {
            assertFalse(tun.write(memory, 0, 5), "shorter than the header");
            memory.set(ValueLayout.JAVA_BYTE, HEADER_BYTES, (byte) 0x15);
            assertFalse(tun.write(memory, 0, 40), "neither IPv4 nor IPv6");
            memory.set(ValueLayout.JAVA_BYTE, HEADER_BYTES, (byte) 0x45);
            memory.set(ValueLayout.JAVA_BYTE, KIND, (byte) 77);
            assertFalse(tun.write(memory, 0, 40), "a super-packet of no kind");
            pieces.add(memory, 0, 40);
            assertEquals(Errno.EINVAL.number(), tun.write(pieces));
            pieces.clear();
            assertThrows(IndexOutOfBoundsException.class, () -> tun.write(memory, ROOM_BYTES - 10, 11));
            assertThrows(IndexOutOfBoundsException.class, () -> tun.read(memory, ROOM_BYTES - 10, 11));
            assertThrows(IllegalArgumentException.class, () -> tun.read(MemorySegment.ofArray(new byte[100]), 0, 100));
            netlink.delete("wtest0");
            assertThrows(LinuxException.class, () -> tun.read(memory, 0, ROOM_BYTES));
            assertThrows(LinuxException.class, () -> tun.write(memory, 0, 40));
            pieces.add(memory, 0, 40);
            assertThrows(LinuxException.class, () -> tun.write(pieces));
        }
    }

    @Test
    void shouldGatherNoMoreThanItHasRoomFor() {
        for (int i = 0; i < 4; i++) {
            assertTrue(pieces.add(memory, i * 100L, i));
        }
        assertFalse(pieces.add(memory, 0, 1));
        assertEquals(4, pieces.count());
        assertEquals(6, pieces.lengthBytes());
        pieces.clear();
        assertEquals(0, pieces.count());
        assertEquals(0, pieces.lengthBytes());
        assertThrows(IndexOutOfBoundsException.class, () -> pieces.add(memory, ROOM_BYTES, 1));
        assertThrows(IllegalArgumentException.class, () -> pieces.add(MemorySegment.ofArray(new byte[1]), 0, 1));
        assertEquals(0, pieces.count());
        assertThrows(IndexOutOfBoundsException.class, () -> new GatherWrite(0));
        assertThrows(IndexOutOfBoundsException.class, () -> new GatherWrite(1025));
    }

    @ParameterizedTest
    @CsvSource({"true, 10", "false, 0"})
    void shouldAdoptAnInterfaceThatIsOpen(boolean hasHeader, int headerBytes) throws IOException {
        TunOffloads wanted = hasHeader ? TunOffloads.ALL : TunOffloads.NONE;
        try (TunDevice opened = namespace.call(() -> TunDevice.open("wtest%d", wanted))) {
            // As another program may hand it over: it waits, and children get it.
            int number = opened.descriptor();
            LinuxException.check(Libc.fcntl(number, Constants.F_SETFL, Constants.O_RDWR), "make it wait");
            LinuxException.check(Libc.fcntl(number, Constants.F_SETFD, 0), "have children get it");
            TunDevice adopted = TunDevice.adopt(number, TunOffloads.ALL);
            assertEquals("wtest0", adopted.name());
            assertEquals(number, adopted.descriptor());
            assertEquals(headerBytes, adopted.headerBytes());
            assertEquals(wanted, adopted.offloads());
            assertEquals(TunDevice.EMPTY, adopted.read(memory, 0, ROOM_BYTES));
            assertEquals(Constants.FD_CLOEXEC, Libc.fcntl(number, 1, 0)); // F_GETFD
        }
    }

    @Test
    void shouldSayWhatADescriptorIsThatIsNoTunInterface() throws IOException {
        try (UdpSocket socket = UdpSocket.bind(at("127.0.0.1", 0), UdpOptions.DEFAULT)) {
            LinuxException thrown =
                    assertThrows(LinuxException.class, () -> TunDevice.adopt(socket.descriptor(), TunOffloads.ALL));
            assertTrue(
                    thrown.getMessage().startsWith("File descriptor " + socket.descriptor() + " is no TUN interface ("),
                    thrown.getMessage());
            assertEquals(0, socket.receive(new GroBatch(1)), "it is open as before");
        }
        LinuxException thrown = assertThrows(LinuxException.class, () -> TunDevice.adopt(100_000, TunOffloads.ALL));
        assertTrue(thrown.is(Errno.EBADF), thrown.getMessage());
    }

    @Test
    void shouldSayThatAnInterfaceCarriesFrames() throws IOException {
        int number = namespace.call(
                () -> LinuxException.check(Libc.open("/dev/net/tun", Constants.O_RDWR), "open the device"));
        try (Descriptor _ = new Descriptor(number)) {
            MemorySegment request = Arena.ofAuto().allocate(40, 8); // for the namespace's thread
            request.setString(0, "wtest0");
            request.set(ValueLayout.JAVA_SHORT, 16, (short) (2 | Constants.IFF_NO_PI)); // IFF_TAP
            namespace.call(
                    () -> LinuxException.check(Libc.ioctl(number, Constants.TUNSETIFF, request), "make the interface"));
            LinuxException thrown = assertThrows(LinuxException.class, () -> TunDevice.adopt(number, TunOffloads.ALL));
            assertTrue(thrown.getMessage().contains("wtest0"), thrown.getMessage());
            assertTrue(thrown.getMessage().contains("IFF_TUN"), thrown.getMessage());
        }
    }

    private TunDevice open(TunOffloads wanted, String own, int prefix) throws Exception {
        TunDevice tun = namespace.call(() -> TunDevice.open("wtest0", wanted));
        assertEquals(wanted, tun.offloads());
        netlink.bringUp("lo", 65536);
        netlink.bringUp("wtest0", MTU);
        UsableAddress.add(namespace, netlink, "wtest0", own, prefix);
        return tun;
    }

    /** The next packet of a kind, which is none for a plain one; what the kernel sends by itself is skipped. */
    private int readKind(TunDevice tun, int kind) throws IOException {
        try (Poller poller = Poller.open()) {
            poller.add(tun.descriptor(), 0, true, false);
            while (true) {
                int length = tun.read(memory, 0, ROOM_BYTES);
                boolean isIcmpv6 = memory.get(ValueLayout.JAVA_BYTE, HEADER_BYTES) >> 4 == 6
                        && memory.get(ValueLayout.JAVA_BYTE, HEADER_BYTES + 6) != 17;
                if (length == TunDevice.EMPTY) {
                    TrainRoom.await(poller);
                } else if (!isIcmpv6 && memory.get(ValueLayout.JAVA_BYTE, KIND) == kind) {
                    return length;
                }
            }
        }
    }

    /** Swapping the two addresses leaves all sums right; the packet goes in three pieces, two of them elsewhere. */
    private void giveBack(TunDevice tun, int length) throws LinuxException {
        boolean isIpv6 = memory.get(ValueLayout.JAVA_BYTE, HEADER_BYTES) >> 4 == 6;
        int at = HEADER_BYTES + (isIpv6 ? 8 : 12);
        int bytes = isIpv6 ? 16 : 4;
        for (int i = 0; i < bytes; i++) {
            byte saved = memory.get(ValueLayout.JAVA_BYTE, at + i);
            memory.set(ValueLayout.JAVA_BYTE, at + i, memory.get(ValueLayout.JAVA_BYTE, at + bytes + i));
            memory.set(ValueLayout.JAVA_BYTE, at + bytes + i, saved);
        }
        int first = HEADER_BYTES + 20;
        int second = (length - first) / 2;
        MemorySegment.copy(memory, first, other, 1000, length - first);
        pieces.clear();
        pieces.add(memory, 0, first);
        pieces.add(other, 1000, second);
        pieces.add(other, 1000L + second, length - first - second);
        assertEquals(length, pieces.lengthBytes());
        // What the kernel sends to groups by itself comes from no address that it would take back.
        int _ = tun.write(pieces);
    }

    /** The kernel drops what comes to an IPv6 address that it has not quite set up: then the pieces go once more. */
    private void awaitBack(TunDevice tun, TrainRoom room) throws IOException {
        try (Poller poller = Poller.open()) {
            poller.add(room.receiver.descriptor(), 0, true, false);
            long deadlineNanos = Clock.bootTimeNanos() + 10_000_000_000L;
            while (poller.await(Clock.bootTimeNanos() + 200_000_000) == 0) {
                assertTrue(Clock.bootTimeNanos() < deadlineNanos, "nothing came back");
                assertEquals(0, tun.write(pieces));
            }
            assertTrue(room.receiver.receive(room.received) > 0);
        }
    }

    private static <T> CompletableFuture<T> onThread(Callable<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread.ofPlatform().daemon().start(() -> {
            try {
                result.complete(work.call());
            } catch (Exception failed) {
                result.completeExceptionally(failed);
            }
        });
        return result;
    }
}
