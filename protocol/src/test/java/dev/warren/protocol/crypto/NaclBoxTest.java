package dev.warren.protocol.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.warren.protocol.key.DiscoPrivateKey;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.testing.Hex;
import dev.warren.protocol.testing.Seeds;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class NaclBoxTest {
    /** "Cryptography in NaCl", section 10: Bob's private key and Alice's public key. */
    private static final NaclBox PAPER = NaclBox.between(
            NodePrivateKey.of(Hex.bytes("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb")),
            NodePublicKey.parseHex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"));

    private static final String NONCE = "69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37";
    private static final byte[] MESSAGE = Hex.bytes(
            "be075fc53c81f2d5cf141316ebeb0c7b5228c52a4c62cbd44b66849b64244ffc",
            "e5ecbaaf33bd751a1ac728d45e6c61296cdc3c01233561f41db66cce314adb31",
            "0e3be8250c46f06dceea3a7fa1348057e2f6556ad6b1318a024a838f21af1fde",
            "048977eb48f59ffd4924ca1c60902e52f0a089bc76897040e082f93776384864",
            "5e0705");
    private static final byte[] BOX = Hex.bytes(
            NONCE,
            "f3ffc7703f9400e52a7dfb4b3d3305d9", // tag
            "8e993b9f48681273c29650ba32fc76ce48332ea7164d96a4476fb8c531a1186a",
            "c0dfc17c98dce87b4da7f011ec48c97271d2c20f9b928fe2270d6fb863d51738",
            "b48eeee314a7cc8ab932164548e526ae90224368517acfeabd6bb3732bc0e9da",
            "99832b61ca01b6de56244a9e88d5f9b37973f622a43d14a6599b1f654cb45a74",
            "e355a5");

    @Test
    void shouldSealThePapersMessage() {
        RandomGenerator nonce = new RandomGenerator() {
            @Override
            public long nextLong() {
                throw new AssertionError("only a nonce is asked for");
            }

            @Override
            public void nextBytes(byte[] bytes) {
                System.arraycopy(Hex.bytes(NONCE), 0, bytes, 0, bytes.length);
            }
        };
        assertEquals(Hex.text(BOX), Hex.text(PAPER.seal(MESSAGE, nonce)));
    }

    @Test
    void shouldOpenThePapersBoxAtAnyOffset() {
        assertArrayEquals(MESSAGE, PAPER.open(BOX, 0, BOX.length));
        byte[] shifted = new byte[BOX.length + 9];
        System.arraycopy(BOX, 0, shifted, 4, BOX.length);
        assertArrayEquals(MESSAGE, PAPER.open(shifted, 4, BOX.length));
    }

    @Test
    void shouldOpenForTheOtherEndOnly() {
        Seeds.forEach(50, random -> {
            DiscoPrivateKey one = DiscoPrivateKey.generate(random);
            DiscoPrivateKey other = DiscoPrivateKey.generate(random);
            DiscoPrivateKey stranger = DiscoPrivateKey.generate(random);
            byte[] message = new byte[random.nextInt(200)];
            random.nextBytes(message);
            byte[] box = NaclBox.between(one, other.publicKey()).seal(message, random);
            assertEquals(NaclBox.OVERHEAD + message.length, box.length);
            assertArrayEquals(message, NaclBox.between(other, one.publicKey()).open(box, 0, box.length));
            assertNull(NaclBox.between(stranger, one.publicKey()).open(box, 0, box.length));
        });
    }

    @Test
    void shouldNotOpenABoxWithOneBitChanged() {
        Seeds.forEach(200, random -> {
            byte[] changed = BOX.clone();
            changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
            assertNull(PAPER.open(changed, 0, changed.length));
        });
    }

    @Test
    void shouldNotOpenAPartOfABox() {
        for (int length = 0; length < BOX.length; length++) {
            assertNull(PAPER.open(BOX, 0, length));
        }
    }
}
