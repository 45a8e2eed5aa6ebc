package dev.warren.protocol.coordination;

import dev.warren.protocol.key.IdentityPrivateKey;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * A {@link NodeStatement} as the exact text that was signed, with the Ed25519 signature of the identity named in it.
 *
 * <p>The signature is over {@code "warren node record v1\n"} followed by the payload's UTF-8 bytes. The text is never
 * re-encoded on the way, so fields that a later version adds stay covered.
 *
 * @param payload the statement's JSON
 * @param signature 64 bytes in base64
 */
public record SignedNodeRecord(String payload, String signature) {
    private static final String DOMAIN = "warren node record v1\n";
    private static final int MAX_PAYLOAD = 16 * 1024;
    private static final int MAX_SIGNATURE = 128;

    /** Checks the bounds, not the signature; throws {@link CoordinationFormatException}. */
    public SignedNodeRecord {
        Checks.text("payload", MAX_PAYLOAD, payload);
        Checks.text("signature", MAX_SIGNATURE, signature);
    }

    /** Signs {@code statement}, whose identity must be {@code key}'s. */
    public static SignedNodeRecord sign(NodeStatement statement, IdentityPrivateKey key) {
        if (!key.publicKey().equals(statement.identity())) {
            throw new IllegalArgumentException("a statement is signed by the identity that it names");
        }
        String payload = Json.encodeText(statement);
        byte[] signature = key.sign(signedBytes(payload));
        return new SignedNodeRecord(payload, Base64.getEncoder().encodeToString(signature));
    }

    /** The statement, after the signature proved to be its identity's; throws {@link CoordinationFormatException}. */
    public NodeStatement verify() {
        NodeStatement statement = Json.decodeText(payload, NodeStatement.class);
        if (!statement.identity().verify(signedBytes(payload), signatureBytes())) {
            throw new CoordinationFormatException(
                    "the node record of " + statement.identity().shortText() + " is not signed by that identity");
        }
        return statement;
    }

    private byte[] signatureBytes() {
        try {
            return Base64.getDecoder().decode(signature);
        } catch (IllegalArgumentException notBase64) {
            throw new CoordinationFormatException("field \"signature\" is not base64", notBase64);
        }
    }

    private static byte[] signedBytes(String payload) {
        return (DOMAIN + payload).getBytes(StandardCharsets.UTF_8);
    }
}
