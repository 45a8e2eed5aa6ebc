package dev.warren.protocol.stun;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.stun.StunAttribute.Fingerprint;
import dev.warren.protocol.stun.StunAttribute.Raw;
import dev.warren.protocol.stun.StunAttribute.Software;
import dev.warren.protocol.stun.StunAttribute.XorMappedAddress;
import dev.warren.protocol.testing.Hex;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The test vectors of RFC 5769 section 2, and of RFC 8489 appendix B.1 as corrected by erratum 6268. */
@Timeout(30)
final class Rfc5769Test {
    private static final byte[] PASSWORD = StunIntegrity.shortTermKey("VOkJxbRl1RmTxUk/WvJxBt");
    private static final TransactionId ID = TransactionId.of(Hex.bytes("b7e7a701bc34d686fa87dfae"), 0);
    private static final TransactionId LONG_TERM_ID = TransactionId.of(Hex.bytes("78ad3433c6ad72c029da412e"), 0);
    private static final String USER = "\u30de\u30c8\u30ea\u30c3\u30af\u30b9";

    @Test
    void sampleRequest() {
        byte[] bytes = Hex.bytes(
                "00010058", // binding request, length
                "2112a442", // cookie
                "b7e7a701bc34d686fa87dfae", // transaction
                "80220010", // SOFTWARE
                "5354554e207465737420636c69656e74", // STUN test client
                "00240004", // PRIORITY
                "6e0001ff",
                "80290008", // ICE-CONTROLLED
                "932ff9b151263b36",
                "00060009", // USERNAME
                "6576746a3a68367659", // evtj:h6vY
                "202020", // padding
                "00080014", // MESSAGE-INTEGRITY
                "9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2",
                "80280004", // FINGERPRINT
                "e57a3bcf");
        StunMessage message = decoded(bytes);
        assertEquals(MessageType.BINDING_REQUEST, message.type());
        assertEquals(ID, message.id());
        assertEquals(new Software("STUN test client"), message.attributes().getFirst());
        assertEquals(
                Raw.of(AttributeType.USERNAME, "evtj:h6vY".getBytes(StandardCharsets.US_ASCII)),
                message.attributes().get(3));
        assertEquals(new Fingerprint(0xe57a3bcf), message.attributes().getLast());
        assertSealed(bytes);
    }

    @Test
    void sampleIpv4Response() {
        byte[] bytes = Hex.bytes(
                "0101003c", // binding success, length
                "2112a442", // cookie
                "b7e7a701bc34d686fa87dfae", // transaction
                "8022000b", // SOFTWARE
                "7465737420766563746f72", // test vector
                "20", // padding
                "00200008", // XOR-MAPPED-ADDRESS
                "0001a147e112a643",
                "00080014", // MESSAGE-INTEGRITY
                "2b91f599fd9e90c38c7489f92af9ba53f06be7d7",
                "80280004", // FINGERPRINT
                "c07d4c96");
        InetSocketAddress expected = new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 32853);
        assertEquals(
                List.of(new Software("test vector"), new XorMappedAddress(expected)),
                decoded(bytes).attributes().subList(0, 2));
        assertEquals(new BindingAnswer.Mapped(ID, expected), BindingAnswer.parse(bytes, 0, bytes.length));
        assertSealed(bytes);
    }

    @Test
    void sampleIpv6Response() {
        byte[] bytes = Hex.bytes(
                "01010048", // binding success, length
                "2112a442", // cookie
                "b7e7a701bc34d686fa87dfae", // transaction
                "8022000b", // SOFTWARE
                "7465737420766563746f72", // test vector
                "20", // padding
                "00200014", // XOR-MAPPED-ADDRESS
                "0002a1470113a9faa5d3f179bc25f4b5bed2b9d9",
                "00080014", // MESSAGE-INTEGRITY
                "a382954e4be67bf11784c97c8292c275bfe3ed41",
                "80280004", // FINGERPRINT
                "c8fb0b4c");
        InetSocketAddress expected =
                new InetSocketAddress(InetAddress.ofLiteral("2001:db8:1234:5678:11:2233:4455:6677"), 32853);
        assertEquals(
                List.of(new Software("test vector"), new XorMappedAddress(expected)),
                decoded(bytes).attributes().subList(0, 2));
        assertSealed(bytes);
    }

    @Test
    void sampleRequestWithLongTermAuthentication() {
        byte[] bytes = Hex.bytes(
                "00010060", // binding request, length
                "2112a442", // cookie
                "78ad3433c6ad72c029da412e", // transaction
                "00060012", // USERNAME
                "e3839ee38388e383aae38383e382afe382b9",
                "0000", // padding
                "0015001c", // NONCE
                "662f2f3439396b39353464364f4c33346f4c394653547679363473" + "41",
                "0014000b", // REALM
                "6578616d706c652e6f7267", // example.org
                "00", // padding
                "00080014", // MESSAGE-INTEGRITY
                "f67024656dd64a3e02b8e0712e85c9a28ca89666");
        // The RFC's password, "The<soft hyphen>M<feminine ordinal>tr<roman nine>", prepared as SASLprep says.
        byte[] key = StunIntegrity.longTermKey("MD5", USER, "example.org", "TheMatrIX");
        assertTrue(StunIntegrity.hasIntegrity(bytes, 0, bytes.length, key));
        assertFalse(StunIntegrity.hasFingerprint(bytes, 0, bytes.length));
        StunMessage unsealed = StunMessage.of(
                MessageType.BINDING_REQUEST,
                LONG_TERM_ID,
                Raw.of(AttributeType.USERNAME, USER.getBytes(StandardCharsets.UTF_8)),
                Raw.of(AttributeType.NONCE, "f//499k954d6OL34oL9FSTvy64sA".getBytes(StandardCharsets.US_ASCII)),
                Raw.of(AttributeType.REALM, "example.org".getBytes(StandardCharsets.US_ASCII)));
        assertArrayEquals(bytes, StunCodec.encode(StunIntegrity.withIntegrity(unsealed, key)));
    }

    @Test
    void sampleRequestWithSha256AndUserhash() {
        byte[] bytes = Hex.bytes(
                "00010090", // binding request, length
                "2112a442", // cookie
                "78ad3433c6ad72c029da412e", // transaction
                "001e0020", // USERHASH
                "4a3cf38fef6992bda952c6780417da0f24819415569e60b205c46e41407f1704",
                "00150029", // NONCE
                "6f624d61744a6f733241414143662f2f3439396b39353464364f4c33346f4c39465354767936347341",
                "000000", // padding
                "0014000b", // REALM
                "6578616d706c652e6f7267", // example.org
                "00", // padding
                "001d0004", // PASSWORD-ALGORITHM
                "00020000", // SHA-256, no parameters
                "001c0020", // MESSAGE-INTEGRITY-SHA256
                "b5c7bf005b6c52a21c51c5e892f81924136296cb927c43149309278cc6518e65");
        byte[] key = StunIntegrity.longTermKey("SHA-256", USER, "example.org", "TheMatrIX");
        assertTrue(StunIntegrity.hasIntegritySha256(bytes, 0, bytes.length, key));
        StunMessage message = decoded(bytes);
        StunMessage unsealed = StunMessage.of(
                message.type(), message.id(), message.attributes().subList(0, 4).toArray(StunAttribute[]::new));
        assertArrayEquals(bytes, StunCodec.encode(StunIntegrity.withIntegritySha256(unsealed, key)));
    }

    /** Integrity and fingerprint hold, and no longer do when any single byte is changed. */
    private static void assertSealed(byte[] bytes) {
        assertTrue(StunIntegrity.hasIntegrity(bytes, 0, bytes.length, PASSWORD));
        assertTrue(StunIntegrity.hasFingerprint(bytes, 0, bytes.length));
        assertFalse(StunIntegrity.hasIntegrity(bytes, 0, bytes.length, new byte[] {1}));
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] ^= 1;
            assertFalse(StunIntegrity.hasFingerprint(bytes, 0, bytes.length), "byte " + i);
            boolean covered = i < bytes.length - 8;
            assertEquals(!covered, StunIntegrity.hasIntegrity(bytes, 0, bytes.length, PASSWORD), "byte " + i);
            bytes[i] ^= 1;
        }
    }

    private static StunMessage decoded(byte[] bytes) {
        return assertInstanceOf(StunMessage.class, StunCodec.decode(bytes, 0, bytes.length));
    }
}
