package dev.warren.platform.linux;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Error numbers of Linux, as in {@code asm-generic/errno-base.h} and {@code asm-generic/errno.h}; they are the same on
 * x86-64 and aarch64. Only those that a caller of this package can meet have a name.
 */
public enum Errno {
    EPERM(1, "operation not permitted"),
    ENOENT(2, "no such file or directory"),
    ESRCH(3, "no such process or route"),
    EINTR(4, "interrupted"),
    EIO(5, "input/output error"),
    ENXIO(6, "no such device or address"),
    EBADF(9, "bad file descriptor"),
    EAGAIN(11, "not ready, try again"),
    ENOMEM(12, "out of memory"),
    EACCES(13, "permission denied"),
    EFAULT(14, "bad address"),
    EBUSY(16, "device or resource busy"),
    EEXIST(17, "exists already"),
    ENODEV(19, "no such device"),
    ENOTDIR(20, "not a folder"),
    EISDIR(21, "is a folder"),
    EINVAL(22, "invalid argument"),
    ENFILE(23, "too many open files on the machine"),
    EMFILE(24, "too many open files in this process"),
    ENOTTY(25, "not a device of that kind"),
    ENOSPC(28, "no space left"),
    EROFS(30, "read-only file system"),
    EPIPE(32, "broken pipe"),
    ERANGE(34, "out of range"),
    ENAMETOOLONG(36, "name too long"),
    ENOSYS(38, "not known to this kernel"),
    EBADFD(77, "descriptor in bad state"),
    EDESTADDRREQ(89, "destination address required"),
    EMSGSIZE(90, "message too long"),
    ENOPROTOOPT(92, "protocol option not available"),
    EPROTONOSUPPORT(93, "protocol not supported"),
    EOPNOTSUPP(95, "operation not supported"),
    EAFNOSUPPORT(97, "address family not supported"),
    EADDRINUSE(98, "address in use"),
    EADDRNOTAVAIL(99, "address not available on this machine"),
    ENETDOWN(100, "network is down"),
    ENETUNREACH(101, "network is unreachable"),
    ECONNABORTED(103, "connection aborted"),
    ECONNRESET(104, "connection reset by peer"),
    ENOBUFS(105, "no buffer space"),
    ETIMEDOUT(110, "timed out"),
    ECONNREFUSED(111, "connection refused"),
    EHOSTDOWN(112, "host is down"),
    EHOSTUNREACH(113, "no route to host"),
    EINPROGRESS(115, "in progress");

    private static final Map<Integer, Errno> BY_NUMBER = new HashMap<>();

    static {
        for (Errno errno : values()) {
            BY_NUMBER.put(errno.number, errno);
        }
    }

    private final int number;
    private final String text;

    Errno(int number, String text) {
        this.number = number;
        this.text = text;
    }

    /** The number as the kernel gives it, positive. */
    public int number() {
        return number;
    }

    /** What it means, in lower case and without a full stop. */
    public String text() {
        return text;
    }

    /** The error with that (positive) number, or null when it has no name here. */
    public static @Nullable Errno of(int number) {
        return BY_NUMBER.get(number);
    }

    /** {@code "EPERM, operation not permitted"}, or {@code "errno 133"} for a number without a name. */
    public static String describe(int number) {
        Errno known = of(number);
        return known == null ? "errno " + number : known + ", " + known.text;
    }
}
