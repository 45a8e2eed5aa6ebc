package dev.warren.protocol.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.warren.protocol.testing.X25519Contract;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class JavaX25519Test extends X25519Contract {
    JavaX25519Test() {
        super(JavaX25519.INSTANCE);
    }

    @Test
    void shouldBeCalledJava() {
        assertEquals("java", x25519().name());
    }
}
