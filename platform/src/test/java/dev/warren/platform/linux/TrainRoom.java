package dev.warren.platform.linux;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** Two sockets, native memory full of a pattern, and what arrived, datagram by datagram. */
final class TrainRoom implements AutoCloseable {
    static final UdpSocket.Refused NONE_REFUSED = new UdpSocket.Refused() {
        @Override
        public void refused(InetSocketAddress destination, int errno) {
            fail(destination + ": " + Errno.describe(errno));
        }

        @Override
        public void trainRefused(InetSocketAddress destination, int segmentBytes) {
            fail(destination + ": a train of " + segmentBytes);
        }

        @Override
        public void trainsRefused(InetSocketAddress destination) {
            fail(destination + ": all trains");
        }

        @Override
        public void sourceRefused(InetSocketAddress destination, LocalSource source) {
            fail(destination + ": from " + source);
        }
    };

    private static final long WAIT_NANOS = 10_000_000_000L;

    static final int MEMORY_BYTES = 1 << 18;

    final MemorySegment memory = Arena.ofAuto().allocate(MEMORY_BYTES, 64);
    final UdpSocket sender;
    final UdpSocket receiver;
    final InetSocketAddress destination;
    final GroBatch received = new GroBatch(8);

    /** Sender and receiver on {@code any}, all addresses or one; datagrams go to {@code ip}. */
    TrainRoom(String any, String ip, UdpFeatures features) throws LinuxException {
        for (int i = 0; i < MEMORY_BYTES; i++) {
            memory.set(ValueLayout.JAVA_BYTE, i, pattern(i));
        }
        sender = UdpSocket.bind(at(any, 0), UdpOptions.DEFAULT);
        receiver = UdpSocket.bind(at(any, 0), UdpOptions.DEFAULT);
        assertTrue(receiver.enable(features).equals(features), "all of it is granted");
        destination = at(ip, receiver.port());
    }

    static byte pattern(long offset) {
        return (byte) (offset * 31 + (offset >> 8));
    }

    /** Waits for messages, and reads them. */
    int receive() throws LinuxException {
        try (Poller poller = Poller.open()) {
            poller.add(receiver.descriptor(), 0, true, false);
            await(poller);
            return receiver.receive(received);
        }
    }

    /** Waits until something is ready, but not for ever. */
    static void await(Poller poller) throws LinuxException {
        long deadlineNanos = Clock.bootTimeNanos() + WAIT_NANOS;
        while (poller.await(deadlineNanos) == 0) {
            assertTrue(Clock.bootTimeNanos() < deadlineNanos, "nothing came in ten seconds");
        }
    }

    /** The lengths of {@code count} datagrams, each of which has to hold what lies in the memory from its offset on. */
    List<Integer> receivePattern(int count, long firstOffset) throws LinuxException {
        List<Integer> lengths = new ArrayList<>();
        long offset = firstOffset;
        while (lengths.size() < count) {
            int messages = receive();
            for (int i = 0; i < messages; i++) {
                int length = received.length(i);
                checkPattern(i, length, offset);
                offset += length;
                for (int left = length; left > 0; left -= received.segmentBytes(i)) {
                    lengths.add(Math.min(left, received.segmentBytes(i)));
                }
            }
        }
        return lengths;
    }

    private void checkPattern(int index, int length, long offset) {
        for (int i = 0; i < length; i++) {
            byte found = received.memory().get(ValueLayout.JAVA_BYTE, received.offset(index) + i);
            if (found != pattern(offset + i)) {
                fail("message " + index + " differs at byte " + i + " of " + length);
            }
        }
    }

    static InetSocketAddress at(String ip, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(ip), port);
    }

    @Override
    public void close() {
        sender.close();
        receiver.close();
    }
}
