package dev.warren.protocol.coordination;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class AddressTextTest {
    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.1:1", "0.0.0.0:0", "[2001:db8:0:0:0:0:0:1]:65535", "[fe80:0:0:0:0:0:0:1]:41641"})
    void readsWhatItWrites(String text) {
        assertEquals(text, AddressText.format(AddressText.parseEndpoint(text)));
    }

    @Test
    void readsShortIpv6() {
        assertEquals("[0:0:0:0:0:0:0:1]:5", AddressText.format(AddressText.parseEndpoint("[::1]:5")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":",
                "1.2.3.4",
                "1.2.3.4:",
                "1.2.3.4:65536",
                "1.2.3.4:-1",
                "1.2.3.4:+1",
                "1.2.3.4:000001",
                "::1:5",
                "[1.2.3.4]:5",
                "[::1]",
                "[]:1",
                "name:1",
                "localhost:80",
                "[fe80::1%eth0]:1",
                "1.2.3.4:١"
            })
    void refusesWhatIsNoEndpoint(String text) {
        assertThrows(CoordinationFormatException.class, () -> AddressText.parseEndpoint(text));
    }

    @Test
    void refusesAnEndlessText() {
        String endless = "1".repeat(100_000) + ":1";
        String said = Refusal.of(() -> AddressText.parseEndpoint(endless));
        assertEquals(true, said.length() < 200, said);
    }
}
