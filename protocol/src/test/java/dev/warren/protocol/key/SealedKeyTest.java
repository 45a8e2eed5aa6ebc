package dev.warren.protocol.key;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.crypto.Blake2s;
import dev.warren.protocol.key.SealedKeyException.Reason;
import dev.warren.protocol.testing.Hex;
import dev.warren.protocol.testing.Seeds;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class SealedKeyTest {
    /** Enough for the format; what the usual costs are is asserted below. */
    private static final PassphraseCost CHEAP = new PassphraseCost(64, 1, 2);

    private static final byte[] PASSPHRASE = "correct horse".getBytes(UTF_8);
    /** Made with other implementations: Python's cryptography for Argon2id and the cipher, hashlib for the check. */
    private static final String GOLDEN =
            """
            warren-sealed-key 1
            kind private
            public hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=
            kdf argon2id 64 1 2
            salt AAECAwQFBgcICQoLDA0ODw==
            cipher chacha20-poly1305
            sealed uUOdzglXJxvdflNN9X9czhBhr6FmbpelHVmxsh5c9jjPsnS9H2s1lbhbjfCV0/Lx
            check 1992c9d4bc29ab0b
            """;

    private static final String PUBLIC = "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=";

    private final RandomGenerator random = Seeds.random(3);
    private final byte[] secret = Hex.bytes("77076d0a7318a57d3c16c17251b26645df4c2f92ebc099ac6577fba5fb2a2c2a");

    /** RFC 9106 section 5.3 has a secret and associated data, which this use has not; from the reference program. */
    @Test
    void shouldDeriveAsTheReferenceImplementationDoes() {
        PassphraseCost cost = new PassphraseCost(65_536, 2, 1);
        assertArrayEquals(
                Hex.bytes("09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7"),
                cost.derive("password".getBytes(UTF_8), "somesalt".getBytes(UTF_8)));
    }

    @Test
    void shouldOpenWhatItSealed() throws Exception {
        SealedKey sealed = seal(KeyKind.PRIVATE, PUBLIC);
        SealedKey read = SealedKey.parse(sealed.text());
        assertEquals(KeyKind.PRIVATE, read.kind());
        assertEquals(PUBLIC, read.publicText());
        assertArrayEquals(secret, read.open(PASSPHRASE));
        assertTrue(SealedKey.isSealed(sealed.text()));
    }

    @Test
    void shouldHaveTheFormThatIsWrittenDown() {
        String[] lines = seal(KeyKind.PRIVATE, PUBLIC).text().split("\n", -1);
        assertEquals("warren-sealed-key 1", lines[0]);
        assertEquals("kind private", lines[1]);
        assertEquals("public " + PUBLIC, lines[2]);
        assertEquals("kdf argon2id 64 1 2", lines[3]);
        assertTrue(lines[4].matches("salt [A-Za-z0-9+/]{22}=="), lines[4]);
        assertEquals("cipher chacha20-poly1305", lines[5]);
        assertTrue(lines[6].matches("sealed [A-Za-z0-9+/]{64}"), lines[6]);
        assertTrue(lines[7].matches("check [0-9a-f]{16}"), lines[7]);
        assertEquals("", lines[8]);
        assertEquals(9, lines.length);
    }

    /** What was sealed once must open for ever. */
    @Test
    void shouldOpenAFileOfTheFirstVersion() throws Exception {
        SealedKey read = SealedKey.parse(GOLDEN);
        assertEquals(PUBLIC, read.publicText());
        assertArrayEquals(secret, read.open(PASSPHRASE));
        assertEquals(GOLDEN, read.text());
    }

    @Test
    void shouldSayThatThePassphraseIsWrong() throws Exception {
        SealedKey sealed = SealedKey.parse(seal(KeyKind.PRESHARED, "").text());
        assertEquals("", sealed.publicText());
        SealedKeyException wrong =
                assertThrows(SealedKeyException.class, () -> sealed.open("correct hors".getBytes(UTF_8)));
        assertEquals(Reason.WRONG_PASSPHRASE, wrong.reason());
        assertThrows(SealedKeyException.class, () -> sealed.open(new byte[0]));
    }

    @Test
    void shouldNoticeAnyChangedCharacter() {
        Seeds.forEach(300, seeded -> {
            String text = seal(KeyKind.PRIVATE, PUBLIC).text();
            char[] changed = text.toCharArray();
            int at = seeded.nextInt(changed.length - 1);
            changed[at] = (char) (changed[at] ^ (1 + seeded.nextInt(127)));
            SealedKeyException wrong =
                    assertThrows(SealedKeyException.class, () -> SealedKey.parse(new String(changed)));
            assertNotEquals(Reason.WRONG_PASSPHRASE, wrong.reason());
        });
    }

    @Test
    void shouldNoticeAnyCut() {
        String text = seal(KeyKind.PRIVATE, PUBLIC).text().stripTrailing();
        for (int length = 0; length < text.length(); length++) {
            String cut = text.substring(0, length);
            assertThrows(SealedKeyException.class, () -> SealedKey.parse(cut), cut);
        }
    }

    @Test
    void shouldRefuseRandomText() {
        Seeds.forEach(500, seeded -> {
            char[] text = new char[seeded.nextInt(600)];
            for (int i = 0; i < text.length; i++) {
                text[i] = (char) seeded.nextInt(256);
            }
            String start = seeded.nextBoolean() ? "warren-sealed-key 1\n" : "";
            assertThrows(SealedKeyException.class, () -> SealedKey.parse(start + new String(text)));
        });
    }

    /** Who can write the file can make its checksum right again, but not the tag. */
    @ParameterizedTest
    @CsvSource({"kind private,kind preshared", "public hSDw,public hSDx", "argon2id 64 1 2,argon2id 72 1 2"})
    void shouldNotOpenAfterAForgery(String before, String after) throws Exception {
        String forged = rechecked(seal(KeyKind.PRIVATE, PUBLIC).text().replace(before, after));
        SealedKey read = SealedKey.parse(forged);
        SealedKeyException wrong = assertThrows(SealedKeyException.class, () -> read.open(PASSPHRASE));
        assertEquals(Reason.WRONG_PASSPHRASE, wrong.reason());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "argon2id 99999999 1 2",
                "argon2id 64 17 2",
                "argon2id 64 1 9",
                "argon2id 15 1 2",
                "argon2id 64 0 2",
                "argon2id -1 1 2",
                "argon2id x 1 2",
                "argon2id 64 1",
                "scrypt 64 1 2"
            })
    void shouldNotSpendWhatAFileFromElsewhereAsksFor(String kdf) {
        String forged = rechecked(seal(KeyKind.PRIVATE, PUBLIC).text().replace("argon2id 64 1 2", kdf));
        SealedKeyException wrong = assertThrows(SealedKeyException.class, () -> SealedKey.parse(forged));
        assertEquals(Reason.DAMAGED, wrong.reason());
    }

    @Test
    void shouldSayThatTheVersionIsAnother() {
        String text = seal(KeyKind.PRIVATE, PUBLIC).text().replace("warren-sealed-key 1", "warren-sealed-key 2");
        SealedKeyException wrong = assertThrows(SealedKeyException.class, () -> SealedKey.parse(text));
        assertEquals(Reason.OTHER_VERSION, wrong.reason());
    }

    @Test
    void shouldSealTheSameSecretDifferentlyEachTime() {
        assertNotEquals(
                seal(KeyKind.PRIVATE, PUBLIC).text(),
                seal(KeyKind.PRIVATE, PUBLIC).text());
    }

    @Test
    void shouldRefuseWhatIsNoSecret() {
        assertThrows(
                KeyFormatException.class,
                () -> SealedKey.seal(KeyKind.PRIVATE, "", new byte[31], PASSPHRASE, CHEAP, random));
        assertThrows(
                IllegalArgumentException.class,
                () -> SealedKey.seal(KeyKind.PRIVATE, "a b", secret, PASSPHRASE, CHEAP, random));
    }

    @Test
    void shouldCostWhatTheRfcRecommends() {
        assertEquals(new PassphraseCost(65_536, 3, 4), PassphraseCost.USUAL);
        assertFalse(Arrays.equals(
                PassphraseCost.USUAL.derive(PASSPHRASE, new byte[16]), CHEAP.derive(PASSPHRASE, new byte[16])));
    }

    private SealedKey seal(KeyKind kind, String publicText) {
        return SealedKey.seal(kind, publicText, secret, PASSPHRASE, CHEAP, random);
    }

    /** With the checksum that belongs to the lines before it. */
    private static String rechecked(String text) {
        String lines = text.substring(0, text.lastIndexOf("check "));
        return lines + "check " + Hex.text(Blake2s.hash(lines.getBytes(UTF_8))).substring(0, 16) + "\n";
    }
}
