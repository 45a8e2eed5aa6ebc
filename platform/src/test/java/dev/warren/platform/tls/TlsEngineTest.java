package dev.warren.platform.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(30)
class TlsEngineTest {
    /** The library is a dependency on the systems that we name; where it did not load, every relay would be slower. */
    @Test
    void shouldFindBoringSslHere() {
        assertEquals(Optional.empty(), TlsEngine.BORINGSSL.unavailableReason());
        assertEquals(TlsEngine.BORINGSSL, TlsEngine.AUTO.resolved());
        assertEquals(TlsEngine.JDK, TlsEngine.JDK.resolved());
    }

    @ParameterizedTest
    @EnumSource(TlsEngine.class)
    void shouldReadWhatItWrites(TlsEngine engine) {
        assertEquals(engine, TlsEngine.parse(engine.toString()));
        assertNotEquals(TlsEngine.AUTO, engine.resolved());
    }

    @Test
    void shouldSayWhatThereIs() {
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> TlsEngine.parse("openssl"));
        assertEquals("\"openssl\" is no TLS engine; use auto, boringssl or jdk", refused.getMessage());
    }
}
