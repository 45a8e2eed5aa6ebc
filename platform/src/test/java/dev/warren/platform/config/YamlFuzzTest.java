package dev.warren.platform.config;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/** Whatever stands in a configuration file is read, or refused with a sentence that names the file. */
class YamlFuzzTest {
    @FuzzTest(maxDuration = "5s")
    void anyTextIsReadOrRefused(byte[] bytes) {
        try {
            YamlReader.read("warren.yaml", new String(bytes, StandardCharsets.UTF_8))
                    .ifPresent(node -> assertTrue(node.line() >= 0));
        } catch (UserError refused) {
            assertTrue(String.valueOf(refused.getMessage()).startsWith("warren.yaml"), refused.getMessage());
        }
    }
}
