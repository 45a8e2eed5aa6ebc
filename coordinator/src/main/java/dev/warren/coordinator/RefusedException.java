package dev.warren.coordinator;

import dev.warren.protocol.coordination.ErrorAnswer;
import dev.warren.protocol.coordination.ErrorCode;

/** A request is refused, with the answer that says why. Carries no stack trace: refusals are normal weather. */
public final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient ErrorAnswer answer;

    /** With the answer to give. */
    public RefusedException(ErrorAnswer answer) {
        super(answer.message(), null, false, false);
        this.answer = answer;
    }

    /** With the parts of the answer to give. */
    public RefusedException(ErrorCode code, String message) {
        this(new ErrorAnswer(code, message, null));
    }

    /** What to answer. */
    public ErrorAnswer answer() {
        return answer;
    }
}
