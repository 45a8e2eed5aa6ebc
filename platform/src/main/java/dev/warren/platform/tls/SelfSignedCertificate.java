package dev.warren.platform.tls;

import dev.warren.platform.config.SecretFile;
import dev.warren.platform.config.UserError;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A server's own certificate for when it has none from an authority: made once, then read from its files. */
public final class SelfSignedCertificate {
    // Implementation: clients know the certificate by its pin, so it lives as long as the installation; the day before
    // lets a client whose clock is behind connect.
    private static final Duration VALIDITY = Duration.ofDays(3650);
    private static final Duration BACKDATED = Duration.ofDays(1);
    private static final int SERIAL_BITS = 127;
    /** The alternative name is what clients check; the common name may be too short for it (RFC 5280 appendix A.1). */
    private static final int MAX_COMMON_NAME = 64;
    /** Characters of a PEM line (RFC 7468 section 2). */
    private static final int PEM_LINE = 64;

    private SelfSignedCertificate() {}

    /**
     * The certificate and key in the two PEM files; when both are absent, a new P-256 pair for {@code hostName} (a DNS
     * name or an IP literal) that is written there, the key with mode 0600. A certificate that was there is kept
     * whatever its name: its pin is what clients know. Throws {@link UserError} when only one file is there or one is
     * unreadable.
     */
    public static ServerCredentials loadOrCreate(Path certificateFile, Path keyFile, String hostName)
            throws IOException {
        boolean hasCertificate = Files.exists(certificateFile);
        if (hasCertificate != Files.exists(keyFile)) {
            Path there = hasCertificate ? certificateFile : keyFile;
            Path missing = hasCertificate ? keyFile : certificateFile;
            throw new UserError(there + " is there but " + missing
                    + " is not: put it back, or remove the first to have a new pair made"
                    + " (clients then need the new pin)");
        }
        if (!hasCertificate) {
            ServerCredentials made = create(hostName, new SecureRandom(), Instant.now());
            SecretFile.write(keyFile, pem("PRIVATE KEY", made.key().getEncoded()));
            Files.writeString(certificateFile, certificatePem(made.certificate()));
        }
        return ServerCredentials.load(certificateFile, keyFile);
    }

    /** A new pair for {@code hostName} that is valid from {@code now} on; nothing is written. */
    public static ServerCredentials create(String hostName, SecureRandom random, Instant now) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            KeyPair pair = generator.generateKeyPair();
            return new ServerCredentials(pair.getPrivate(), List.of(sign(pair, hostName, random, now)));
        } catch (GeneralSecurityException | OperatorCreationException | IOException impossible) {
            throw new AssertionError("every JDK has P-256 and ECDSA", impossible);
        }
    }

    /** Writes a chain and its key into two PEM files of mode 0600, each whole or not at all. */
    public static void write(ServerCredentials pair, Path certificateFile, Path keyFile) throws IOException {
        StringBuilder chain = new StringBuilder();
        pair.chain().forEach(certificate -> chain.append(certificatePem(certificate)));
        SecretFile.write(keyFile, pem("PRIVATE KEY", pair.key().getEncoded()));
        SecretFile.write(certificateFile, chain.toString());
    }

    /** The certificate as PEM text. */
    public static String certificatePem(X509Certificate certificate) {
        try {
            return pem("CERTIFICATE", certificate.getEncoded());
        } catch (GeneralSecurityException impossible) {
            throw new AssertionError("a parsed certificate has its DER form", impossible);
        }
    }

    private static X509Certificate sign(KeyPair pair, String hostName, SecureRandom random, Instant now)
            throws GeneralSecurityException, OperatorCreationException, IOException {
        String subject = hostName.length() <= MAX_COMMON_NAME ? hostName : "warren";
        X500Name name = new X500NameBuilder().addRDN(BCStyle.CN, subject).build();
        X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                name,
                new BigInteger(SERIAL_BITS, random).setBit(0),
                Date.from(now.minus(BACKDATED)),
                Date.from(now.plus(VALIDITY)),
                name,
                pair.getPublic());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
        builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
        builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(alternativeName(hostName)));
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate())));
    }

    private static GeneralName alternativeName(String hostName) {
        try {
            InetAddress.ofLiteral(hostName);
            return new GeneralName(GeneralName.iPAddress, hostName);
        } catch (IllegalArgumentException aName) {
            return new GeneralName(GeneralName.dNSName, hostName);
        }
    }

    private static String pem(String label, byte[] der) {
        String body = Base64.getMimeEncoder(PEM_LINE, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
    }
}
