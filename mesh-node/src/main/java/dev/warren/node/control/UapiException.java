package dev.warren.node.control;

/** A request that is refused. The number goes to {@code wg}, the sentence to the debug log. */
public final class UapiException extends Exception {
    private static final long serialVersionUID = 1L;

    private final UapiErrno errno;

    /** A refusal for a reason. */
    public UapiException(UapiErrno errno, String message) {
        super(message);
        this.errno = errno;
    }

    /** What is answered. */
    public UapiErrno errno() {
        return errno;
    }
}
