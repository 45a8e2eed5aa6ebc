package dev.warren.platform.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.config.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class SelfSignedCertificateTest {
    private static final Instant NOW = Instant.parse("2026-11-22T04:00:00Z");

    @TempDir
    Path folder;

    @Test
    void shouldSurviveARestart() throws IOException {
        ServerCredentials first = SelfSignedCertificate.loadOrCreate(certificate(), key(), "192.0.2.1");
        ServerCredentials second = SelfSignedCertificate.loadOrCreate(certificate(), key(), "192.0.2.1");
        assertEquals(first.pin(), second.pin());
        assertEquals(first.key(), second.key());
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(key())));
        assertEquals(SelfSignedCertificate.certificatePem(first.certificate()), Files.readString(certificate()));
    }

    @Test
    void shouldKeepTheCertificateWhenTheHostNameChanges() throws IOException {
        ServerCredentials first = SelfSignedCertificate.loadOrCreate(certificate(), key(), "old.example");
        ServerCredentials second = SelfSignedCertificate.loadOrCreate(certificate(), key(), "new.example");
        assertEquals(first.pin(), second.pin());
        assertTrue(second.covers("OLD.example"));
        assertFalse(second.covers("new.example"));
    }

    @Test
    void shouldNameAnAddressOrAHost() throws Exception {
        X509Certificate address = create("192.0.2.1").certificate();
        assertEquals("[[7, 192.0.2.1]]", String.valueOf(address.getSubjectAlternativeNames()));
        X509Certificate host = create("relay.example").certificate();
        assertEquals("[[2, relay.example]]", String.valueOf(host.getSubjectAlternativeNames()));
        assertEquals("CN=relay.example", host.getSubjectX500Principal().getName());
        assertTrue(create("2001:db8::1").covers("2001:db8:0:0:0:0:0:1"));
    }

    @Test
    void shouldBeAP256ServerCertificateSignedByItself() throws Exception {
        X509Certificate made = create("relay.example").certificate();
        made.verify(made.getPublicKey());
        made.checkValidity(Date.from(NOW));
        made.checkValidity(Date.from(NOW.plus(Duration.ofDays(3600))));
        assertEquals("SHA256withECDSA", made.getSigAlgName());
        assertEquals("EC", made.getPublicKey().getAlgorithm());
        assertEquals(-1, made.getBasicConstraints());
        // RFC 5280 section 4.2.1.12: id-kp-serverAuth.
        assertEquals("[1.3.6.1.5.5.7.3.1]", String.valueOf(made.getExtendedKeyUsage()));
        assertTrue(made.getSerialNumber().signum() > 0);
        assertNotEquals(
                made.getSerialNumber(), create("relay.example").certificate().getSerialNumber());
    }

    @Test
    void shouldSayWhichFileIsMissing() throws IOException {
        SelfSignedCertificate.loadOrCreate(certificate(), key(), "relay.example");
        Files.delete(key());
        UserError refused = assertThrows(
                UserError.class, () -> SelfSignedCertificate.loadOrCreate(certificate(), key(), "relay.example"));
        assertTrue(String.valueOf(refused.getMessage()).contains(key() + " is not"), refused.getMessage());
    }

    @Test
    void shouldRefuseAKeyOfAnotherCertificate() throws IOException {
        SelfSignedCertificate.loadOrCreate(certificate(), key(), "a.example");
        Path otherKey = folder.resolve("other.key");
        SelfSignedCertificate.loadOrCreate(folder.resolve("other.crt"), otherKey, "b.example");
        UserError refused = assertThrows(UserError.class, () -> ServerCredentials.load(certificate(), otherKey));
        assertTrue(String.valueOf(refused.getMessage()).contains("is not the key of the certificate"));
    }

    @Test
    void shouldRefuseFilesThatHoldSomethingElse() throws IOException {
        SelfSignedCertificate.loadOrCreate(certificate(), key(), "a.example");
        Path noise = Files.writeString(folder.resolve("noise"), "nothing of interest\n");
        Path broken = Files.writeString(
                folder.resolve("broken"), "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
        assertThrows(UserError.class, () -> ServerCredentials.load(noise, key()));
        assertThrows(UserError.class, () -> ServerCredentials.load(certificate(), noise));
        assertThrows(UserError.class, () -> ServerCredentials.load(certificate(), broken));
        assertThrows(NoSuchFileException.class, () -> ServerCredentials.load(certificate(), folder.resolve("absent")));
    }

    @Test
    void shouldReadTheOlderKeyForm() throws IOException {
        ServerCredentials made = SelfSignedCertificate.loadOrCreate(certificate(), key(), "a.example");
        Path older = folder.resolve("older.key");
        // RFC 5915 section 3, with the curve's name as openssl writes it.
        ECPrivateKey form = new ECPrivateKey(
                256, ((java.security.interfaces.ECPrivateKey) made.key()).getS(), SECObjectIdentifiers.secp256r1);
        try (PemWriter writer = new PemWriter(Files.newBufferedWriter(older))) {
            writer.writeObject(new PemObject("EC PRIVATE KEY", form.getEncoded()));
        }
        assertTrue(Files.readString(older).startsWith("-----BEGIN EC PRIVATE KEY-----"));
        assertEquals(made.pin(), ServerCredentials.load(certificate(), older).pin());
    }

    @Test
    void shouldLeaveANameOutOfTheSubjectThatIsTooLongForIt() {
        String longName = "relay." + "long-label.".repeat(6) + "example";
        ServerCredentials made = create(longName);
        assertEquals("CN=warren", made.certificate().getSubjectX500Principal().getName());
        assertTrue(made.covers(longName));
    }

    @Test
    void shouldNeverShowTheKey() {
        ServerCredentials made = create("relay.example");
        assertTrue(made.toString().contains(made.pin().toString()));
        assertFalse(made.toString().contains("PrivateKey"));
    }

    private static ServerCredentials create(String hostName) {
        return SelfSignedCertificate.create(hostName, new SecureRandom(), NOW);
    }

    private Path certificate() {
        return folder.resolve("relay.crt");
    }

    private Path key() {
        return folder.resolve("deeper/relay.tls.key");
    }
}
