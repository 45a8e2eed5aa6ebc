package dev.warren.loadtest.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.config.UserError;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class PacketMixTest {
    @ParameterizedTest
    @ValueSource(ints = {32, 100, 65536})
    void shouldHaveOneSize(int size) {
        PacketMix mix = PacketMix.parse(String.valueOf(size), 0);
        assertEquals(size, mix.longest());
        assertTrue(IntStream.range(0, 5000).allMatch(i -> mix.size(i) == size && !mix.isDisco(i)));
        assertEquals(size + " B", mix.toString());
    }

    @Test
    void shouldMixSizesByTheirWeights() {
        PacketMix mix = PacketMix.parse("100:1,1400:3", 0);
        assertEquals(1400, mix.longest());
        assertEquals(
                1024, IntStream.range(0, 4096).filter(i -> mix.size(i) == 100).count());
        assertEquals(
                3072, IntStream.range(0, 4096).filter(i -> mix.size(i) == 1400).count());
        assertTrue(IntStream.range(0, 100).anyMatch(i -> mix.size(i) == 100), "shuffled");
        assertTrue(IntStream.range(0, 100).anyMatch(i -> mix.size(i) == 1400), "shuffled");
    }

    @Test
    void shouldBeTheSameEveryTime() {
        PacketMix one = PacketMix.parse("100:1,1400:3", 30);
        PacketMix other = PacketMix.parse("100:1,1400:3", 30);
        assertTrue(IntStream.range(0, 4096)
                .allMatch(i -> one.size(i) == other.size(i) && one.isDisco(i) == other.isDisco(i)));
    }

    @ParameterizedTest
    @CsvSource({"0, 0, 0", "100, 4096, 4096", "25, 900, 1150"})
    void shouldMakeAShareLookLikeDisco(int percent, int least, int most) {
        PacketMix mix = PacketMix.parse("100", percent);
        long disco = IntStream.range(0, 4096).filter(mix::isDisco).count();
        assertTrue(disco >= least && disco <= most, () -> disco + " of 4096");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    31           | 0   | a packet of 31 bytes cannot be sent
                    65537        | 0   | DERP carries 65536 at most
                    x            | 0   | the packet size "x" is not understood
                    100:0        | 0   | the packet size "100:0" is not understood
                    100:1:1      | 0   | the packet size "100:1:1" is not understood
                    100:50,      | 0   | the packet size "" is not understood
                    61           | 1   | packets of 61 bytes cannot look like disco, which takes 62 or more
                    1400:9,61:1  | 1   | packets of 61 bytes cannot look like disco
                    100          | 101 | --disco 101 is no percentage
                    """)
    void shouldRefuseWhatCannotBeSent(String text, int disco, String sentence) {
        UserError refused = assertThrows(UserError.class, () -> PacketMix.parse(text, disco));
        assertTrue(String.valueOf(refused.getMessage()).contains(sentence), refused.getMessage());
    }
}
