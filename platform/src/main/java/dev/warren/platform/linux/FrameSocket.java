package dev.warren.platform.linux;

import static dev.warren.platform.linux.Constants.AF_PACKET;
import static dev.warren.platform.linux.Constants.MSG_DONTWAIT;
import static dev.warren.platform.linux.Constants.O_CLOEXEC;
import static dev.warren.platform.linux.Constants.PACKET_QDISC_BYPASS;
import static dev.warren.platform.linux.Constants.SOCK_RAW;
import static dev.warren.platform.linux.Constants.SOL_PACKET;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;

/**
 * Sends ready Ethernet frames out of one network interface (packet(7)), past the kernel's own IP and its queues. It
 * receives nothing. It needs CAP_NET_RAW; one thread sends.
 */
public final class FrameSocket implements AutoCloseable {
    /** The most frames of one call. */
    public static final int MAX_FRAMES = 64;

    private static final int HEADER_BYTES = 64;
    private static final int VECTOR_BYTES = 16;
    /** linux/if_packet.h, struct sockaddr_ll: the family u16, a protocol u16, the interface i32, and 12 bytes. */
    private static final int ADDRESS_BYTES = 20;

    private final Descriptor descriptor;
    private final String link;
    private final MemorySegment headers;
    private final MemorySegment vectors;

    private FrameSocket(Descriptor descriptor, String link) {
        this.descriptor = descriptor;
        this.link = link;
        Arena arena = Arena.ofAuto();
        headers = arena.allocate((long) MAX_FRAMES * HEADER_BYTES, 8);
        vectors = arena.allocate((long) MAX_FRAMES * VECTOR_BYTES, 8);
        for (int i = 0; i < MAX_FRAMES; i++) {
            // struct mmsghdr, LP64: the pointer to the iovec at 16, their number at 24; without a name, as it is bound.
            headers.set(ValueLayout.ADDRESS, (long) i * HEADER_BYTES + 16, vectors.asSlice((long) i * VECTOR_BYTES));
            headers.set(ValueLayout.JAVA_LONG, (long) i * HEADER_BYTES + 24, 1);
        }
    }

    /** Opens one on an interface of the calling thread's network namespace. */
    public static FrameSocket open(Link link) throws LinuxException {
        Descriptor descriptor = new Descriptor(LinuxException.check(
                Libc.socket(AF_PACKET, SOCK_RAW | O_CLOEXEC, 0), "make a socket for Ethernet frames"));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(ADDRESS_BYTES, 8);
            address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_PACKET);
            address.set(ValueLayout.JAVA_INT, 4, link.index());
            LinuxException.check(
                    Libc.bind(descriptor.number(), address, ADDRESS_BYTES), "send frames out of " + link.name());
            LinuxException.check(
                    descriptor.setOption(SOL_PACKET, PACKET_QDISC_BYPASS, 1), "send past the queues of " + link.name());
            return new FrameSocket(descriptor, link.name());
        } catch (LinuxException refused) {
            descriptor.close();
            throw refused;
        }
    }

    /**
     * Sends frames of one length that lie one behind the other, without waiting.
     *
     * @param count at most {@link #MAX_FRAMES}
     * @return how many were taken, from the first on; 0 when there is no room just now
     * @throws LinuxException when the interface takes none: it is gone, or not up
     */
    public int send(MemorySegment frames, long offset, int frameBytes, int count) throws LinuxException {
        for (int i = 0; i < count; i++) {
            long vector = (long) i * VECTOR_BYTES;
            vectors.set(ValueLayout.JAVA_LONG, vector, frames.address() + offset + (long) i * frameBytes);
            vectors.set(ValueLayout.JAVA_LONG, vector + 8, frameBytes);
        }
        int sent;
        try {
            sent = Libc.sendmmsg(descriptor.number(), headers, count, MSG_DONTWAIT);
        } finally {
            Reference.reachabilityFence(frames);
        }
        if (sent >= 0) {
            return sent;
        }
        if (sent == -Errno.EAGAIN.number() || sent == -Errno.ENOBUFS.number() || sent == -Errno.EINTR.number()) {
            return 0;
        }
        throw LinuxException.cannot("send frames out of " + link, sent);
    }

    @Override
    public void close() {
        descriptor.close();
    }
}
