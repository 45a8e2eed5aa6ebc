package dev.warren.node.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Whatever stands in a configuration file is understood, and written back the same, or refused with a sentence. */
class InterfaceFileFuzzTest {
    private static final String INTERFACE = "[Interface]\n";
    private static final String PEER = "[Peer]\nPublicKey = " + "B".repeat(43) + "=\n";

    @FuzzTest(maxDuration = "5s")
    void anyTextIsReadOrRefused(byte[] bytes) {
        String text = new String(bytes, UTF_8);
        read(text);
        read(INTERFACE + text);
        read(PEER + text);
    }

    private static void read(String text) {
        InterfaceConfig config;
        try {
            config = InterfaceFile.parse("wg0", text);
        } catch (IllegalArgumentException refused) {
            String sentence = String.valueOf(refused.getMessage());
            // What does not go together is found at the end, and has no line of its own.
            boolean isOfTheWhole = sentence.contains("twice") || sentence.contains("own key");
            assertTrue(isOfTheWhole || sentence.matches("(?s)line [0-9]+: .+"), sentence);
            return;
        }
        assertEquals(config, InterfaceFile.parse("wg0", InterfaceFile.text(config)));
    }
}
