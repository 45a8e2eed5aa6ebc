package dev.warren.protocol.coordination;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.key.IdentityPrivateKey;
import dev.warren.protocol.testing.Hex;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class RequestSignatureTest {
    private static final IdentityPrivateKey KEY = IdentityPrivateKey.parse("idpriv:" + "01".repeat(32));
    private static final MeshId MESH = new MeshId("00".repeat(16));
    private static final byte[] BODY = "{}".getBytes(StandardCharsets.UTF_8);
    private static final SignedRequest REQUEST = new SignedRequest("POST", "/v1/update?x=1", BODY, "nonce1");

    @Test
    void theSignedTextIsSixLines() {
        String text = "warren request v1\n" // domain
                + "00000000000000000000000000000000\n" // mesh
                + "POST\n/v1/update?x=1\n" // method; path with query
                + "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\n" // SHA-256 of {}
                + "nonce1\n"; // nonce
        byte[] expected = KEY.sign(text.getBytes(StandardCharsets.UTF_8));
        assertEquals(Base64.getEncoder().encodeToString(expected), RequestSignature.sign(KEY, MESH, REQUEST));
    }

    @Test
    void theSignatureHolds() {
        String signature = RequestSignature.sign(KEY, MESH, REQUEST);
        assertTrue(RequestSignature.verify(KEY.publicKey(), signature, MESH, REQUEST));
    }

    @Test
    void nothingInTheRequestCanBeChanged() {
        String signature = RequestSignature.sign(KEY, MESH, REQUEST);
        byte[] otherBody = "[]".getBytes(StandardCharsets.UTF_8);
        List<SignedRequest> changed = List.of(
                new SignedRequest("GET", REQUEST.path(), BODY, "nonce1"),
                new SignedRequest("POST", "/v1/update?x=2", BODY, "nonce1"),
                new SignedRequest("POST", REQUEST.path(), otherBody, "nonce1"),
                new SignedRequest("POST", REQUEST.path(), BODY, "nonce2"));
        for (SignedRequest request : changed) {
            assertFalse(RequestSignature.verify(KEY.publicKey(), signature, MESH, request), request::toString);
        }
        MeshId otherMesh = new MeshId("11".repeat(16));
        assertFalse(RequestSignature.verify(KEY.publicKey(), signature, otherMesh, REQUEST));
    }

    @Test
    void anotherIdentityDidNotSign() {
        String signature = RequestSignature.sign(KEY, MESH, REQUEST);
        IdentityPrivateKey other = IdentityPrivateKey.parse("idpriv:" + "02".repeat(32));
        assertFalse(RequestSignature.verify(other.publicKey(), signature, MESH, REQUEST));
    }

    @Test
    void garbageIsNoSignature() {
        for (String garbage : List.of("", "****", "AAAA", "A".repeat(88))) {
            assertFalse(RequestSignature.verify(KEY.publicKey(), garbage, MESH, REQUEST));
        }
    }

    @Test
    void lineFeedsCannotShiftTheParts() {
        assertThrows(CoordinationFormatException.class, () -> new SignedRequest("POST", "/a\nb", BODY, "n"));
        assertThrows(CoordinationFormatException.class, () -> new SignedRequest("POST", "/a", BODY, "n\n"));
    }

    @Test
    void theKeyIsTheOneExpected() {
        // RFC 8032: the public key of the seed 01 01 ... 01
        assertEquals(
                "8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c",
                KEY.publicKey().hex());
        assertEquals(32, Hex.bytes(KEY.publicKey().hex()).length);
    }
}
