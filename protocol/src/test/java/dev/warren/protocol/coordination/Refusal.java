package dev.warren.protocol.coordination;

import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.function.Executable;

/** The sentence with which something is refused. */
final class Refusal {
    private Refusal() {}

    static String of(Executable refused) {
        return String.valueOf(
                assertThrows(CoordinationFormatException.class, refused).getMessage());
    }
}
