package dev.warren.protocol.coordination;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.testing.Seeds;
import dev.warren.protocol.wireguard.IpPrefix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class MeshIdTest {
    @Test
    void theUlaBlockIsAlwaysTheSameForAMesh() {
        // fd (RFC 4193 section 3.1, L bit set), then the first five bytes of SHA-256("warren ula v1\n" + id)
        MeshId mesh = new MeshId("000102030405060708090a0b0c0d0e0f");
        assertEquals("fd7c:d8e7:eb1:0:0:0:0:0/48", mesh.ulaPrefix().toString());
    }

    @Test
    void everyUlaBlockLiesInFd() {
        IpPrefix fd = IpPrefix.parse("fd00::/8");
        Seeds.forEach(50, random -> {
            IpPrefix block = MeshId.generate(random).ulaPrefix();
            assertTrue(fd.contains(block.address()), block::toString);
            assertEquals(48, block.bits());
            assertNotEquals(block, MeshId.generate(random).ulaPrefix());
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "00", "000102030405060708090A0B0C0D0E0F", "000102030405060708090a0b0c0d0e0g"})
    void refusesOtherForms(String text) {
        assertThrows(CoordinationFormatException.class, () -> new MeshId(text));
    }
}
