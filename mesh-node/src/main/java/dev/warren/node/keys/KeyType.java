package dev.warren.node.keys;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.warren.protocol.key.IdentityPrivateKey;
import dev.warren.protocol.key.KeyFormatException;
import dev.warren.protocol.key.KeyKind;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.PresharedKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * How one kind of key is written and read.
 *
 * @param kind which
 * @param suffix of its files
 * @param prefix of its form in hex, read beside base64; empty for none
 * @param noun what to call it
 * @param make a key of 32 bytes, which it copies
 * @param bytes a copy of its 32 bytes
 * @param publicText its public half as one word, empty for none
 */
record KeyType<K extends AutoCloseable>(
        KeyKind kind,
        String suffix,
        String prefix,
        String noun,
        Function<byte[], K> make,
        Function<K, byte[]> bytes,
        Function<K, String> publicText) {
    static final KeyType<NodePrivateKey> PRIVATE = new KeyType<>(
            KeyKind.PRIVATE,
            ".key",
            "privkey:",
            "private key",
            NodePrivateKey::of,
            NodePrivateKey::bytes,
            key -> key.publicKey().base64());
    static final KeyType<PresharedKey> PRESHARED = new KeyType<>(
            KeyKind.PRESHARED, ".psk", "", "preshared key", PresharedKey::of, PresharedKey::bytes, _ -> "");
    static final KeyType<IdentityPrivateKey> IDENTITY = new KeyType<>(
            KeyKind.IDENTITY,
            ".key",
            "idpriv:",
            "identity key",
            IdentityPrivateKey::of,
            IdentityPrivateKey::bytes,
            key -> key.publicKey().toString());

    private static final int KEY_LENGTH = 32;
    private static final int BASE64_LENGTH = 44;

    /** A new key. */
    K generate(RandomGenerator random) {
        byte[] drawn = new byte[KEY_LENGTH];
        random.nextBytes(drawn);
        return of(drawn);
    }

    /** From 32 bytes, which are wiped. */
    K of(byte[] secret) {
        try {
            return make.apply(secret);
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }

    /**
     * From a file's content: base64 as {@code wg} writes it, or the form with a prefix; white space around it does no
     * harm. Throws IllegalArgumentException with what is wrong, without repeating any of it.
     */
    K parse(byte[] content) {
        byte[] text = stripped(content);
        try {
            return of(!prefix.isEmpty() && startsWith(text, prefix) ? hex(text) : base64(text));
        } catch (KeyFormatException wrong) {
            throw new IllegalArgumentException(wrong.getMessage());
        } finally {
            Arrays.fill(text, (byte) 0);
        }
    }

    /** Whether this is a key of another kind whose files have the same suffix. */
    boolean isOfAnotherKind(byte[] content) {
        return !suffix.equals(PRESHARED.suffix) && startsWith(content, IDENTITY.prefix) != (kind == KeyKind.IDENTITY);
    }

    /** The file's content: base64 and a line feed, as {@code wg} reads it; for identities the form with the prefix. */
    byte[] content(K key) {
        byte[] secret = bytes.apply(key);
        byte[] text = kind == KeyKind.IDENTITY
                ? prefixed(secret)
                : Base64.getEncoder().encode(secret);
        Arrays.fill(secret, (byte) 0);
        byte[] line = Arrays.copyOf(text, text.length + 1);
        line[text.length] = '\n';
        Arrays.fill(text, (byte) 0);
        return line;
    }

    private byte[] prefixed(byte[] secret) {
        byte[] text = new byte[prefix.length() + 2 * secret.length];
        System.arraycopy(prefix.getBytes(US_ASCII), 0, text, 0, prefix.length());
        for (int i = 0; i < secret.length; i++) {
            text[prefix.length() + 2 * i] = (byte) HexFormat.of().toHighHexDigit(secret[i]);
            text[prefix.length() + 2 * i + 1] = (byte) HexFormat.of().toLowHexDigit(secret[i]);
        }
        return text;
    }

    private byte[] hex(byte[] text) {
        int digits = text.length - prefix.length();
        if (digits != 2 * KEY_LENGTH) {
            throw new IllegalArgumentException(
                    "there are " + digits + " hex digits after \"" + prefix + "\" instead of " + 2 * KEY_LENGTH);
        }
        byte[] secret = new byte[KEY_LENGTH];
        for (int i = 0; i < KEY_LENGTH; i++) {
            int at = prefix.length() + 2 * i;
            if (!HexFormat.isHexDigit(text[at]) || !HexFormat.isHexDigit(text[at + 1])) {
                Arrays.fill(secret, (byte) 0);
                throw new IllegalArgumentException("a character behind \"" + prefix + "\" is not a hex digit");
            }
            secret[i] = (byte) ((HexFormat.fromHexDigit(text[at]) << 4) | HexFormat.fromHexDigit(text[at + 1]));
        }
        return secret;
    }

    private static byte[] base64(byte[] text) {
        if (text.length != BASE64_LENGTH) {
            throw new IllegalArgumentException(
                    "there are " + text.length + " characters instead of the " + BASE64_LENGTH + " of a key in base64");
        }
        byte[] secret = decoded(text);
        if (secret == null) {
            throw new IllegalArgumentException("it is not base64");
        }
        if (secret.length != KEY_LENGTH) {
            Arrays.fill(secret, (byte) 0);
            throw new IllegalArgumentException(
                    "it is base64 of another length than the " + KEY_LENGTH + " bytes of a key");
        }
        return secret;
    }

    private static byte @Nullable [] decoded(byte[] base64) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException notBase64) {
            return null;
        }
    }

    private static boolean startsWith(byte[] text, String prefix) {
        byte[] start = prefix.getBytes(US_ASCII);
        return text.length >= start.length && Arrays.equals(text, 0, start.length, start, 0, start.length);
    }

    private static byte[] stripped(byte[] content) {
        int from = 0;
        int to = content.length;
        while (from < to && isSpace(content[from])) {
            from++;
        }
        while (to > from && isSpace(content[to - 1])) {
            to--;
        }
        return Arrays.copyOfRange(content, from, to);
    }

    private static boolean isSpace(byte character) {
        return character == ' ' || character == '\n' || character == '\r' || character == '\t';
    }
}
