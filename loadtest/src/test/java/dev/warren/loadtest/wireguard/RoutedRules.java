package dev.warren.loadtest.wireguard;

import java.io.IOException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;

/** Two ends with a router between them, opened once for each pairing and put back before each rule. */
abstract class RoutedRules {
    @SuppressWarnings("NullAway.Init") // opened before the first test
    static RoutedPair pair;

    @BeforeParameterizedClassInvocation
    static void open(Pairing ends) throws IOException, InterruptedException {
        pair = RoutedPair.open(ends);
    }

    @AfterParameterizedClassInvocation
    static void close() {
        if (pair != null) { // none was opened where what it needs is missing
            pair.close();
        }
    }

    @BeforeEach
    void reset() throws IOException {
        pair.reset();
    }
}
