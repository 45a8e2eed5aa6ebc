package dev.warren.platform.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.warren.protocol.crypto.LittleEndian;
import dev.warren.protocol.testing.Hex;
import dev.warren.protocol.testing.Seeds;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class VectorPoly1305Test {
    private static final int BLOCK = VectorPoly1305.BLOCK_LENGTH;
    private static final BigInteger PRIME = BigInteger.TWO.pow(130).subtract(BigInteger.valueOf(5));
    private static final BigInteger CLAMP = new BigInteger("0ffffffc0ffffffc0ffffffc0fffffff", 16);

    /** RFC 8439 appendix A.3: where carries, the last reduction and the addition of the key's second half go wrong. */
    @ParameterizedTest
    @CsvSource({
        "02, 00, ffffffffffffffffffffffffffffffff, 03",
        "02, ffffffffffffffffffffffffffffffff, 02000000000000000000000000000000, 03",
        "01, 00, ffffffffffffffffffffffffffffffff f0ffffffffffffffffffffffffffffff 11000000000000000000000000000000, 05",
        "01, 00, ffffffffffffffffffffffffffffffff fbfefefefefefefefefefefefefefefe 01010101010101010101010101010101, 00",
        "02, 00, fdffffffffffffffffffffffffffffff, faffffffffffffffffffffffffffffff"
    })
    void shouldCarryAsTheRfcSays(String r, String s, String message, String tag) {
        byte[] key = Arrays.copyOf(Arrays.copyOf(Hex.bytes(r), BLOCK), 2 * BLOCK);
        System.arraycopy(Hex.bytes(s), 0, key, BLOCK, Hex.bytes(s).length);
        String expected = Hex.text(Arrays.copyOf(Hex.bytes(tag), BLOCK));
        assertEquals(expected, expected(key, Hex.bytes(message)));
        assertEquals(expected, tag(key, Hex.bytes(message)));
    }

    @Test
    void shouldMultiplyAsNumbersOfAnySizeDo() {
        Seeds.forEach(300, random -> {
            byte[] key = extreme(random, 32);
            byte[] message = extreme(random, BLOCK * (1 + random.nextInt(4 * VectorPoly1305.LANES)));
            assertEquals(expected(key, message), tag(key, message), () -> Hex.text(key) + ", " + Hex.text(message));
        });
    }

    private static String tag(byte[] key, byte[] message) {
        int[] words = new int[8];
        for (int i = 0; i < words.length; i++) {
            words[i] = LittleEndian.readInt(key, 4 * i);
        }
        int room = VectorPoly1305.LANES * BLOCK;
        byte[] text = new byte[room + message.length];
        System.arraycopy(message, 0, text, room, message.length);
        byte[] tag = new byte[BLOCK + 3];
        VectorPoly1305 mac = new VectorPoly1305();
        mac.key(words);
        mac.tag(text, room, message.length / BLOCK, tag, 3);
        return Hex.text(tag, 3, BLOCK);
    }

    /** RFC 8439 section 2.5.1 word for word. */
    private static String expected(byte[] key, byte[] message) {
        BigInteger r = number(key, 0, BLOCK).and(CLAMP);
        BigInteger sum = BigInteger.ZERO;
        for (int at = 0; at < message.length; at += BLOCK) {
            sum = sum.add(number(message, at, BLOCK).setBit(8 * BLOCK))
                    .multiply(r)
                    .mod(PRIME);
        }
        BigInteger tag = sum.add(number(key, BLOCK, BLOCK));
        byte[] bytes = new byte[BLOCK];
        for (int i = 0; i < BLOCK; i++) {
            bytes[i] = tag.shiftRight(8 * i).byteValue();
        }
        return Hex.text(bytes);
    }

    private static BigInteger number(byte[] bytes, int at, int length) {
        BigInteger number = BigInteger.ZERO;
        for (int i = length - 1; i >= 0; i--) {
            number = number.shiftLeft(8).or(BigInteger.valueOf(bytes[at + i] & 0xff));
        }
        return number;
    }

    /** Random bytes among which many have all bits, or none. */
    private static byte[] extreme(RandomGenerator random, int length) {
        byte[] bytes = new byte[length];
        int often = random.nextInt(4);
        for (int i = 0; i < length; i++) {
            bytes[i] = switch (random.nextInt(1 + often)) {
                case 0 -> (byte) random.nextInt();
                case 1 -> 0;
                default -> (byte) 0xff;
            };
        }
        return bytes;
    }
}
