package dev.warren.protocol.derp;

/** A relay map or a relay's short form cannot be read; the message says which part is wrong and what it should be. */
public final class DerpMapFormatException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    DerpMapFormatException(String message) {
        super(message);
    }
}
