package dev.warren.platform.linux;

import static dev.warren.platform.linux.Constants.AF_NETLINK;
import static dev.warren.platform.linux.Constants.NETLINK_CAP_ACK;
import static dev.warren.platform.linux.Constants.NETLINK_EXT_ACK;
import static dev.warren.platform.linux.Constants.O_CLOEXEC;
import static dev.warren.platform.linux.Constants.SOCK_RAW;
import static dev.warren.platform.linux.Constants.SOL_NETLINK;
import static dev.warren.platform.linux.Constants.SOL_SOCKET;
import static dev.warren.platform.linux.Constants.SO_RCVTIMEO;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Requests and answers over NETLINK_ROUTE. Belongs to one thread. */
final class NetlinkSocket implements AutoCloseable {
    static final int NLM_F_REQUEST = 1;
    static final int NLM_F_ACK = 4;
    static final int NLM_F_DUMP = 0x300;

    private static final int NLMSG_ERROR = 2;
    private static final int NLMSG_DONE = 3;
    private static final int NLMSGERR_ATTR_MSG = 1;
    private static final int NLM_F_DUMP_INTR = 0x10;

    /** An error message's fixed part: the error i32, the request's header. */
    private static final int ERROR_BYTES = Integer.BYTES + NetlinkMessage.HEADER_BYTES;

    /** The kernel makes datagrams of at most 32 KiB in a dump (NLMSG_GOODSIZE, netlink_dump). */
    private static final int BUFFER_BYTES = 1 << 16;

    /** The kernel answers at once; this bounds what a bug could cost. */
    private static final long TIMEOUT_SECONDS = 5;

    private static final int MAX_DUMPS = 8;

    private final Descriptor descriptor;
    private final MemorySegment memory = Arena.ofAuto().allocate(BUFFER_BYTES, 8);
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int sequence;

    private NetlinkSocket(Descriptor descriptor) {
        this.descriptor = descriptor;
    }

    static NetlinkSocket open() throws LinuxException {
        Descriptor descriptor = openDescriptor(0, 0);
        descriptor.setOption(SOL_NETLINK, NETLINK_EXT_ACK, 1); // a kernel before 4.12 gives no text: fine
        descriptor.setOption(SOL_NETLINK, NETLINK_CAP_ACK, 1);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment timeval = arena.allocate(16, 8);
            timeval.set(ValueLayout.JAVA_LONG, 0, TIMEOUT_SECONDS);
            Libc.setsockopt(descriptor.number(), SOL_SOCKET, SO_RCVTIMEO, timeval, 16);
        }
        return new NetlinkSocket(descriptor);
    }

    /** A bound socket; {@code groups} are RTMGRP_ bits to be told about. */
    static Descriptor openDescriptor(int flags, int groups) throws LinuxException {
        Descriptor descriptor = new Descriptor(LinuxException.check(
                Libc.socket(AF_NETLINK, SOCK_RAW | O_CLOEXEC | flags, 0), "open a netlink socket"));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(12, 4); // sockaddr_nl: family u16, padding, port u32, groups u32
            address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_NETLINK);
            address.set(ValueLayout.JAVA_INT, 8, groups);
            LinuxException.check(Libc.bind(descriptor.number(), address, 12), "bind a netlink socket");
        } catch (LinuxException refused) {
            descriptor.close();
            throw refused;
        }
        return descriptor;
    }

    /** Sends a request and waits for the kernel's yes; {@code action} goes into the sentence of a no. */
    void request(int type, int flags, ByteBuffer body, String action) throws LinuxException {
        int mine = send(type, NLM_F_REQUEST | NLM_F_ACK | flags, body, action);
        while (true) {
            for (NetlinkMessage message : receive(action)) {
                if (message.sequence() == mine && message.type() == NLMSG_ERROR) {
                    throwIfError(message, action);
                    return;
                }
            }
        }
    }

    /** All messages of a table. */
    List<NetlinkMessage> dump(int type, ByteBuffer body, String action) throws LinuxException {
        for (int attempt = 1; ; attempt++) {
            List<NetlinkMessage> rows = new ArrayList<>();
            // A table that changed under the dump may have holes: ask again, but not for ever.
            if (dumpOnce(type, body, action, rows) || attempt == MAX_DUMPS) {
                return rows;
            }
        }
    }

    @Override
    public void close() {
        descriptor.close();
    }

    private boolean dumpOnce(int type, ByteBuffer body, String action, List<NetlinkMessage> rows)
            throws LinuxException {
        int mine = send(type, NLM_F_REQUEST | NLM_F_DUMP, body, action);
        boolean consistent = true;
        while (true) {
            for (NetlinkMessage message : receive(action)) {
                if (message.sequence() != mine) {
                    continue;
                }
                consistent &= (message.flags() & NLM_F_DUMP_INTR) == 0;
                if (message.type() == NLMSG_DONE) {
                    return consistent;
                }
                if (message.type() == NLMSG_ERROR) {
                    throwIfError(message, action);
                    return consistent;
                }
                rows.add(message);
            }
        }
    }

    private int send(int type, int flags, ByteBuffer body, String action) throws LinuxException {
        byte[] message = NetlinkMessage.encode(type, flags, ++sequence, body);
        MemorySegment.copy(message, 0, memory, ValueLayout.JAVA_BYTE, 0, message.length);
        LinuxException.check(Libc.send(descriptor.number(), memory, message.length, 0), action);
        return sequence;
    }

    private List<NetlinkMessage> receive(String action) throws LinuxException {
        int length = Libc.receive(descriptor.number(), memory, BUFFER_BYTES, 0);
        if (length == -Errno.EINTR.number()) {
            return List.of();
        }
        LinuxException.check(length, action);
        MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, 0, buffer, 0, length);
        return NetlinkMessage.decode(buffer.clone(), length);
    }

    private static void throwIfError(NetlinkMessage message, String action) throws LinuxException {
        int error = message.body().capacity() < ERROR_BYTES
                ? -Errno.EIO.number()
                : message.body().getInt(0);
        if (error == 0) {
            return;
        }
        if (error == -Errno.EPERM.number()) {
            throw new LinuxException(
                    "Cannot " + action + ": it needs the capability CAP_NET_ADMIN (run as root).", -error);
        }
        String text = NetlinkMessage.text(message.attributes(ERROR_BYTES), NLMSGERR_ATTR_MSG);
        String detail = text.isEmpty() ? "" : " (the kernel says: " + text + ")";
        throw new LinuxException("Cannot " + action + ": " + Errno.describe(-error) + detail + ".", -error);
    }
}
