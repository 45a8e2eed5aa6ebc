package dev.warren.platform.acme;

import dev.warren.platform.config.SecretFile;
import dev.warren.platform.config.UserError;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.ECGenParameterSpec;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;
import org.jspecify.annotations.Nullable;

/**
 * What an account is known by at the authority, on disk with mode 0600: a private key and its public key in PEM. Both,
 * since the JDK cannot tell the one from the other.
 */
final class AccountKey {
    private AccountKey() {}

    /** The pair in {@code file}; made and written there when the file is absent. Throws {@link UserError}. */
    static KeyPair loadOrCreate(Path file) throws IOException {
        String text = SecretFile.read(file);
        if (text == null) {
            KeyPair made = create();
            SecretFile.write(
                    file,
                    pem("PRIVATE KEY", made.getPrivate().getEncoded())
                            + pem("PUBLIC KEY", made.getPublic().getEncoded()));
            return made;
        }
        KeyPair read = parse(text);
        if (read == null) {
            // What is wrong with it is not said: that might repeat what is in the file.
            throw new UserError(file + " holds no account key: put it right, or remove it to have a new account made");
        }
        return read;
    }

    /** A new pair on P-256, which every authority takes. */
    static KeyPair create() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException impossible) {
            throw new AssertionError("every JDK has P-256", impossible);
        }
    }

    private static @Nullable KeyPair parse(String text) {
        JcaPEMKeyConverter converter = new JcaPEMKeyConverter();
        try (PEMParser parser = new PEMParser(new StringReader(text))) {
            PrivateKey secret = null;
            PublicKey open = null;
            for (Object item = parser.readObject(); item != null; item = parser.readObject()) {
                if (item instanceof PrivateKeyInfo info) {
                    secret = converter.getPrivateKey(info);
                } else if (item instanceof SubjectPublicKeyInfo info) {
                    open = converter.getPublicKey(info);
                }
            }
            return secret == null || open == null ? null : new KeyPair(open, secret);
        } catch (IOException | RuntimeException broken) {
            return null;
        }
    }

    private static String pem(String label, byte[] der) throws IOException {
        StringWriter text = new StringWriter();
        try (PemWriter writer = new PemWriter(text)) {
            writer.writeObject(new PemObject(label, der));
        }
        return text.toString();
    }
}
