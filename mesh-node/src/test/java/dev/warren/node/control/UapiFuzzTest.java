package dev.warren.node.control;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.regex.Pattern;

/** Whatever comes in by the UAPI socket is answered in its form, and leaves the coordinator's peer alone. */
class UapiFuzzTest {
    private static final Pattern ANSWERS = Pattern.compile("(([a-z_]+=[^\n=]+\n)*errno=-?[0-9]+\n\n)*");

    @FuzzTest(maxDuration = "5s")
    void anyBytesAreAnswered(byte[] bytes) throws IOException {
        serve(bytes);
        serve(("set=1\n" + new String(bytes, US_ASCII) + "\n\nget=1\n\n").getBytes(US_ASCII));
        serve(("set=1\npublic_key=" + "a5".repeat(32) + "\n" + new String(bytes, US_ASCII) + "\n\nget=1\n\n")
                .getBytes(US_ASCII));
    }

    private static void serve(byte[] requests) throws IOException {
        UapiDevice around = new UapiDevice();
        around.mayChangeKey = true;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new UapiConnection(around.target, Runnable::run, new ByteArrayInputStream(requests), out).serve();

        String said = out.toString(US_ASCII);
        assertTrue(ANSWERS.matcher(said).matches(), said);
        assertEquals(around.managed, around.device.peer(around.managed.publicKey()));
        assertEquals(
                List.of("100.64.0.9/32"),
                around.device.allowedIps().prefixes(around.managed).stream()
                        .map(Object::toString)
                        .toList());
        around.device.close();
    }
}
