package dev.warren.protocol.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.testing.PacketCipherContract;
import dev.warren.protocol.testing.Seeds;
import java.io.ByteArrayOutputStream;
import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class JdkPacketCipherTest extends PacketCipherContract {
    JdkPacketCipherTest() {
        super(JdkPacketCipher.FACTORY);
    }

    @Test
    void shouldBeCalledJdk() {
        assertEquals("jdk", factory().name());
    }

    @Test
    void shouldWipeTheKey() {
        byte[] key = bytes(Seeds.random(2), PacketCipher.KEY_LENGTH);
        JdkPacketCipher cipher = new JdkPacketCipher(key);
        assertTrue(holds(cipher.keyMemory(), key));

        cipher.close();

        assertTrue(holds(cipher.keyMemory(), new byte[PacketCipher.KEY_LENGTH]));
    }

    @Test
    void shouldNotGiveAwayTheKey() throws Exception {
        OffHeapKey key = new OffHeapKey(new byte[PacketCipher.KEY_LENGTH]);
        try (ObjectOutputStream out = new ObjectOutputStream(new ByteArrayOutputStream())) {
            assertThrows(NotSerializableException.class, () -> out.writeObject(key));
        }
        assertEquals("a ChaCha20 key", key.toString());
        key.destroy();
        assertThrows(IllegalStateException.class, key::getEncoded);
    }
}
