package dev.warren.platform.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class PinTest {
    @Test
    void shouldBeTheHashThatOpensslPrints() throws Exception {
        Path file = Path.of("src/test/resources/dev/warren/platform/tls/example.crt");
        X509Certificate read;
        try (InputStream in = Files.newInputStream(file)) {
            read = (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
        // openssl x509 -in example.crt -outform der | sha256sum
        assertEquals(
                "sha256-raw:f2edd9d4d7f597d81b3cc8d4f4bca1cb609c94ffb3b9b0731418dc741129f318",
                Pin.of(read).toString());
    }

    @Test
    void shouldReadItsTextForm() {
        String text = "sha256-raw:" + "0A".repeat(32);
        assertEquals(text.toLowerCase(java.util.Locale.ROOT), Pin.parse(text).toString());
        assertEquals(Pin.parse(text), new Pin("0a".repeat(32)));
    }

    @Test
    void shouldMatchOneCertificateOnly() {
        ServerCredentials one = SelfSignedCertificate.create("one.example", new SecureRandom(), Instant.EPOCH);
        ServerCredentials other = SelfSignedCertificate.create("one.example", new SecureRandom(), Instant.EPOCH);
        assertTrue(one.pin().matches(one.certificate()));
        assertFalse(one.pin().matches(other.certificate()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "sha256-raw:", "sha256-raw:12", "sha256:0a", "0a", "sha256-raw:zz"})
    void shouldRefuseWhatIsNoPin(String text) {
        assertThrows(IllegalArgumentException.class, () -> Pin.parse(text));
        assertThrows(IllegalArgumentException.class, () -> Pin.parse("sha256-raw:" + "g".repeat(64)));
    }

    @Test
    void shouldNotTrustEverybodyWhenThereAreNoPins() {
        assertThrows(IllegalArgumentException.class, () -> PinnedTrust.trustManager(Set.of()));
    }
}
