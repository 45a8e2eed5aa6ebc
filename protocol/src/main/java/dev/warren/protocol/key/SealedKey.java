package dev.warren.protocol.key;

import static dev.warren.protocol.key.SealedKeyException.Reason.DAMAGED;
import static dev.warren.protocol.key.SealedKeyException.Reason.OTHER_VERSION;
import static dev.warren.protocol.key.SealedKeyException.Reason.WRONG_PASSPHRASE;
import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.warren.protocol.crypto.Aead;
import dev.warren.protocol.crypto.Blake2s;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.random.RandomGenerator;

/**
 * A secret of 32 bytes under a passphrase, as text of eight lines of one word and its value:
 *
 * <pre>
 * warren-sealed-key 1
 * kind private
 * public hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=
 * kdf argon2id 65536 3 4
 * salt 16 bytes in base64
 * cipher chacha20-poly1305
 * sealed 32 bytes and the tag of 16 in base64
 * check 8 bytes in hex
 * </pre>
 *
 * The passphrase and the salt give a key by Argon2id (KiB of memory, passes, lanes). It seals the secret with the nonce
 * zero, which is used once because every sealing draws a salt, and with the first six lines as associated data. The
 * check is the beginning of the BLAKE2s hash of the lines before it: whoever mistypes the passphrase learns that the file
 * is whole. It protects against accidents only; the tag protects against everybody else.
 */
public final class SealedKey {
    private static final String MAGIC = "warren-sealed-key";
    private static final String VERSION = "1";
    private static final String KDF = "argon2id";
    private static final String CIPHER = "chacha20-poly1305";
    /** In place of a public key where the kind has none. */
    private static final String NO_PUBLIC = "-";

    private static final int LINES = 8;
    private static final int SEALED_LENGTH = KeyText.LENGTH + Aead.TAG_LENGTH;
    private static final int CHECK_LENGTH = 8;

    private final KeyKind kind;
    private final String publicText;
    private final PassphraseCost cost;
    private final byte[] salt;
    private final byte[] sealed;

    private SealedKey(KeyKind kind, String publicText, PassphraseCost cost, byte[] salt, byte[] sealed) {
        this.kind = kind;
        this.publicText = publicText;
        this.cost = cost;
        this.salt = salt;
        this.sealed = sealed;
    }

    /** Whether {@code text} begins as a sealed key does, of whatever version. */
    public static boolean isSealed(String text) {
        return text.startsWith(MAGIC);
    }

    /**
     * Seals {@code secret} (32 bytes). {@code publicText} is the public half to be read without a passphrase, one word,
     * or empty for a kind that has none.
     */
    public static SealedKey seal(
            KeyKind kind,
            String publicText,
            byte[] secret,
            byte[] passphrase,
            PassphraseCost cost,
            RandomGenerator random) {
        if (publicText.chars().anyMatch(c -> c <= ' ' || c > '~')) {
            throw new IllegalArgumentException("a public key's text is one word");
        }
        if (secret.length != KeyText.LENGTH) {
            throw new KeyFormatException("a secret to seal has " + KeyText.LENGTH + " bytes, not " + secret.length);
        }
        byte[] salt = new byte[PassphraseCost.SALT_LENGTH];
        random.nextBytes(salt);
        byte[] sealed = Arrays.copyOf(secret, SEALED_LENGTH);
        SealedKey made = new SealedKey(kind, publicText, cost, salt, sealed);
        byte[] key = cost.derive(passphrase, salt);
        try (Aead aead = Aead.of(key)) {
            aead.seal(0, made.header().getBytes(US_ASCII), sealed, 0, KeyText.LENGTH);
        }
        Arrays.fill(key, (byte) 0);
        return made;
    }

    /** Reads what {@link #text()} wrote; white space behind it does no harm. */
    public static SealedKey parse(String text) throws SealedKeyException {
        String[] lines = text.stripTrailing().split("\n", -1);
        String version = value(lines, 0, MAGIC);
        if (!version.equals(VERSION)) {
            throw new SealedKeyException(
                    OTHER_VERSION, "is in a format of another version of Warren; this one reads version " + VERSION);
        }
        if (lines.length != LINES) {
            throw damaged("has " + lines.length + " lines instead of " + LINES);
        }
        String check = value(lines, LINES - 1, "check");
        String checked = String.join("\n", Arrays.asList(lines).subList(0, LINES - 1)) + "\n";
        if (!check.equals(check(checked))) {
            throw damaged("does not match its checksum");
        }
        if (!value(lines, 5, "cipher").equals(CIPHER)) {
            throw damaged("names an unknown cipher");
        }
        String publicText = value(lines, 2, "public");
        return new SealedKey(
                KeyKind.of(value(lines, 1, "kind")).orElseThrow(() -> damaged("names an unknown kind of key")),
                publicText.equals(NO_PUBLIC) ? "" : publicText,
                cost(value(lines, 3, "kdf")),
                bytes(value(lines, 4, "salt"), PassphraseCost.SALT_LENGTH),
                bytes(value(lines, 6, "sealed"), SEALED_LENGTH));
    }

    /** What kind of secret it is. Only proved by {@link #open}. */
    public KeyKind kind() {
        return kind;
    }

    /** The public half, or empty. Only proved by {@link #open}. */
    public String publicText() {
        return publicText;
    }

    /** The secret's 32 bytes, which the caller wipes. */
    public byte[] open(byte[] passphrase) throws SealedKeyException {
        byte[] buffer = sealed.clone();
        byte[] key = cost.derive(passphrase, salt);
        try (Aead aead = Aead.of(key)) {
            if (!aead.open(0, header().getBytes(US_ASCII), buffer, 0, buffer.length)) {
                throw new SealedKeyException(WRONG_PASSPHRASE, "does not open with this passphrase");
            }
            return Arrays.copyOf(buffer, KeyText.LENGTH);
        } finally {
            Arrays.fill(key, (byte) 0);
            Arrays.fill(buffer, (byte) 0);
        }
    }

    /** The eight lines, each ended by a line feed. */
    public String text() {
        String checked = header() + "sealed " + Base64.getEncoder().encodeToString(sealed) + "\n";
        return checked + "check " + check(checked) + "\n";
    }

    private String header() {
        return MAGIC + " " + VERSION
                + "\nkind " + kind.text()
                + "\npublic " + (publicText.isEmpty() ? NO_PUBLIC : publicText)
                + "\nkdf " + KDF + " " + cost.memoryKibibytes() + " " + cost.passes() + " " + cost.lanes()
                + "\nsalt " + Base64.getEncoder().encodeToString(salt)
                + "\ncipher " + CIPHER + "\n";
    }

    private static String check(String lines) {
        return HexFormat.of().formatHex(Blake2s.hash(lines.getBytes(US_ASCII)), 0, CHECK_LENGTH);
    }

    private static String value(String[] lines, int line, String name) throws SealedKeyException {
        String start = name + " ";
        if (line >= lines.length || !lines[line].startsWith(start)) {
            throw damaged("has no \"" + name + "\" in line " + (line + 1));
        }
        return lines[line].substring(start.length());
    }

    private static PassphraseCost cost(String text) throws SealedKeyException {
        String[] words = text.split(" ", -1);
        if (words.length != 4 || !words[0].equals(KDF)) {
            throw damaged("names an unknown way from the passphrase to the key");
        }
        try {
            return new PassphraseCost(
                    Integer.parseInt(words[1]), Integer.parseInt(words[2]), Integer.parseInt(words[3]));
        } catch (IllegalArgumentException outOfBounds) {
            throw damaged("has parameters of Argon2id that are out of bounds");
        }
    }

    private static byte[] bytes(String base64, int length) throws SealedKeyException {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException notBase64) {
            throw damaged("has a value that is not base64");
        }
        if (bytes.length != length) {
            throw damaged("has a value of " + bytes.length + " bytes instead of " + length);
        }
        return bytes;
    }

    private static SealedKeyException damaged(String why) {
        return new SealedKeyException(DAMAGED, why);
    }
}
