package dev.warren.protocol.key;

/** A text or byte form is not the key it was read as. The message never repeats the input, which may be secret. */
public final class KeyFormatException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    KeyFormatException(String message) {
        super(message);
    }
}
