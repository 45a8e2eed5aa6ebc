package dev.warren.protocol.coordination;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.warren.protocol.testing.Seeds;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class JsonPropertyTest {
    @Test
    void everyMessageComesBackAsItWas() {
        Seeds.forEach(40, random -> {
            for (Record message : new RandomMessages(random).oneOfEach()) {
                assertEquals(message, Json.decode(Json.encode(message), message.getClass()));
            }
        });
    }

    @Test
    void framesComeBackThroughTheirInterface() {
        Seeds.forEach(40, random -> {
            for (Record message : new RandomMessages(random).oneOfEach()) {
                if (message instanceof WatchFrame) {
                    assertEquals(message, Json.decode(Json.encode(message), WatchFrame.class));
                }
            }
        });
    }

    @Test
    void everyMessageIsOneLine() {
        Seeds.forEach(40, random -> {
            for (Record message : new RandomMessages(random).oneOfEach()) {
                assertFalse(Json.encodeText(message).contains("\n"));
            }
        });
    }

    @Test
    void tokensComeBackFromTheirLine() {
        Seeds.forEach(40, random -> {
            JoinToken token = (JoinToken) new RandomMessages(random).oneOfEach().getFirst();
            assertEquals(token, JoinToken.decode(" " + token.encode() + "\n"));
        });
    }

    @Test
    void changedBytesGiveAMessageOrTheDeclaredError() {
        Seeds.forEach(40, random -> {
            for (Record message : new RandomMessages(random).oneOfEach()) {
                for (int i = 0; i < 8; i++) {
                    readsOrRefuses(changed(Json.encode(message), random), message.getClass());
                }
            }
        });
    }

    @Test
    void cutBytesGiveTheDeclaredError() {
        Seeds.forEach(40, random -> {
            for (Record message : new RandomMessages(random).oneOfEach()) {
                byte[] whole = Json.encode(message);
                byte[] cut = Arrays.copyOf(whole, random.nextInt(whole.length));
                assertFalse(readsOrRefuses(cut, message.getClass()), () -> new String(cut, StandardCharsets.UTF_8));
            }
        });
    }

    @Test
    void randomBytesGiveTheDeclaredError() {
        Seeds.forEach(200, random -> {
            byte[] noise = new byte[random.nextInt(200)];
            random.nextBytes(noise);
            readsOrRefuses(noise, RegisterRequest.class);
            readsOrRefuses(noise, WatchFrame.class);
        });
    }

    private static boolean readsOrRefuses(byte[] bytes, Class<?> type) {
        try {
            Json.decode(bytes, type);
            return true;
        } catch (CoordinationFormatException declared) {
            return false;
        }
    }

    private static byte[] changed(byte[] bytes, RandomGenerator random) {
        for (int i = random.nextInt(1, 4); i > 0; i--) {
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return bytes;
    }
}
