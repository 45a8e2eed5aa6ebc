package dev.warren.platform.tls;

import dev.warren.platform.config.UserError;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.X509ExtendedKeyManager;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;

/**
 * What a TLS server proves itself with.
 *
 * @param key the private key of the first certificate
 * @param chain the server's own certificate, then its issuers
 */
public record ServerCredentials(PrivateKey key, List<X509Certificate> chain) {
    /** Throws IllegalArgumentException when there is no certificate. */
    public ServerCredentials {
        chain = List.copyOf(chain);
        if (chain.isEmpty()) {
            throw new IllegalArgumentException("a server needs at least one certificate");
        }
    }

    /**
     * Reads a PEM chain and a PEM private key (PKCS #8, or the older EC and RSA forms). Throws {@link UserError} when a
     * file holds something else or the two do not belong together.
     */
    public static ServerCredentials load(Path certificateFile, Path keyFile) throws IOException {
        List<X509Certificate> chain = readChain(certificateFile);
        PrivateKey key = readKey(keyFile);
        if (!belongTogether(key, chain.getFirst())) {
            throw new UserError("the key in " + keyFile + " is not the key of the certificate in " + certificateFile
                    + ": give the two files that were made together");
        }
        return new ServerCredentials(key, chain);
    }

    /** The server's own certificate. */
    public X509Certificate certificate() {
        return chain.getFirst();
    }

    /** The pin of the server's own certificate. */
    public Pin pin() {
        return Pin.of(certificate());
    }

    /**
     * Whether the server's certificate names {@code host}, a DNS name or an IP literal, among its alternative names.
     */
    public boolean covers(String host) {
        try {
            var names = certificate().getSubjectAlternativeNames();
            return names != null && names.stream().anyMatch(name -> host.equalsIgnoreCase(String.valueOf(name.get(1))));
        } catch (CertificateParsingException unreadable) {
            return false;
        }
    }

    /** A key manager that sends the chain and then {@code appended}, whatever those are. */
    public X509ExtendedKeyManager keyManager(X509Certificate... appended) {
        List<X509Certificate> all = new ArrayList<>(chain);
        all.addAll(List.of(appended));
        return new FixedKeyManager(key, all);
    }

    /** Never the key. */
    @Override
    public String toString() {
        return "ServerCredentials[" + certificate().getSubjectX500Principal() + ", " + pin() + "]";
    }

    private static List<X509Certificate> readChain(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            List<X509Certificate> chain = new ArrayList<>();
            for (var certificate : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                chain.add((X509Certificate) certificate);
            }
            if (!chain.isEmpty()) {
                return chain;
            }
        } catch (CertificateException unreadable) {
            throw notPem(file, "a certificate", unreadable);
        }
        throw new UserError(file + " holds no certificate: give a PEM file that does");
    }

    private static PrivateKey readKey(Path file) throws IOException {
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.US_ASCII);
                PEMParser parser = new PEMParser(reader)) {
            for (Object item = parser.readObject(); item != null; item = parser.readObject()) {
                if (item instanceof PrivateKeyInfo info) {
                    return new JcaPEMKeyConverter().getPrivateKey(info);
                }
                if (item instanceof PEMKeyPair pair) {
                    return new JcaPEMKeyConverter().getPrivateKey(pair.getPrivateKeyInfo());
                }
            }
        } catch (java.nio.file.FileSystemException unreadable) {
            throw unreadable;
        } catch (IOException | RuntimeException broken) {
            throw notPem(file, "a private key", broken);
        }
        throw new UserError(file + " holds no private key that is not encrypted: give a PEM file that does");
    }

    private static UserError notPem(Path file, String what, Exception cause) {
        return new UserError(
                file + " cannot be read as " + what + ": give a PEM file, with its BEGIN and END lines", cause);
    }

    /** Whether a signature of {@code key} is good under the certificate's public key. */
    private static boolean belongTogether(PrivateKey key, X509Certificate certificate) {
        String algorithm =
                switch (key.getAlgorithm()) {
                    case "EC", "ECDSA" -> "SHA256withECDSA";
                    case "RSA" -> "SHA256withRSA";
                    default -> key.getAlgorithm();
                };
        byte[] probe = {'p', 'r', 'o', 'b', 'e'};
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(probe);
            byte[] signed = signature.sign();
            signature.initVerify(certificate.getPublicKey());
            signature.update(probe);
            return signature.verify(signed);
        } catch (GeneralSecurityException otherKind) {
            return false;
        }
    }
}
