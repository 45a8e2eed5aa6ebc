package dev.warren.protocol.key;

/** A sealed key does not open. The message never repeats what is in the file. */
public final class SealedKeyException extends Exception {
    private static final long serialVersionUID = 1;

    /** Why it does not open. */
    public enum Reason {
        /** The text is not what was written: cut off, mistyped or mixed up. */
        DAMAGED,
        /** The text says that it was written by a version with another format. */
        OTHER_VERSION,
        /** The text is whole, but this passphrase does not fit (or somebody who could write the file changed it). */
        WRONG_PASSPHRASE
    }

    private final Reason reason;

    SealedKeyException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    /** Why it does not open. */
    public Reason reason() {
        return reason;
    }
}
