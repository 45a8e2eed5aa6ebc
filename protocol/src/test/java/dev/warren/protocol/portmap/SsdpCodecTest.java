package dev.warren.protocol.portmap;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.warren.protocol.portmap.SsdpMessage.Answer;
import dev.warren.protocol.portmap.SsdpMessage.Search;
import dev.warren.protocol.testing.Hex;
import dev.warren.protocol.testing.Seeds;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class SsdpCodecTest {
    private static final String GATEWAY = "urn:schemas-upnp-org:device:InternetGatewayDevice:1";
    private static final String USN = "uuid:6c1e57ab-0001::" + GATEWAY;

    @Test
    void shouldEncodeASearchOfEveryDevice() {
        assertGolden(
                new Search("239.255.255.250:1900", GATEWAY, 2),
                "M-SEARCH * HTTP/1.1\r\n",
                "HOST: 239.255.255.250:1900\r\n",
                "MAN: \"ssdp:discover\"\r\n",
                "MX: 2\r\n",
                "ST: urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\n",
                "\r\n");
    }

    @Test
    void shouldEncodeASearchOfOneDevice() {
        assertGolden(
                new Search("192.168.1.1:1900", "ssdp:all", 0),
                "M-SEARCH * HTTP/1.1\r\n",
                "HOST: 192.168.1.1:1900\r\n",
                "MAN: \"ssdp:discover\"\r\n",
                "ST: ssdp:all\r\n",
                "\r\n");
    }

    @Test
    void shouldEncodeAnAnswer() {
        assertGolden(
                new Answer(GATEWAY, USN, "http://192.168.1.1:5000/rootDesc.xml", "Router/1.0 UPnP/1.1"),
                "HTTP/1.1 200 OK\r\n",
                "EXT:\r\n",
                "ST: urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\n",
                "USN: uuid:6c1e57ab-0001::urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\n",
                "LOCATION: http://192.168.1.1:5000/rootDesc.xml\r\n",
                "SERVER: Router/1.0 UPnP/1.1\r\n",
                "\r\n");
    }

    @Test
    void shouldReadWhatRoutersMakeOfIt() {
        assertEquals(
                new Answer(GATEWAY, "", "http://192.168.1.1/a:b", ""),
                decode(
                        "HTTP/1.0  200\n",
                        "Location:http://192.168.1.1/a:b\n",
                        "no field\n",
                        "st :  " + GATEWAY + " \n"),
                "LF, names in any case, blanks, no reason, no end");
        assertEquals(
                new Answer("one", "", "", ""),
                decode("HTTP/1.1 200 OK\r\n", "ST: one\r\n", "ST: two\r\n", "\r\n", "USN: of a body\r\n"),
                "the first of two, nothing behind the empty line");
    }

    @Test
    void shouldKnowAGateway() {
        assertTrue(new Answer(GATEWAY, "", "", "").isGateway());
        assertTrue(new Answer("ssdp:all", USN.replace(":1", ":2"), "", "").isGateway());
        assertTrue(new Answer("upnp:rootdevice", USN.toUpperCase(java.util.Locale.ROOT), "", "").isGateway());
        assertFalse(
                new Answer("upnp:rootdevice", "uuid:1::urn:schemas-upnp-org:device:MediaServer:1", "", "").isGateway());
    }

    @Test
    void shouldTakeNothingElse() {
        assertNull(decode(""));
        assertNull(decode("HTTP/1.1 200 OK\r\n", "USN: x\r\n\r\n"), "no ST");
        assertNull(decode("HTTP/1.1 404 Not Found\r\n", "ST: x\r\n\r\n"), "another status");
        assertNull(decode("NOTIFY * HTTP/1.1\r\n", "ST: x\r\n\r\n"), "another message");
        assertNull(decode("M-SEARCH * HTTP/1.1\r\n", "ST: x\r\n\r\n"), "a search for something else");
        assertNull(decode("M-SEARCH * HTTP/1.1\r\n", "MAN: \"ssdp:discover\"\r\nMX: 9\r\nST: x\r\n\r\n"), "too long");
        assertNull(decode("HTTP/1.1 200 OK\r\n", "ST: a\0b\r\n\r\n"), "a control character");
        assertNull(decode("HTTP/1.1 200 OK\r\n", "ST: " + "x".repeat(2048)), "more than a datagram carries");
    }

    @Test
    void shouldRefuseWhatHasNoBytes() {
        assertThrows(IllegalArgumentException.class, () -> new Answer("", "", "", ""));
        assertThrows(IllegalArgumentException.class, () -> new Answer("a\r\nb", "", "", ""));
        assertThrows(IllegalArgumentException.class, () -> new Search("h", "x", 6));
        assertThrows(IllegalArgumentException.class, () -> new Search("h", " x", 1));
        assertThrows(IllegalArgumentException.class, () -> new Search("\u20ac", "x", 1));
    }

    @Test
    void shouldDecodeWhatItEncoded() {
        Seeds.forEach(300, random -> {
            SsdpMessage message = message(random);
            int offset = random.nextInt(9);
            int length = SsdpCodec.encodedLength(message);
            byte[] buffer = new byte[offset + length + 3];
            Arrays.fill(buffer, (byte) 0xa5);
            assertEquals(length, SsdpCodec.encode(message, buffer, offset));
            assertEquals("a5a5a5", Hex.text(buffer, offset + length, 3));
            assertEquals(message, SsdpCodec.decode(buffer, offset, length));
        });
    }

    @FuzzTest(maxDuration = "5s")
    void shouldSurviveHostileBytes(byte[] bytes) {
        SsdpMessage message = SsdpCodec.decode(bytes, 0, bytes.length);
        if (message != null) {
            byte[] again = new byte[SsdpCodec.encodedLength(message)];
            SsdpCodec.encode(message, again, 0);
            assertEquals(message, SsdpCodec.decode(again, 0, again.length));
        }
    }

    private static SsdpMessage message(RandomGenerator random) {
        return random.nextBoolean()
                ? new Search(text(random), "x" + text(random), random.nextInt(6))
                : new Answer("x" + text(random), text(random), text(random), text(random));
    }

    private static String text(RandomGenerator random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(40); i > 0; i--) {
            char c = (char) random.nextInt(' ', 0x100);
            text.append(SsdpMessage.isText("x" + c + "x") ? c : ':');
        }
        return text.toString().strip();
    }

    private static void assertGolden(SsdpMessage message, String... lines) {
        byte[] buffer = new byte[SsdpCodec.encodedLength(message)];
        assertEquals(buffer.length, SsdpCodec.encode(message, buffer, 0));
        assertEquals(String.join("", lines), new String(buffer, ISO_8859_1));
        assertEquals(message, decode(lines));
    }

    private static @Nullable SsdpMessage decode(String... lines) {
        byte[] bytes = String.join("", lines).getBytes(ISO_8859_1);
        return SsdpCodec.decode(bytes, 0, bytes.length);
    }
}
