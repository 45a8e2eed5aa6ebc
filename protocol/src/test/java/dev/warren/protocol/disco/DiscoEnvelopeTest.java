package dev.warren.protocol.disco;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.warren.protocol.crypto.NaclBox;
import dev.warren.protocol.disco.DiscoMessage.CallMeMaybe;
import dev.warren.protocol.disco.DiscoMessage.Ping;
import dev.warren.protocol.disco.DiscoMessage.Pong;
import dev.warren.protocol.key.DiscoPrivateKey;
import dev.warren.protocol.key.DiscoPublicKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.testing.Hex;
import dev.warren.protocol.testing.Seeds;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The boxes here were sealed by libsodium's crypto_box_easy. */
@Timeout(30)
final class DiscoEnvelopeTest {
    private static final String MINE_HEX = "1011111111111111111111111111111111111111111111111111111111111151";
    private static final String MINE_PUBLIC_HEX = "7b4e909bbe7ffe44c465a220037d608ee35897d31ef972f07f74892cb0f73f13";
    private static final String THEIRS_HEX = "2022222222222222222222222222222222222222222222222222222222222262";
    private static final String MAGIC = "5453f09f92ac";
    private static final String NONCE = "000102030405060708090a0b0c0d0e0f1011121314151617";
    private static final DiscoPrivateKey MINE = DiscoPrivateKey.parse("discopriv:" + MINE_HEX);
    private static final DiscoPrivateKey THEIRS = DiscoPrivateKey.parse("discopriv:" + THEIRS_HEX);
    private static final NaclBox TO_THEM = NaclBox.between(MINE, THEIRS.publicKey());
    private static final NaclBox FROM_ME = NaclBox.between(THEIRS, MINE.publicKey());
    private static final TxId ID = TxId.of(Hex.bytes("0102030405060708090a0b0c"), 0);
    private static final InetSocketAddress IPV4 = new InetSocketAddress(InetAddress.ofLiteral("1.2.3.4"), 254);
    private static final InetSocketAddress IPV6 = new InetSocketAddress(InetAddress.ofLiteral("2001:db8::1"), 567);

    @Test
    void shouldSealAPingByteForByte() {
        assertGolden(
                new Ping(ID, NodePublicKey.parseHex(MINE_PUBLIC_HEX), 0),
                124,
                "93efd0d78eccaab722b566ed92b232c6" // tag
                        + "5a8c18945d97ffce3da53ca6da5d09f4754eac0b4a79c51c01d5011b0f6f2dc6"
                        + "df9e2a79d87e2f3f0987ec311c39");
    }

    @Test
    void shouldSealAPongByteForByte() {
        assertGolden(
                new Pong(ID, IPV4),
                110,
                "5b94dedb919cec5e235cb9b9e22a6c1b" // tag
                        + "598c18945d97ffce3da53ca6da5d72bae5d51274b43d01795c0a03646ce5ce60");
    }

    @Test
    void shouldSealACallMeMaybeByteForByte() {
        assertGolden(
                new CallMeMaybe(List.of(IPV4, IPV6)),
                80 + 2 * 18,
                "ebf05b264578a83575cbeadd91db632b" // tag
                        + "588c19965e93fac83aad35ac2eae73b8e6d1128a943c0cc1a3f502666fe1ce9e"
                        + "484d3481a8b9");
    }

    @Test
    void shouldRecogniseByMagicAndLength() {
        byte[] packet = DiscoEnvelope.seal(TO_THEM, MINE.publicKey(), new Ping(ID, null, 0), Seeds.random(1));
        assertTrue(DiscoEnvelope.looksLike(packet, 0, packet.length));
        assertTrue(DiscoEnvelope.looksLike(packet, 0, 62));
        assertFalse(DiscoEnvelope.looksLike(packet, 0, 61));
        assertFalse(DiscoEnvelope.looksLike(packet, 1, packet.length - 1));
        packet[5] ^= 1;
        assertFalse(DiscoEnvelope.looksLike(packet, 0, packet.length));
        assertNull(DiscoEnvelope.open(FROM_ME, packet, 0, packet.length));
    }

    @Test
    void shouldNotOpenWithAnotherKey() {
        byte[] packet = DiscoEnvelope.seal(TO_THEM, MINE.publicKey(), new Pong(ID, IPV6), Seeds.random(1));
        DiscoPublicKey stranger = DiscoPrivateKey.generate(Seeds.random(2)).publicKey();
        assertNull(DiscoEnvelope.open(NaclBox.between(THEIRS, stranger), packet, 0, packet.length));
    }

    @Test
    void shouldOpenWhatItSealedAndNothingThatWasTouched() {
        Seeds.forEach(100, random -> {
            DiscoMessage message = DiscoSamples.message(random);
            byte[] sealed = DiscoEnvelope.seal(TO_THEM, MINE.publicKey(), message, random);
            assertEquals(DiscoEnvelope.OVERHEAD + DiscoCodec.encodedLength(message), sealed.length);
            int offset = random.nextInt(5);
            byte[] buffer = new byte[offset + sealed.length];
            System.arraycopy(sealed, 0, buffer, offset, sealed.length);
            assertEquals(MINE.publicKey(), DiscoEnvelope.sender(buffer, offset));
            assertEquals(message, DiscoEnvelope.open(FROM_ME, buffer, offset, sealed.length));
            assertNull(DiscoEnvelope.open(FROM_ME, buffer, offset, random.nextInt(sealed.length)));
            int sealedFrom = offset + 6 + DiscoPublicKey.LENGTH;
            buffer[random.nextInt(sealedFrom, buffer.length)] ^= (byte) (1 << random.nextInt(8));
            assertNull(DiscoEnvelope.open(FROM_ME, buffer, offset, sealed.length));
        });
    }

    @FuzzTest(maxDuration = "5s")
    void shouldNotOpenHostileBytes(byte[] bytes) {
        assertNull(DiscoEnvelope.open(FROM_ME, bytes, 0, bytes.length));
    }

    private static void assertGolden(DiscoMessage message, int length, String box) {
        byte[] packet = DiscoEnvelope.seal(TO_THEM, MINE.publicKey(), message, new CountingBytes());
        assertEquals(MAGIC + MINE_PUBLIC_HEX + NONCE + box, Hex.text(packet));
        assertEquals(length, packet.length);
        assertEquals(message, DiscoEnvelope.open(FROM_ME, packet, 0, packet.length));
    }

    /** A random source that gives 00, 01, 02 and so on. */
    private static final class CountingBytes implements RandomGenerator {
        @Override
        public void nextBytes(byte[] bytes) {
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) i;
            }
        }

        @Override
        public long nextLong() {
            throw new UnsupportedOperationException();
        }
    }
}
