package dev.warren.platform.tls;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.Locale;

/**
 * The SHA-256 of one certificate's DER form: {@code sha256-raw:HEX}, the form in which Tailscale's clients pin a
 * self-signed relay ({@code tailcfg.DERPNode.CertName}).
 *
 * @param hex 64 lower-case hex digits
 */
public record Pin(String hex) {
    /** What the text form starts with. */
    public static final String PREFIX = "sha256-raw:";

    private static final int DIGITS = 64;

    /** Throws IllegalArgumentException when {@code hex} is not 64 hex digits. */
    public Pin {
        if (hex.length() != DIGITS || !hex.chars().allMatch(c -> Character.digit(c, 16) >= 0)) {
            throw new IllegalArgumentException("a pin is " + PREFIX + " and " + DIGITS + " hex digits");
        }
        hex = hex.toLowerCase(Locale.ROOT);
    }

    /** Reads {@code sha256-raw:HEX}; throws IllegalArgumentException with a sentence that says what was expected. */
    public static Pin parse(String text) {
        if (!text.startsWith(PREFIX)) {
            throw new IllegalArgumentException("the pin \"" + text + "\" must start with " + PREFIX);
        }
        return new Pin(text.substring(PREFIX.length()));
    }

    /** The pin of {@code certificate}. */
    public static Pin of(X509Certificate certificate) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            return new Pin(HexFormat.of().formatHex(sha256.digest(certificate.getEncoded())));
        } catch (NoSuchAlgorithmException | CertificateEncodingException impossible) {
            throw new AssertionError("every JDK has SHA-256, and a parsed certificate has its DER form", impossible);
        }
    }

    /** Whether {@code certificate} is the one that was pinned. */
    public boolean matches(X509Certificate certificate) {
        return equals(of(certificate));
    }

    /** The text form that {@link #parse} reads. */
    @Override
    public String toString() {
        return PREFIX + hex;
    }
}
