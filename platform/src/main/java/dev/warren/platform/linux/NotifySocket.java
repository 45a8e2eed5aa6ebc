package dev.warren.platform.linux;

import static dev.warren.platform.linux.Constants.AF_UNIX;
import static dev.warren.platform.linux.Constants.MSG_NOSIGNAL;
import static dev.warren.platform.linux.Constants.O_CLOEXEC;
import static dev.warren.platform.linux.Constants.SOCK_DGRAM;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** The datagram socket on which systemd hears from a service how it is (sd_notify(3), unix(7)). */
public final class NotifySocket {
    private static final int FAMILY_BYTES = Short.BYTES;
    /** {@code sun_path}, with the zero byte at its end. */
    private static final int MOST_PATH_BYTES = 108;

    private NotifySocket() {}

    /**
     * Sends {@code text} to {@code address}, a variable NOTIFY_SOCKET: a path, or {@code @} and a name that is in no
     * folder.
     */
    public static void send(String address, String text) throws LinuxException {
        byte[] path = address.getBytes(StandardCharsets.UTF_8);
        boolean isAbstract = address.startsWith("@");
        if (path.length < 2 || path.length >= MOST_PATH_BYTES || (!isAbstract && path[0] != '/')) {
            throw new LinuxException("NOTIFY_SOCKET is \"" + address + "\", which is no socket's path.", 0);
        }
        try (Arena arena = Arena.ofConfined()) {
            // The zero that ends a path counts; a name without folder begins with its zero, and has none behind it.
            int length = FAMILY_BYTES + path.length + (isAbstract ? 0 : 1);
            MemorySegment socketAddress = arena.allocate(FAMILY_BYTES + MOST_PATH_BYTES, Short.BYTES);
            socketAddress.set(ValueLayout.JAVA_SHORT, 0, (short) AF_UNIX);
            MemorySegment.copy(path, 0, socketAddress, ValueLayout.JAVA_BYTE, FAMILY_BYTES, path.length);
            if (isAbstract) {
                socketAddress.set(ValueLayout.JAVA_BYTE, FAMILY_BYTES, (byte) 0);
            }
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            MemorySegment message = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
            int socket = LinuxException.check(Libc.socket(AF_UNIX, SOCK_DGRAM | O_CLOEXEC, 0), "make a socket");
            try {
                LinuxException.check(Libc.connect(socket, socketAddress, length), "connect to " + address);
                LinuxException.check(Libc.send(socket, message, bytes.length, MSG_NOSIGNAL), "send to " + address);
            } finally {
                Libc.close(socket);
            }
        }
    }
}
