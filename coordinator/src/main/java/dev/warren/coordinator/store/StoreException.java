package dev.warren.coordinator.store;

/** The engine behind a {@link Store} failed. */
public final class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** With what the engine was asked to do, and how it failed. */
    public StoreException(String message, Throwable cause) {
        super(message, cause);
    }
}
