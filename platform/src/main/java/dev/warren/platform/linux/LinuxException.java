package dev.warren.platform.linux;

import java.io.IOException;

/**
 * A system call was refused. The message is one sentence for the operator: what was tried, why it failed and, where
 * that is known, what to do.
 */
public final class LinuxException extends IOException {
    private static final long serialVersionUID = 1;

    private final String sentence;
    private final int errno;

    LinuxException(String sentence, int errno) {
        super(sentence);
        this.sentence = sentence;
        this.errno = errno;
    }

    /** "Cannot {@code action}: EINVAL, invalid argument." {@code errno} may be negative, as the calls return it. */
    static LinuxException cannot(String action, int errno) {
        return new LinuxException("Cannot " + action + ": " + Errno.describe(Math.abs(errno)) + ".", Math.abs(errno));
    }

    /** Gives {@code result} back, or throws {@code "Cannot action: ..."} when it is a negated error number. */
    static int check(int result, String action) throws LinuxException {
        if (result < 0) {
            throw cannot(action, result);
        }
        return result;
    }

    @Override
    public String getMessage() {
        return sentence;
    }

    /** The error number, positive; 0 when the sentence is not about a failed call. */
    public int errno() {
        return errno;
    }

    /** Whether the call failed with {@code candidate}. */
    public boolean is(Errno candidate) {
        return errno == candidate.number();
    }
}
