package dev.warren.protocol.coordination;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;

class CoordinationFuzzTest {
    private static final List<Class<?>> READ = List.of(
            RegisterRequest.class,
            RegisterAnswer.class,
            UpdateRequest.class,
            WatchFrame.class,
            VerifyRequest.class,
            ErrorAnswer.class,
            NonceAnswer.class,
            NodeStatement.class,
            StatusView.class);

    @FuzzTest(maxDuration = "5s")
    void hostileBytesGiveAMessageOrTheDeclaredError(byte[] bytes) {
        for (Class<?> type : READ) {
            try {
                Json.decode(bytes, type);
            } catch (CoordinationFormatException declared) {
                // what hostile bytes are for
            }
        }
    }

    @FuzzTest(maxDuration = "5s")
    void hostileTokensGiveATokenOrTheDeclaredError(byte[] bytes) {
        try {
            JoinToken.decode("warren1." + new String(bytes, StandardCharsets.UTF_8));
        } catch (CoordinationFormatException declared) {
            // what hostile tokens are for
        }
    }
}
