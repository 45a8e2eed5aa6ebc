package dev.warren.platform.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.crypto.PacketCipher;
import dev.warren.protocol.testing.PacketCipherContract;
import dev.warren.protocol.testing.Seeds;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class VectorCipherTest extends PacketCipherContract {
    VectorCipherTest() {
        super(Objects.requireNonNull(VectorCipher.find(), "the tests need --add-modules jdk.incubator.vector"));
    }

    @Test
    void shouldBeCalledVector() {
        assertEquals("vector", factory().name());
    }

    @Test
    void shouldWipeTheKey() {
        byte[] key = bytes(Seeds.random(2), PacketCipher.KEY_LENGTH);
        VectorCipher cipher = (VectorCipher) factory().of(key);
        cipher.seal(0, MemorySegment.ofArray(new byte[100]), 0, 50);
        assertTrue(holds(cipher.keyMemory(), Arrays.copyOf(key, 16)));

        cipher.close();

        assertTrue(holds(cipher.keyMemory(), new byte[(int) cipher.keyMemory().byteSize()]));
    }
}
