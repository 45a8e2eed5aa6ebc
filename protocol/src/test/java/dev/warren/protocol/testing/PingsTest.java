package dev.warren.protocol.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class PingsTest {
    private static int exitCode(String address) throws IOException, InterruptedException {
        return new ProcessBuilder(Pings.oneByOne(3, List.of("-s", "100", address)))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    @Test
    void shouldEndWellOnlyWhenPingsAreAnswered() throws Exception {
        Requirements.program("ping");
        assertEquals(0, exitCode("127.0.0.1"));
        assertNotEquals(0, exitCode("127.0.0.1.nowhere.invalid"));
    }
}
