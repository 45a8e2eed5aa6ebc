package dev.warren.platform.config;

import org.jspecify.annotations.Nullable;

/**
 * What went wrong is the operator's to put right. The message is shown as it is: one sentence that names what was wrong
 * and says what to do. The program ends with exit code 1.
 */
public final class UserError extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** An error with the sentence to show. */
    public UserError(String message) {
        this(message, null);
    }

    /** An error with the sentence to show, and what led to it for the debug log. */
    public UserError(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
