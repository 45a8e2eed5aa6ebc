package dev.warren.platform.linux;

import static dev.warren.platform.linux.Constants.FD_CLOEXEC;
import static dev.warren.platform.linux.Constants.F_GETFL;
import static dev.warren.platform.linux.Constants.F_SETFD;
import static dev.warren.platform.linux.Constants.F_SETFL;
import static dev.warren.platform.linux.Constants.IFF_NO_PI;
import static dev.warren.platform.linux.Constants.IFF_TUN;
import static dev.warren.platform.linux.Constants.IFF_VNET_HDR;
import static dev.warren.platform.linux.Constants.O_CLOEXEC;
import static dev.warren.platform.linux.Constants.O_NONBLOCK;
import static dev.warren.platform.linux.Constants.O_RDWR;
import static dev.warren.platform.linux.Constants.TUNGETDEVNETNS;
import static dev.warren.platform.linux.Constants.TUNGETFEATURES;
import static dev.warren.platform.linux.Constants.TUNGETIFF;
import static dev.warren.platform.linux.Constants.TUNSETIFF;
import static dev.warren.platform.linux.Constants.TUNSETOFFLOAD;
import static dev.warren.platform.linux.Constants.TUNSETVNETHDRSZ;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A TUN interface (Documentation/networking/tuntap.rst), non-blocking: IP packets one at a time, or with {@link
 * TunOffloads} also super-packets, each behind a {@code virtio_net_hdr} (virtio_net.h, 10 bytes). It is there as long as
 * it is open. Belongs to one thread; any thread may close it.
 */
public final class TunDevice implements AutoCloseable {
    /** Nothing to read. */
    public static final int EMPTY = -1;

    /** How the sentence ends when the interface is not there any more. */
    public static final String GONE = "it was closed or deleted.";

    private static final String PATH = "/dev/net/tun";
    private static final int MAX_PACKET_BYTES = 65535;

    /** {@code struct ifreq}: the name, 16 bytes with its end; flags u16; 40 bytes in all. */
    private static final int NAME_BYTES = 16;

    private static final int IFREQ_BYTES = 40;

    private static final int VNET_HEADER_BYTES = 10;

    private final Descriptor descriptor;
    private final String name;
    private final int headerBytes;
    private final TunOffloads offloads;
    private final MemorySegment packet = Arena.ofAuto().allocate(MAX_PACKET_BYTES, 64);

    private TunDevice(Descriptor descriptor, String name, boolean hasHeader, TunOffloads wanted) throws LinuxException {
        this.descriptor = descriptor;
        this.name = name;
        headerBytes = hasHeader ? VNET_HEADER_BYTES : 0;
        offloads = hasHeader ? request(wanted) : TunOffloads.NONE;
    }

    /**
     * Makes an interface that moves plain packets, without header.
     *
     * @param name 1 to 15 bytes; with one {@code %d} in it the kernel puts the first free number there
     * @throws LinuxException with a sentence for the operator: no device file, no capability, name taken ...
     */
    public static TunDevice open(String name) throws LinuxException {
        return open(name, TunOffloads.NONE);
    }

    /**
     * Makes an interface whose packets have a header ({@link #headerBytes}), unless nothing is wanted; what the kernel
     * granted of {@code wanted} is in {@link #offloads}.
     *
     * @param name as above
     * @throws LinuxException as above
     */
    public static TunDevice open(String name, TunOffloads wanted) throws LinuxException {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        checkName(name, bytes);
        Descriptor descriptor = new Descriptor(openDeviceFile());
        try (Arena arena = Arena.ofConfined()) {
            boolean hasHeader = !wanted.isNone() && knowsHeader(descriptor);
            MemorySegment request = arena.allocate(IFREQ_BYTES, 8);
            MemorySegment.copy(bytes, 0, request, ValueLayout.JAVA_BYTE, 0, bytes.length);
            int flags = IFF_TUN | IFF_NO_PI | (hasHeader ? IFF_VNET_HDR : 0);
            request.set(ValueLayout.JAVA_SHORT, NAME_BYTES, (short) flags);
            int result = Libc.ioctl(descriptor.number(), TUNSETIFF, request);
            if (result < 0) {
                throw interfaceFailure(name, -result);
            }
            return new TunDevice(descriptor, request.getString(0), hasHeader, wanted);
        } catch (LinuxException refused) {
            descriptor.close();
            throw refused;
        }
    }

    /**
     * Takes over an interface that whoever started this process has made and opened, as wireguard-go does with the
     * number in WG_TUN_FD. Its packets have a header when it was made with one.
     *
     * @throws LinuxException with a sentence when the descriptor is of another kind; it is left open then
     */
    public static TunDevice adopt(int number, TunOffloads wanted) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(IFREQ_BYTES, 8);
            int result = Libc.ioctl(number, TUNGETIFF, request);
            if (result < 0) {
                throw new LinuxException(
                        "File descriptor " + number + " is no TUN interface (" + Errno.describe(-result)
                                + "): hand over an open " + PATH + " with its interface.",
                        -result);
            }
            int flags = request.get(ValueLayout.JAVA_SHORT, NAME_BYTES);
            String name = request.getString(0);
            // Whether it has IFF_NO_PI can not be seen: that bit means something else here (IFF_NOFILTER).
            if ((flags & IFF_TUN) == 0) {
                throw new LinuxException(
                        "The interface " + name + " of file descriptor " + number
                                + " carries Ethernet frames: make it with IFF_TUN and IFF_NO_PI.",
                        0);
            }
            int status = LinuxException.check(Libc.fcntl(number, F_GETFL, 0), "read the interface's flags");
            LinuxException.check(Libc.fcntl(number, F_SETFL, status | O_NONBLOCK), "read without waiting");
            LinuxException.check(Libc.fcntl(number, F_SETFD, FD_CLOEXEC), "keep the interface from other programs");
            return new TunDevice(new Descriptor(number), name, (flags & IFF_VNET_HDR) != 0, wanted);
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
     * The network namespace that the interface is in now ({@code ip link set ... netns}), for {@link
     * NetworkNamespace#enter(NamespaceFile)}.
     *
     * @throws LinuxException when the kernel does not tell: before 5.2, without CAP_NET_ADMIN there, or it is gone
     */
    public NamespaceFile namespace() throws LinuxException {
        int file = Libc.ioctl(descriptor.number(), TUNGETDEVNETNS, MemorySegment.NULL);
        return new NamespaceFile(LinuxException.check(file, "find the network namespace of the interface " + name));
    }

    /** How many bytes of {@code virtio_net_hdr} come before each packet, both ways: 10, or 0 for none. */
    public int headerBytes() {
        return headerBytes;
    }

    /** What may be in the headers of the packets that are read. */
    public TunOffloads offloads() {
        return offloads;
    }

    /**
     * Reads one packet that the machine sends into the interface, as the kernel gives it: with its header.
     *
     * @param maxBytes room in native {@code memory} from {@code offset} on; a longer packet is cut off
     * @return its length with the header, or {@link #EMPTY}
     * @throws LinuxException when the interface is gone
     */
    public int read(MemorySegment memory, long offset, int maxBytes) throws LinuxException {
        try {
            int length = Libc.readAgain(descriptor.number(), NativeAddress.of(memory, offset, maxBytes), maxBytes);
            if (length >= 0) {
                return length;
            }
            if (length == -Errno.EAGAIN.number() || length == -Errno.EINTR.number()) {
                return EMPTY;
            }
            throw gone(length);
        } finally {
            Reference.reachabilityFence(memory);
        }
    }

    /**
     * Gives the machine one packet from native memory, header included, as if it had arrived on the interface.
     *
     * @return false when the kernel did not take it: not an IP packet, a header that does not match, the interface is
     *     down, no memory
     * @throws LinuxException when the interface is gone
     */
    public boolean write(MemorySegment memory, long offset, int length) throws LinuxException {
        try {
            long address = NativeAddress.of(memory, offset, length);
            return isTaken(Libc.writeAgain(descriptor.number(), address, length), length);
        } finally {
            Reference.reachabilityFence(memory);
        }
    }

    /**
     * The same for a packet in pieces, of which the first begins with the header.
     *
     * @return 0, or the positive error number with which the kernel did not take it, such as EINVAL for a header that it
     *     does not understand
     */
    public int write(GatherWrite pieces) throws LinuxException {
        try {
            int written = Libc.writevAgain(descriptor.number(), pieces.address(), pieces.count());
            return isTaken(written, pieces.lengthBytes()) ? 0 : written < 0 ? -written : Errno.EIO.number();
        } finally {
            Reference.reachabilityFence(pieces);
        }
    }

    private boolean isTaken(int written, int length) throws LinuxException {
        if (written == -Errno.EBADF.number() || written == -Errno.EBADFD.number()) {
            throw gone(written);
        }
        return written == length;
    }

    /**
     * Reads one packet that the machine sends into the interface. For an interface without header.
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
     * Gives the machine one packet, as if it had arrived on the interface. For an interface without header.
     *
     * @return false when the kernel did not take it: not an IP packet, the interface is down, no memory
     * @throws LinuxException when the interface is gone
     */
    public boolean write(byte[] buffer, int offset, int length) throws LinuxException {
        MemorySegment.copy(buffer, offset, packet, ValueLayout.JAVA_BYTE, 0, length);
        return isTaken(Libc.write(descriptor.number(), packet, length), length);
    }

    @Override
    public void close() {
        descriptor.close();
    }

    private static boolean knowsHeader(Descriptor descriptor) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment features = Libc.intIn(arena, 0);
            return Libc.ioctl(descriptor.number(), TUNGETFEATURES, features) >= 0
                    && (features.get(ValueLayout.JAVA_INT, 0) & IFF_VNET_HDR) != 0;
        }
    }

    /** The most of {@code wanted} that the kernel grants: an older one knows no UDP. */
    private TunOffloads request(TunOffloads wanted) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            LinuxException.check(
                    Libc.ioctl(descriptor.number(), TUNSETVNETHDRSZ, Libc.intIn(arena, VNET_HEADER_BYTES)),
                    "choose the header of the packets of " + name);
        }
        for (TunOffloads choice : List.of(wanted, wanted.withoutUdp(), wanted.withoutSuperPackets())) {
            if (grants(choice)) {
                return choice;
            }
        }
        grants(TunOffloads.NONE); // whoever opened an adopted one may have asked for more
        return TunOffloads.NONE;
    }

    /** The argument is a number, not a pointer. */
    private boolean grants(TunOffloads choice) {
        return Libc.ioctl(descriptor.number(), TUNSETOFFLOAD, MemorySegment.ofAddress(choice.bits())) >= 0;
    }

    private LinuxException gone(int result) {
        return new LinuxException(
                "The interface " + name + " is gone (" + Errno.describe(-result) + "): " + GONE, -result);
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
