package dev.warren.platform.linux;

import static dev.warren.platform.linux.Constants.IFF_NO_PI;
import static dev.warren.platform.linux.Constants.IFF_TUN;
import static dev.warren.platform.linux.Constants.O_CLOEXEC;
import static dev.warren.platform.linux.Constants.O_NONBLOCK;
import static dev.warren.platform.linux.Constants.O_RDWR;
import static dev.warren.platform.linux.Constants.TUNSETIFF;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * A TUN interface (Documentation/networking/tuntap.rst): IP packets one at a time, without header, non-blocking. It is
 * there as long as it is open. Belongs to one thread; any thread may close it.
 */
public final class TunDevice implements AutoCloseable {
    /** Nothing to read. */
    public static final int EMPTY = -1;

    private static final String PATH = "/dev/net/tun";
    private static final int MAX_PACKET_BYTES = 65535;

    /** {@code struct ifreq}: the name, 16 bytes with its end; flags u16; 40 bytes in all. */
    private static final int NAME_BYTES = 16;

    private static final int IFREQ_BYTES = 40;

    private final Descriptor descriptor;
    private final String name;
    private final MemorySegment packet = Arena.ofAuto().allocate(MAX_PACKET_BYTES, 64);

    private TunDevice(Descriptor descriptor, String name) {
        this.descriptor = descriptor;
        this.name = name;
    }

    /**
     * Makes an interface.
     *
     * @param name 1 to 15 bytes; with one {@code %d} in it the kernel puts the first free number there
     * @throws LinuxException with a sentence for the operator: no device file, no capability, name taken ...
     */
    public static TunDevice open(String name) throws LinuxException {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        checkName(name, bytes);
        Descriptor descriptor = new Descriptor(openDeviceFile());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(IFREQ_BYTES, 8);
            MemorySegment.copy(bytes, 0, request, ValueLayout.JAVA_BYTE, 0, bytes.length);
            request.set(ValueLayout.JAVA_SHORT, NAME_BYTES, (short) (IFF_TUN | IFF_NO_PI));
            int result = Libc.ioctl(descriptor.number(), TUNSETIFF, request);
            if (result < 0) {
                throw interfaceFailure(name, -result);
            }
            return new TunDevice(descriptor, request.getString(0));
        } catch (LinuxException refused) {
            descriptor.close();
            throw refused;
        }
    }

    /** The interface's name, with the number in place of {@code %d}. */
    public String name() {
        return name;
    }

    /** The descriptor, for a {@link Poller}. */
    public int descriptor() {
        return descriptor.number();
    }

    /**
     * Reads one packet that the machine sends into the interface.
     *
     * @param maxBytes room in {@code buffer} from {@code offset} on; a longer packet is cut off
     * @return its length, or {@link #EMPTY}
     * @throws LinuxException when the interface is gone
     */
    public int read(byte[] buffer, int offset, int maxBytes) throws LinuxException {
        int length = Libc.read(descriptor.number(), packet, Math.min(maxBytes, MAX_PACKET_BYTES));
        if (length < 0) {
            if (length == -Errno.EAGAIN.number() || length == -Errno.EINTR.number()) {
                return EMPTY;
            }
            throw gone(length);
        }
        MemorySegment.copy(packet, ValueLayout.JAVA_BYTE, 0, buffer, offset, length);
        return length;
    }

    /**
     * Gives the machine one packet, as if it had arrived on the interface.
     *
     * @return false when the kernel did not take it: not an IP packet, the interface is down, no memory
     * @throws LinuxException when the interface is gone
     */
    public boolean write(byte[] buffer, int offset, int length) throws LinuxException {
        MemorySegment.copy(buffer, offset, packet, ValueLayout.JAVA_BYTE, 0, length);
        int written = Libc.write(descriptor.number(), packet, length);
        if (written == -Errno.EBADF.number() || written == -Errno.EBADFD.number()) {
            throw gone(written);
        }
        return written == length;
    }

    @Override
    public void close() {
        descriptor.close();
    }

    private LinuxException gone(int result) {
        return new LinuxException(
                "The interface " + name + " is gone (" + Errno.describe(-result) + "): it was closed or deleted.",
                -result);
    }

    private static void checkName(String name, byte[] bytes) throws LinuxException {
        // dev_valid_name() in net/core/dev.c
        boolean valid = bytes.length > 0
                && bytes.length < NAME_BYTES
                && !name.equals(".")
                && !name.equals("..")
                && name.chars().noneMatch(c -> c <= ' ' || c == '/' || c == ':' || c == 0x7f)
                && name.replaceFirst("%d", "").indexOf('%') < 0;
        if (!valid) {
            throw new LinuxException(
                    "\"" + name + "\" can not be an interface's name: 1 to 15 bytes without space, slash or colon.", 0);
        }
    }

    private static int openDeviceFile() throws LinuxException {
        int result = Libc.open(PATH, O_RDWR | O_NONBLOCK | O_CLOEXEC);
        if (result >= 0) {
            return result;
        }
        String sentence =
                switch (Errno.of(-result)) {
                    case ENOENT, ENODEV, ENXIO ->
                        "There is no usable " + PATH
                                + ": load the kernel's module (modprobe tun), or hand the device into the "
                                + "container (--device " + PATH + ").";
                    case EPERM, EACCES ->
                        "No permission to open " + PATH + ": run as root, or let this user read and write it.";
                    case null, default -> "Cannot open " + PATH + ": " + Errno.describe(-result) + ".";
                };
        throw new LinuxException(sentence, -result);
    }

    private static LinuxException interfaceFailure(String name, int errno) {
        String sentence =
                switch (Errno.of(errno)) {
                    case EPERM ->
                        "No permission to make the interface " + name
                                + ": it needs the capability CAP_NET_ADMIN; run as "
                                + "root, or give the capability to the service (systemd: "
                                + "AmbientCapabilities=CAP_NET_ADMIN).";
                    case EBUSY ->
                        "The interface " + name
                                + " is in use by another process: stop that one, or choose another name.";
                    case EINVAL -> "The interface " + name + " exists and is no TUN interface: choose another name.";
                    case null, default -> "Cannot make the interface " + name + ": " + Errno.describe(errno) + ".";
                };
        return new LinuxException(sentence, errno);
    }
}
