package dev.warren.platform.coordination;

import dev.warren.protocol.coordination.ErrorAnswer;
import java.io.IOException;

/** The coordinator answered and said no. The message is its sentence. */
public final class RefusedByCoordinator extends IOException {
    private static final long serialVersionUID = 1;

    private final transient ErrorAnswer answer;

    RefusedByCoordinator(ErrorAnswer answer) {
        super("the coordinator refused: " + answer.message());
        this.answer = answer;
    }

    /** What it answered. */
    public ErrorAnswer answer() {
        return answer;
    }
}
