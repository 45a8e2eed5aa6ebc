package dev.warren.protocol.coordination;

/** Text or bytes are not the coordination message they were read as. The message is one sentence for people. */
public final class CoordinationFormatException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    /** With the sentence that says what was wrong. */
    public CoordinationFormatException(String message) {
        super(message);
    }

    CoordinationFormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
