package dev.warren.platform.tls;

import dev.warren.protocol.key.NodePublicKey;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.DERPrintableString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * The certificate that a relay sends behind its real chain to tell a client, inside the encrypted TLS 1.3 handshake,
 * which node key it has, so that the client may leave the HTTP answer out (fast start). Form of Tailscale's
 * {@code derpserver.initMetacert}: Ed25519, self-signed, CN {@code derpkey<64 hex>}, serial = protocol version, valid
 * 30 days around the start, and basicConstraints as the only extension.
 */
public final class MetaCertificate {
    /** What the common name starts with. */
    public static final String NAME_PREFIX = "derpkey";

    // Specification: the serial number carries the version of the protocol.
    private static final BigInteger PROTOCOL_VERSION = BigInteger.TWO;
    private static final Duration VALIDITY = Duration.ofDays(30);

    private MetaCertificate() {}

    /** The meta certificate of a relay with the key {@code key} that starts at {@code now}. */
    public static X509Certificate create(NodePublicKey key, SecureRandom random, Instant now) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
            generator.initialize(255, random);
            KeyPair pair = generator.generateKeyPair();
            X500Name name = commonName(NAME_PREFIX + key.hex());
            X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    name,
                    PROTOCOL_VERSION,
                    Date.from(now.minus(VALIDITY)),
                    Date.from(now.plus(VALIDITY)),
                    name,
                    pair.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(new JcaContentSignerBuilder("Ed25519").build(pair.getPrivate())));
        } catch (GeneralSecurityException | OperatorCreationException | CertIOException impossible) {
            throw new AssertionError("every JDK has Ed25519", impossible);
        }
    }

    /** 71 characters are more than RFC 5280 allows and BouncyCastle's builder takes, so the name is built from DER. */
    private static X500Name commonName(String text) {
        ASN1Encodable[] attribute = {BCStyle.CN, new DERPrintableString(text)};
        return X500Name.getInstance(new DERSequence(new DERSet(new DERSequence(attribute))));
    }
}
