package dev.warren.protocol.crypto;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.warren.protocol.testing.Hex;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The vectors of wireguard-go's device/kdf_test.go. */
@Timeout(30)
class HkdfTest {
    @Test
    void shouldDeriveWhatWireguardGoDerives() {
        check(
                "test-key",
                "test-input",
                "6f0e5ad38daba1bea8a0d213688736f19763239305e0f58aba697f9ffc41c633",
                "df1194df20802a4fe594cde27e92991c8cae66c366e8106aaa937a55fa371e8a",
                "fac6e2745a325f5dc5d11a5b165aad08b0ada28e7b4e666b7c077934a4d76c24");
        check(
                "wireguard",
                "wireguard",
                "491d43bbfdaa8750aaf535e334ecbfe5129967cd64635101c566d4caefda96e8",
                "1e71a379baefd8a79aa4662212fcafe19a23e2b609a3db7d6bcba8f560e3d25f",
                "31e1ae48bddfbe5de38f295e5452b1909a1b4e38e183926af3780b0c1e1f0160");
        check(
                "",
                "",
                "8387b46bf43eccfcf349552a095d8315c4055beb90208fb1be23b894bc2ed5d0",
                "58a0e5f6faefccf4807bff1f05fa8a9217945762040bcec2f4b4a62bdfe0e86e",
                "0ce6ea98ec548f8e281e93e32db65621c45eb18dc6f0a7ad94178610a2f7338e");
    }

    @Test
    void shouldAllowTheKeyToBeOverwrittenByTheFirstOutput() {
        byte[] separate = new byte[32];
        byte[] second = new byte[32];
        byte[] key = new byte[32];
        byte[] input = {1, 2, 3};
        Hkdf.derive(key.clone(), input, separate, second);

        byte[] secondAgain = new byte[32];
        Hkdf.derive(key, input, key, secondAgain);
        assertArrayEquals(separate, key);
        assertArrayEquals(second, secondAgain);
    }

    private static void check(String key, String input, String... expected) {
        byte[] first = new byte[32];
        byte[] second = new byte[32];
        byte[] third = new byte[32];
        Hkdf.derive(key.getBytes(US_ASCII), input.getBytes(US_ASCII), first, second, third);
        assertEquals(expected[0], Hex.text(first));
        assertEquals(expected[1], Hex.text(second));
        assertEquals(expected[2], Hex.text(third));

        Hkdf.derive(key.getBytes(US_ASCII), input.getBytes(US_ASCII), first, second);
        assertEquals(expected[1], Hex.text(second));
        Hkdf.derive(key.getBytes(US_ASCII), input.getBytes(US_ASCII), first);
        assertEquals(expected[0], Hex.text(first));
    }
}
