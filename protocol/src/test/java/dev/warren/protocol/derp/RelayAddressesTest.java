package dev.warren.protocol.derp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class RelayAddressesTest {
    private static final String PIN = "sha256-raw:" + "0f".repeat(32);

    @Test
    void shouldReadAListOfRelays() {
        List<DerpNode> nodes =
                RelayAddresses.parse("relay.example:8443,pin=" + PIN + ",[2001:db8::1]:443, 192.0.2.7:3340,plaintext");
        assertEquals(
                List.of("relay.example:8443", "[2001:db8::1]:443", "192.0.2.7:3340"),
                nodes.stream().map(DerpNode::name).toList());
        assertEquals(
                List.of("relay.example", "2001:db8::1", "192.0.2.7"),
                nodes.stream().map(DerpNode::hostName).toList());
        assertEquals(
                List.of(8443, 443, 3340), nodes.stream().map(DerpNode::derpPort).toList());
        assertEquals(
                List.of(
                        new DerpNode.Trust(PIN, false, false),
                        DerpNode.Trust.PUBLIC,
                        new DerpNode.Trust(null, true, false)),
                nodes.stream().map(DerpNode::trust).toList());
        assertEquals(List.of("2001:db8::1"), nodes.get(1).dialHosts());
        assertEquals(List.of(), RelayAddresses.parse(""));
        assertEquals(List.of(), RelayAddresses.parse(" "));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "relay.example                  ; no port",
                "relay.example:x                ; not a number",
                "relay.example:0                ; not between 1 and 65535",
                ":443                           ; no host",
                "2001:db8::1:443                ; needs brackets",
                "plaintext                      ; belongs behind a HOST:PORT",
                "h:1,                           ; no port",
                "h:1,pin=x                      ; does not start with sha256-raw:",
                "h:1,pin=sha256-raw:00          ; 64 hex digits",
                "h:1,plaintext,plaintext        ; two of pin= and plaintext behind h:1",
                "h:1,tls                        ; no port in \"tls\"",
            })
    void shouldSayWhatIsWrong(String list, String sentence) {
        DerpMapFormatException refused = assertThrows(DerpMapFormatException.class, () -> RelayAddresses.parse(list));
        assertTrue(String.valueOf(refused.getMessage()).contains(sentence), refused.getMessage());
    }
}
