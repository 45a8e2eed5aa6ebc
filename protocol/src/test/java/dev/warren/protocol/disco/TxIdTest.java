package dev.warren.protocol.disco;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.warren.protocol.testing.Hex;
import dev.warren.protocol.testing.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class TxIdTest {
    @Test
    void shouldKeepItsBytes() {
        byte[] bytes = Hex.bytes("ff", "0102030405060708090a0bfc");
        TxId id = TxId.of(bytes, 1);
        assertEquals("0102030405060708090a0bfc", id.toString());
        byte[] target = new byte[14];
        id.copyTo(target, 2);
        assertEquals("0000" + id, Hex.text(target));
        assertEquals(id, TxId.of(target, 2));
    }

    @Test
    void shouldDifferFromTheNext() {
        Seeds.forEach(50, random -> assertNotEquals(TxId.random(random), TxId.random(random)));
    }
}
