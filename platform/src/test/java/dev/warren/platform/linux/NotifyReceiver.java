package dev.warren.platform.linux;

import static dev.warren.platform.linux.Constants.AF_UNIX;
import static dev.warren.platform.linux.Constants.MSG_DONTWAIT;
import static dev.warren.platform.linux.Constants.SOCK_DGRAM;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** systemd's end of a {@link NotifySocket}. */
public final class NotifyReceiver implements AutoCloseable {
    private static final int MOST_BYTES = 4096;

    private final int socket;

    /** Listens at a path, or at a name behind a zero. */
    public NotifyReceiver(String path) throws LinuxException {
        byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
        ByteBuffer address = ByteBuffer.allocate(Short.BYTES + bytes.length).order(ByteOrder.nativeOrder());
        address.putShort((short) AF_UNIX).put(bytes);
        socket = LinuxException.check(Libc.socket(AF_UNIX, SOCK_DGRAM, 0), "make a socket");
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocateFrom(ValueLayout.JAVA_BYTE, address.array());
            LinuxException.check(Libc.bind(socket, memory, address.capacity()), "bind");
        }
    }

    /** The next message of those that have come; throws when there is none. */
    public String next() throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(MOST_BYTES);
            int length = LinuxException.check(Libc.receive(socket, memory, MOST_BYTES, MSG_DONTWAIT), "receive");
            byte[] message = memory.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
            return new String(message, StandardCharsets.UTF_8);
        }
    }

    @Override
    public void close() {
        Libc.close(socket);
    }
}
