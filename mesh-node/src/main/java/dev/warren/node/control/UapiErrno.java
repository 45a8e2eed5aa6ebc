package dev.warren.node.control;

/** The error numbers of WireGuard's UAPI, as Linux numbers them (errno.h). */
public enum UapiErrno {
    /** Done. */
    OK(0),
    /** The coordinator decides that, not {@code wg}. */
    EPERM(1),
    /** The change could not be made. */
    EIO(5),
    /** A key that is unknown, or a value that is none. */
    EINVAL(22),
    /** Not a line of the protocol. */
    EPROTO(71),
    /** The UDP port is taken. */
    EADDRINUSE(98);

    private final int code;

    UapiErrno(int code) {
        this.code = code;
    }

    /** The positive number. */
    public int code() {
        return code;
    }
}
