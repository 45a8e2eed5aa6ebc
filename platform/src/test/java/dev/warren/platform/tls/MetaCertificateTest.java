package dev.warren.platform.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.warren.protocol.key.NodePublicKey;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class MetaCertificateTest {
    private static final String SERVER = "0faa684ed28867b97f4a6a2dee5df8ce974e76b7018e3f22a1c4cf2678570f20";
    private static final Instant NOW = Instant.parse("2026-11-22T04:00:00Z");

    @Test
    void shouldCarryTheKeyAndTheVersion() throws Exception {
        X509Certificate meta = MetaCertificate.create(NodePublicKey.parseHex(SERVER), new SecureRandom(), NOW);
        meta.verify(meta.getPublicKey());
        assertEquals("CN=derpkey" + SERVER, meta.getSubjectX500Principal().getName());
        assertEquals(meta.getSubjectX500Principal(), meta.getIssuerX500Principal());
        assertEquals(BigInteger.TWO, meta.getSerialNumber());
        assertEquals(3, meta.getVersion());
        assertEquals(Date.from(Instant.parse("2026-10-23T04:00:00Z")), meta.getNotBefore());
        assertEquals(Date.from(Instant.parse("2026-12-22T04:00:00Z")), meta.getNotAfter());
        assertEquals("Ed25519", meta.getSigAlgName());
        // As long as the one that derper makes.
        assertEquals(359, meta.getEncoded().length);
    }

    @Test
    void shouldHaveBasicConstraintsAsItsOnlyExtension() {
        X509Certificate meta = MetaCertificate.create(NodePublicKey.parseHex(SERVER), new SecureRandom(), NOW);
        // RFC 5280 section 4.2.1.9.
        assertEquals(Set.of("2.5.29.19"), meta.getCriticalExtensionOIDs());
        assertEquals(Set.of(), meta.getNonCriticalExtensionOIDs());
        assertEquals(-1, meta.getBasicConstraints());
    }
}
